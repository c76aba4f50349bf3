"""User identities: what a peer sees of them, and what it may answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt

from dcmtk_native import Association, AssociationError, UserIdentity
from support.hostile_peer import Line, context, hostile, item
from support.hostile_peer import user as users

SEEN: list[tuple[int, bytes, bytes | None, bool]] = []


def look(event: evt.Event) -> tuple[bool, bytes | None]:
    request = event.assoc.requestor.user_identity
    SEEN.append(
        (
            event.user_id_type,
            event.primary_field,
            event.secondary_field,
            request.positive_response_requested,
        )
    )
    return event.primary_field != b"mallory", b"ticket of the server"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    entity = AE()
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_USER_ID, look)]
    )
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def seen_of(port: int, user: UserIdentity) -> Any:
    SEEN.clear()
    opened = Association.open("127.0.0.1", port, user=user)
    # This server confirms no names.
    assert opened.ok != (user.positive_response and user.kind < 3)
    if opened.ok:
        with opened.value as peer:
            assert peer.echo().ok
    (one,) = SEEN
    return one


@pytest.mark.parametrize("asks", [False, True])
def test_each_kind_is_seen_as_it_is(port: int, tmp_path: Path, asks: bool) -> None:
    token = tmp_path / "token"
    token.write_bytes(b"\x60\x82\x00\xff binary")
    for user, kind, primary, secondary in (
        (UserIdentity.username("jürg", positive_response=asks), 1, "jürg".encode(), None),
        (UserIdentity.username("j", "geheim", positive_response=asks), 2, b"j", b"geheim"),
        (UserIdentity.kerberos(token, positive_response=asks), 3, token.read_bytes(), None),
        (UserIdentity.saml(b"<saml:Assertion/>", positive_response=asks), 4, b"<saml:Asser", None),
        (UserIdentity.jwt(b"a.b.c", positive_response=asks), 5, b"a.b.c", None),
    ):
        found = seen_of(port, user)
        assert found[0] == kind
        assert found[1].startswith(primary)
        assert found[2] in ({secondary} if secondary else {None, b""})
        assert found[3] is asks


def test_who_is_not_known_is_rejected(port: int) -> None:
    user = UserIdentity.username("mallory", positive_response=True)
    error = Association.open("127.0.0.1", port, user=user).error
    assert isinstance(error, AssociationError)
    assert "Association rejected" in error.message


def test_a_confirmation_that_was_asked_for_has_to_come() -> None:
    entity = AE()
    entity.add_supported_context("1.2.840.10008.1.1")
    ended: list[str] = []
    handlers = [(evt.EVT_ABORTED, lambda _: ended.append("abort"))]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    port = server.server_address[1]
    try:
        for make in (UserIdentity.username, UserIdentity.saml, UserIdentity.jwt):
            content: Any = "A" if make == UserIdentity.username else b"A"
            error = Association.open(
                "127.0.0.1", port, user=make(content, positive_response=True)
            ).error
            assert isinstance(error, AssociationError)
            assert "does not confirm the user identity" in error.message
            with Association.open("127.0.0.1", port, user=make(content)).unwrap() as peer:
                assert peer.echo().ok
    finally:
        server.shutdown()
        server.server_close()
    assert ended == ["abort"] * 3


def test_a_name_is_confirmed_by_an_empty_answer() -> None:
    def confirm(line: Line) -> None:
        line.opened(context(1), users=users(more=item(0x59, b"\0\0")))

    with hostile(confirm) as port:
        user = UserIdentity.username("A", "B", positive_response=True)
        opened = Association.open("127.0.0.1", port, user=user)
        assert opened.unwrap().is_open
        opened.unwrap().abort()


def test_a_secret_is_not_shown() -> None:
    assert "geheim" not in repr(UserIdentity.username("j", "geheim"))


@pytest.mark.parametrize("make", [UserIdentity.saml, UserIdentity.jwt, UserIdentity.kerberos])
def test_what_does_not_fit_into_its_field_is_refused(make: Any) -> None:
    assert make(bytes(65535)).primary
    with pytest.raises(ValueError, match="65535"):
        make(bytes(65536))
