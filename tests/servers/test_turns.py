"""What threads and signal handlers agree by."""

from __future__ import annotations

import threading
import time

from dcmtk_native._runtime.turns import Latch, Turn


def test_a_turn_is_had_once() -> None:
    turn = Turn()
    assert not turn.is_taken
    taken: list[bool] = []
    threads = [threading.Thread(target=lambda: taken.append(turn.take())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 1
    assert turn.is_taken


def test_all_who_wait_go_on_when_a_latch_opens() -> None:
    latch = Latch()
    went: list[bool] = []
    threads = [threading.Thread(target=lambda: went.append(latch.wait(30))) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert not latch.wait(0)
    latch.open()
    for thread in threads:
        thread.join()
    assert went == [True] * 20
    assert latch.wait()


def test_opening_twice_is_as_good_as_once() -> None:
    latch = Latch()
    latch.open()
    latch.open()
    assert latch.wait(0)


def test_a_waiter_that_was_interrupted_while_it_held_the_lock_stops_nobody() -> None:
    latch = Latch()
    latch.open()
    latch._lock.acquire()
    assert latch.wait(5)


def test_a_wait_that_is_in_vain_takes_its_time_and_no_more() -> None:
    begin = time.monotonic()
    assert not Latch().wait(0.05)
    assert 0.04 < time.monotonic() - begin < 5
