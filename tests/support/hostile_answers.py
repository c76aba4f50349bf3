"""Answers that lie: what a peer sends, and what a client has to say about it."""

from __future__ import annotations

import struct

from support.hostile_peer import (
    abort,
    accept,
    answer,
    command,
    context,
    element,
    item,
    pdata,
    pdu,
    pdv,
    reject,
    release_request,
    release_response,
)

__all__ = ["ECHO_ANSWERS", "NEGOTIATION"]


def _users(content: bytes) -> bytes:
    return accept(context(1), users=item(0x50, content))


# Lengths that are too short or too long are those of what surrounds the lie.
NEGOTIATION: dict[str, tuple[bytes, str]] = {
    "an accept of 4 GiB": (pdu(2, bytes(100), 0xFFFFFFFF), "PDU of 4294967295 bytes"),
    "an accept above the limit": (pdu(2, bytes(100), (1 << 20) + 1), "PDU of 1048577 bytes"),
    "an accept of no bytes": (pdu(2, b""), "damaged PDU"),
    "an accept of one byte": (pdu(2, b"\0"), "damaged PDU"),
    "an accept that ends within a title": (pdu(2, b"\0\1" + bytes(30)), "damaged PDU"),
    "PDU type 0": (pdu(0, bytes(4)), "does not speak DICOM"),
    "PDU type 8": (pdu(8, bytes(4)), "does not speak DICOM"),
    "PDU type 255": (pdu(255, bytes(4)), "does not speak DICOM"),
    "another protocol version": (accept(context(1), version=2), "protocol version"),
    "a context that was not proposed": (accept(context(1), context(99)), "not proposed"),
    "only a context that was not proposed": (accept(context(3)), "not proposed"),
    "a context with an even number": (accept(context(2)), "not proposed"),
    "a context twice": (accept(context(1), context(1)), "answered a context twice"),
    "a context twice, refused first": (
        accept(context(1, result=3), context(1)),
        "answered a context twice",
    ),
    "a transfer syntax that was not proposed": (accept(context(1, "1.2.3")), "not proposed"),
    "a transfer syntax of binary zeros": (accept(context(1, "\0\0")), "no transfer syntax"),
    "a transfer syntax with control characters": (
        accept(context(1, "1.2\n\x1b[31m")),
        r"not proposed: 1\.2\?\?\[31m",
    ),
    "a transfer syntax of 60,000 bytes": (accept(context(1, "1" * 60_000)), "not proposed: 1{64}"),
    "an accepted context without a transfer syntax": (
        accept(context(1, None)),
        "no transfer syntax",
    ),
    "129 contexts": (accept(*(context(1) for _ in range(129))), "128 presentation contexts"),
    "a context that reaches past the end": (
        accept(tail=item(0x21, b"\1\0\0\0", 5000)),
        "reaches past",
    ),
    "a syntax that reaches past its context": (
        accept(item(0x21, b"\1\0\0\0" + item(0x40, b"1.2", 20))),
        "reaches past",
    ),
    "a context of two bytes": (accept(item(0x21, b"\1\0")), "reaches past"),
    "half of an item's header": (accept(context(1), tail=b"\x10\0"), "reaches past"),
    "a maximum length of three bytes": (_users(item(0x51, bytes(3))), "reaches past"),
    "a role whose UID reaches past it": (
        _users(item(0x54, struct.pack(">H", 500) + b"1.2\0\0")),
        "reaches past",
    ),
    "a role without its bytes": (_users(item(0x54, b"\0\3" + b"1.2")), "reaches past"),
    "an extended negotiation of one byte": (_users(item(0x56, b"\0")), "reaches past"),
    "an identity response that reaches past": (
        _users(item(0x59, struct.pack(">H", 65535) + b"x")),
        "reaches past",
    ),
    "an item of the user information that reaches past": (
        _users(item(0x52, b"1.2.3", 65535)),
        "reaches past",
    ),
    "an asynchronous window of one byte": (_users(item(0x53, b"\0")), "reaches past"),
    "a rejection cut short": (reject(0, 1), "damaged PDU"),
    "a rejection of no bytes": (reject(), "damaged PDU"),
    "a rejection of 4 GiB": (reject(0, 1, 1, 1, length=0xFFFFFFFF), "PDU of 4294967295"),
    "a rejection with unknown numbers": (reject(0, 9, 77, 200), "Association rejected"),
    "an abort cut short": (abort(0, 0), "damaged PDU"),
    "an abort of no bytes": (abort(), "damaged PDU"),
    "an abort of 4 GiB": (abort(0, 0, 0, 0, length=0xFFFFFFFF), "PDU of 4294967295"),
    "an abort with unknown numbers": (abort(0, 0, 77, 99), "aborted the association"),
    "data before the answer": (answer(0x8030), "something else"),
    "a release request before the answer": (release_request, "something else"),
    "a release before the answer": (release_response, "something else"),
    "a request as the answer": (pdu(1, bytes(68)), "something else"),
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it speaks HTTP"),
    "TLS": (b"\x15\x03\x01\0\2\2\x46", "it expects TLS"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2p1\r\n", "it speaks SSH"),
    "garbage": (bytes(range(128, 256)), "does not speak DICOM"),
}

ECHO_ANSWERS: dict[str, tuple[bytes, str]] = {
    "a P-DATA of 4 GiB": (pdata(length=0xFFFFFFFF), "PDU of 4294967295 bytes"),
    "a P-DATA above our maximum": (pdata(pdv(1, 3, bytes(20_000))), "16384 are allowed"),
    "a P-DATA of one byte": (pdu(4, b"\0"), "ends within a header"),
    "a P-DATA of five bytes": (pdu(4, bytes(5)), "ends within a header"),
    "a PDV of length 0": (pdata(pdv(1, 3, b"", 0)), "length"),
    "a PDV of length 1": (pdata(pdv(1, 3, b"", 1)), "length"),
    "a PDV of 4 GiB": (pdata(pdv(1, 3, b"abcd", 0xFFFFFFFF)), "reaches past its PDU"),
    "a PDV a byte too long": (pdata(pdv(1, 3, b"abcd", 7)), "reaches past its PDU"),
    "a second PDV that is cut": (
        pdata(pdv(1, 1, command(field=0x8030)), b"\0\0\0"),
        "ends within a header",
    ),
    "a context that was not accepted": (answer(0x8030, 3), "context"),
    "a context with an even number in a PDV": (answer(0x8030, 0), "context"),
    "data where a command is due": (pdata(pdv(1, 2, b"data")), "data where a command was due"),
    "a command of nothing": (pdata(pdv(1, 3, b"")), "no command field"),
    "a command of 320 kB": (
        pdata(*(pdv(1, 1, bytes(8000)) for _ in range(2))) * 20,
        "command of more than",
    ),
    "a command in two contexts": (
        pdata(pdv(1, 1, element(0x0100, 0x8030)), pdv(3, 3, element(0x0120, 1))),
        "changed the context",
    ),
    "a command and data in one": (
        pdata(pdv(1, 1, element(0x0100, 0x8030)), pdv(1, 2, b"data")),
        "data where a command was due",
    ),
    "a command that ends within an element": (
        pdata(pdv(1, 3, command(field=0x8030) + b"\0\0\0")),
        "ends within an element",
    ),
    "a command whose element reaches past it": (
        pdata(pdv(1, 3, element(0x0100, 0x8030) + element(0x0902, b"x", 5000))),
        "reaches past its end",
    ),
    "an element of 4 GiB": (
        pdata(pdv(1, 3, element(0x0100, 0x8030, 0xFFFFFFFF))),
        "reaches past its end",
    ),
    "sequences within a command": (
        pdata(
            pdv(
                1,
                3,
                element(0x0100, 0x8030)
                + b"".join(
                    struct.pack("<HHI", 0, 0x1001, 0xFFFFFFFF)
                    + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
                    for _ in range(500)
                ),
            )
        ),
        "damaged command",
    ),
    "an element of another group": (
        pdata(pdv(1, 3, command(element(0x00080018, "1.2.3"), field=0x8030))),
        "group 0008",
    ),
    "no command field": (
        pdata(pdv(1, 3, command(answers=1, data=0x0101, status=0))),
        "no command field",
    ),
    "a command field of one byte": (
        pdata(pdv(1, 3, command(field=b"\x30", answers=1, data=0x0101, status=0))),
        "no command field",
    ),
    "no message ID": (answer(0x8030, answers=None), "another request"),
    "another message ID": (answer(0x8030, answers=2), "another request"),
    "no status": (answer(0x8030, status=None), "no status"),
    "another response": (answer(0x8020), "another command"),
    "a request instead of a response": (answer(0x0030, id=1), "another command"),
    "our own request": (answer(0x0030, answers=None, status=None, id=1), "another command"),
    "a store nobody asked for": (answer(0x0001, id=1), "another command"),
    "a release request in the middle": (release_request, "released the association"),
    "a release nobody asked for": (release_response, "released the association unasked"),
    "an abort in the middle": (abort(0, 0, 2, 1), "unrecognized PDU"),
    "an accept in the middle": (accept(context(1)), "does not belong"),
    "a rejection in the middle": (reject(0, 1, 1, 1), "does not belong"),
    "a request in the middle": (pdu(1, bytes(68)), "does not belong"),
    "an unknown PDU in the middle": (pdu(9, bytes(4)), "does not speak DICOM"),
    "HTTP in the middle": (b"GET / HTTP/1.0\r\n\r\n", "it speaks HTTP"),
}
