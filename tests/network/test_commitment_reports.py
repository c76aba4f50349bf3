"""Reports on storage commitment that are early, late, elsewhere, incomplete or lies."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    Association,
    AssociationError,
    CommitmentFailure,
    LimitExceededError,
    OperationAbortedError,
    OperationTimeoutError,
    StorageCommitment,
    UserIdentity,
    request_storage_commitment,
)
from support.hostile_peer import (
    EXPLICIT,
    Line,
    Script,
    abort,
    accept,
    answer,
    command,
    context,
    element,
    hostile,
    pdata,
    pdv,
    release_request,
    release_response,
)
from support.peers import free_port
from support.samples import CT_IMAGE, Element, dataset

HOST = "127.0.0.1"
COMMITMENT = "1.2.840.10008.1.20.1"
TRANSACTION = "1.2.3.4"
ONE = (CT_IMAGE, "1.2.3.1")
TWO = (CT_IMAGE, "1.2.3.2")
ACCEPTED = answer(0x8130)
RELEASE = 5


def item(reference: tuple[str, str], *more: Element) -> list[Element]:
    return [(0x00081150, "UI", reference[0]), (0x00081155, "UI", reference[1]), *more]


def report(
    kept: list[tuple[str, str]],
    failed: list[tuple[str, str]] | None = None,
    transaction: str = TRANSACTION,
) -> bytes:
    """Event information."""
    elements: list[Element] = [(0x00081195, "UI", transaction)]
    if failed:
        reason = (0x00081197, "US", 0x0110)
        elements.append((0x00081198, "SQ", [item(one, reason) for one in failed]))
    elements.append((0x00081199, "SQ", [item(one) for one in kept]))
    return dataset(elements)


def event(data: bytes | None, kind: int = 1, sop_class: str = COMMITMENT) -> bytes:
    """An N-EVENT-REPORT."""
    number = 0x0101 if data is None else 1
    fields: dict[str, Any] = {"sop_class": sop_class, "field": 0x0100, "id": 9, "data": number}
    fields["sop_instance"] = "1.2.840.10008.1.20.1.1"
    message = pdata(pdv(1, 3, command(element(0x1002, kind), **fields)))
    return message if data is None else message + values(data)


def values(data: bytes) -> bytes:
    return pdata(pdv(1, 2, data))


def asked(line: Line) -> None:
    line.asked(context(1, EXPLICIT))


def released(line: Line) -> None:
    """What comes is read, until a release is asked for and granted."""
    while line.receive()[0] != RELEASE:
        pass
    line.send(release_response)


def saying(*parts: bytes) -> Script:
    """What comes after the request; then the association may be released."""

    def script(line: Line) -> None:
        asked(line)
        line.send(*parts)
        released(line)

    return script


def ask(port: int, **options: Any) -> Any:
    given = {"instances": [ONE, TWO], "transaction_uid": TRANSACTION, "timeout_ms": 5000}
    return request_storage_commitment(host=HOST, port=port, **{**given, **options})


def test_the_terms_of_the_association_are_those_that_are_given() -> None:
    seen: list[bytes] = []

    def script(line: Line) -> None:
        seen.append(line.receive()[1])
        line.send(accept(context(1, EXPLICIT)))
        line.message()
        line.send(ACCEPTED, event(report([ONE, TWO])))
        released(line)

    with hostile(script) as port:
        assert ask(port).unwrap().success
        assert (
            ask(
                port,
                calling_ae_title="ME",
                called_ae_title="YOU",
                max_pdu=4096,
                user=UserIdentity.username("who", "secret"),
            )
            .unwrap()
            .success
        )
    first, second = seen
    assert (first[4:20].strip(), first[20:36].strip()) == (b"ANY-SCP", b"DCMTK_NATIVE")
    assert b"\x51\0\0\4\0\0\x40\0" in first
    assert (second[4:20].strip(), second[20:36].strip()) == (b"YOU", b"ME")
    assert b"\x51\0\0\4\0\0\x10\0" in second
    assert b"\0\3who\0\6secret" in second


@pytest.mark.parametrize(
    ("script", "options"),
    [
        (lambda line: line.receive(), {"acse_timeout": 0.2}),
        (asked, {"dimse_timeout": 0.2}),
    ],
    ids=["acse_timeout", "dimse_timeout"],
)
def test_its_stages_have_their_own_time(script: Script, options: dict[str, float]) -> None:
    with hostile(script) as port:
        begin = time.monotonic()
        error = ask(port, **options).error
        assert time.monotonic() - begin < 2
    assert isinstance(error, AssociationError)
    assert "no answer in time" in error.message


def test_a_report_may_come_before_the_answer() -> None:
    with hostile(saying(event(report([ONE, TWO])), ACCEPTED, release_request)) as port:
        assert ask(port).unwrap().committed == (ONE, TWO)


def test_a_report_that_nobody_waits_for_any_more_does_not_disturb_the_next_request() -> None:
    def script(line: Line) -> None:
        line.opened(context(1, EXPLICIT), context(3, EXPLICIT))
        line.message()
        line.send(ACCEPTED)
        line.message()
        line.send(event(report([ONE, TWO])), answer(0x8030, 3, answers=2))
        line.message()

    with hostile(script) as port:
        contexts = [COMMITMENT, "1.2.840.10008.1.1"]
        peer = Association.open(HOST, port, contexts=contexts).unwrap()
        assert not peer.storage_commitment([ONE], wait=0).unwrap().is_reported
        assert peer.echo(timeout_ms=5000).ok
        peer.abort()


INCOMPLETE: dict[str, tuple[bytes, tuple[Any, ...], dict[tuple[str, str], int | None]]] = {
    "nothing named": (report([]), (), {ONE: None, TWO: None}),
    "one not named": (report([ONE]), (ONE,), {TWO: None}),
    "one of another class": (report([ONE, ("1.2", TWO[1])]), (ONE,), {TWO: None}),
    "one both kept and failed": (report([ONE, TWO], [TWO]), (ONE,), {TWO: 0x0110}),
    "others, too": (report([ONE, TWO, (CT_IMAGE, "9.9")], [(CT_IMAGE, "8.8")]), (ONE, TWO), {}),
    "one twice": (report([ONE, ONE], [TWO, TWO]), (ONE,), {TWO: 0x0110}),
    "no sequence": (dataset([(0x00081195, "UI", TRANSACTION)]), (), {ONE: None, TWO: None}),
    "no reason": (
        dataset([(0x00081195, "UI", TRANSACTION), (0x00081198, "SQ", [item(ONE), item(TWO)])]),
        (),
        {ONE: None, TWO: None},
    ),
    "items without a name": (
        dataset([(0x00081195, "UI", TRANSACTION), (0x00081199, "SQ", [[], item(ONE)])]),
        (ONE,),
        {TWO: None},
    ),
    "no sequence of items": (
        dataset([(0x00081195, "UI", TRANSACTION), (0x00081199, "LO", "all")]),
        (),
        {ONE: None, TWO: None},
    ),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_only_what_a_report_says_is_kept(name: str) -> None:
    data, committed, failed = INCOMPLETE[name]
    with hostile(saying(ACCEPTED, event(data))) as port:
        found = ask(port, wait=5).unwrap()
    assert found.is_reported
    assert found.committed == committed
    assert found.failed == tuple(CommitmentFailure(*one, why) for one, why in failed.items())
    assert found.success == (not failed)


OTHERS: dict[str, bytes] = {
    "of another transaction": event(report([ONE, TWO], transaction="1.2.3.40")),
    "without a transaction": event(dataset([(0x00081199, "SQ", [item(ONE)])])),
    "of another class": event(report([ONE, TWO]), sop_class="1.2.840.10008.5.1.1.16"),
    "of another type": event(report([ONE, TWO]), kind=3),
    "without data": event(None),
    "with an empty data set": event(b""),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_reports_are_no_answer(name: str) -> None:
    with hostile(saying(ACCEPTED, OTHERS[name])) as port:
        found = ask(port, wait=0.2).unwrap()
    assert (found.is_reported, found.success, found.committed) == (False, False, ())
    with hostile(saying(ACCEPTED, OTHERS[name], event(report([ONE, TWO])))) as port:
        assert ask(port, wait=5).unwrap().success


DAMAGED: dict[str, tuple[bytes, type[Exception], str]] = {
    "half an element": (event(b"\x08\0\x95"), AssociationError, "damaged data set"),
    "an element past its end": (
        event(b"\x08\0\x95\x11UI\xf0\xff1.2.3.4\0"),
        AssociationError,
        "damaged data set",
    ),
    "another request": (
        pdata(pdv(1, 3, command(sop_class=COMMITMENT, field=0x0030, id=9, data=0x0101))),
        AssociationError,
        "something else",
    ),
    "an answer to nothing": (answer(0x8130, answers=1), AssociationError, "something else"),
    "a command where data is due": (
        event(b"").removesuffix(values(b"")) + event(None),
        AssociationError,
        "a command within a data set",
    ),
    "an abort": (abort(0, 0, 0, 0), AssociationError, "aborted the association"),
    "an accept": (accept(context(1, EXPLICIT)), AssociationError, "does not belong"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_lie_ends_the_association(name: str) -> None:
    parts, kind, text = DAMAGED[name]
    with hostile(saying(ACCEPTED, parts)) as port:
        peer = Association.open(HOST, port, contexts=[COMMITMENT]).unwrap()
        error = peer.storage_commitment([ONE], transaction_uid=TRANSACTION, timeout_ms=5000).error
        assert not peer.is_open
    assert isinstance(error, kind), error
    assert text in error.message


def test_a_report_beyond_all_measure_is_a_limit() -> None:
    def script(line: Line) -> None:
        asked(line)
        line.send(ACCEPTED, event(b"").removesuffix(values(b"")))
        line.flood(pdata(pdv(1, 0, bytes(16000))))

    with hostile(script) as port:
        error = ask(port, timeout_ms=20_000).error
    assert isinstance(error, LimitExceededError)


def test_reports_without_end_are_ended_by_the_deadline() -> None:
    def script(line: Line) -> None:
        asked(line)
        line.flood(event(report([ONE], transaction="9")) * 100)

    with hostile(script) as port:
        begin = time.monotonic()
        error = ask(port, timeout_ms=500).error
        assert time.monotonic() - begin < 1
    assert isinstance(error, OperationTimeoutError)


def test_a_report_that_stops_in_the_middle_is_ended_by_the_deadline() -> None:
    with hostile(saying(ACCEPTED, event(report([ONE]))[:-10])) as port:
        begin = time.monotonic()
        error = ask(port, timeout_ms=300, wait=0.1).error
        assert time.monotonic() - begin < 1
    assert isinstance(error, OperationTimeoutError)


def test_a_wait_can_be_aborted() -> None:
    controller = AbortController()
    with hostile(saying(ACCEPTED)) as port:
        timer = threading.Timer(0.1, controller.abort)
        timer.start()
        begin = time.monotonic()
        error = ask(port, signal=controller.signal).error
        assert time.monotonic() - begin < 1
        timer.join()
    assert isinstance(error, OperationAbortedError)


def test_a_peer_that_releases_without_a_report_has_not_reported() -> None:
    with hostile(saying(ACCEPTED, release_request)) as port:
        found = ask(port).unwrap()
    assert not found.is_reported


def to_port(port: int, *events: bytes, role: bool = True) -> list[bytes]:
    """Reports on an association that the peer opens; the answers."""
    from pynetdicom import AE, build_role
    from pynetdicom.sop_class import StorageCommitmentPushModel

    entity = AE()
    entity.add_requested_context(StorageCommitmentPushModel)
    roles = [build_role(StorageCommitmentPushModel, scp_role=True)] if role else []
    association = entity.associate(HOST, port, ext_neg=roles)
    assert association.is_established
    answers = []
    for one in events:
        status, _ = association.send_n_event_report(
            _read(one), 1, StorageCommitmentPushModel, "1.2.840.10008.1.20.1.1"
        )
        answers.append(status.Status)
    association.release()
    return answers


def _read(data: bytes) -> Any:
    from io import BytesIO

    import pydicom

    return pydicom.dcmread(BytesIO(data), force=True)


def listening(script: Callable[[int], Script], **options: Any) -> Any:
    """What comes of a request whose peer is told the port to report to."""
    port = free_port()
    with hostile(script(port)) as peer:
        return ask(peer, listen_port=port, listen_address=HOST, **options)


def test_a_port_takes_the_report_of_a_peer_that_is_gone() -> None:
    seen: list[Any] = []

    def script(port: int) -> Script:
        def run(line: Line) -> None:
            asked(line)
            line.send(ACCEPTED)
            line.reset()
            seen.extend(to_port(port, report([TWO], transaction="7"), report([ONE, TWO])))

        return run

    found = listening(script)
    assert found.unwrap() == StorageCommitment(TRANSACTION, True, (ONE, TWO), ())
    assert seen == [0, 0]


def test_nobody_stores_at_the_port() -> None:
    def script(port: int) -> Script:
        def run(line: Line) -> None:
            asked(line)
            line.send(ACCEPTED)
            released(line)
            with Association.open(HOST, port, contexts=[CT_IMAGE, COMMITMENT]).unwrap() as peer:
                contexts.extend(one.abstract_syntax for one in peer.contexts)

        return run

    contexts: list[str] = []
    error = listening(script, timeout_ms=1000, wait=0).error
    assert isinstance(error, OperationTimeoutError)
    assert contexts == [COMMITMENT]


def test_nonsense_at_the_port_is_not_our_peers() -> None:
    def script(port: int) -> Script:
        def run(line: Line) -> None:
            asked(line)
            line.send(ACCEPTED)
            released(line)
            with socket.create_connection((HOST, port)) as other:
                other.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with Association.open(HOST, port, contexts=[COMMITMENT]).unwrap() as other:
                other.n_event_report(COMMITMENT, "1.2", 1).unwrap()
                other.n_event_report(COMMITMENT, "1.2", 1, {"TransactionUID": "5"}).unwrap()
            to_port(port, report([ONE, TWO]), role=False)

        return run

    assert listening(script, wait=0).unwrap().success


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server((HOST, 0)) as taken, hostile(saying(ACCEPTED)) as peer:
        port = taken.getsockname()[1]
        error = ask(peer, listen_port=port, listen_address=HOST).error
    assert isinstance(error, AssociationError)
    assert f"Cannot listen on port {port} of {HOST}" in error.message
