"""What the network clients promise of their options."""

from __future__ import annotations

from pathlib import Path

from dcmtk_native import (
    GetQueryModel,
    MoveQueryModel,
    QueryModel,
    ReadMode,
    TlsConfig,
    UserIdentity,
)
from dcmtk_native._runtime.signature import REQUIRED
from dcmtk_native.network.syntaxes import PROPOSALS
from support.contract import (
    DEFL,
    ENC,
    OUT,
    OUTX_DEFLATED,
    READ_MODE,
    Row,
    anything,
    flag,
    number,
    optional_number,
    words,
)
from support.network_cases import KEYS, NO_KEYS, PEER, PREFERRED, PROPOSED, SECONDS

__all__ = ["NETWORK_CONTRACT"]

NET = {
    **{
        name: Row(REQUIRED if name in {"host", "port"} else None, *rule)
        for name, rule in PEER.items()
    },
    "connection_timeout": Row(None, (None, *SECONDS[0]), SECONDS[1]),
    "acse_timeout": Row(30.0, *SECONDS),
    "dimse_timeout": Row(None, (None, *SECONDS[0]), SECONDS[1]),
    "max_pdu": number(16384, 4096, 131072),
    "repeat": Row(1, (1, 7), (0, -1, True, 1.5, "1", None)),
    "abort_association": flag(False),
}
SEND_PDU = {"max_send_pdu": optional_number(4096, 131072)}
FILES = {
    "files": Row(REQUIRED, (["a.dcm"], ["a", Path("b"), b"DICM"]), ([], "a.dcm", [""], [1], None)),
    "scan_pattern": Row(None, (None, "*.dcm"), ("", 1)),
    "halt": flag(True),
}
COUNT_OR_NONE = Row(None, (None, 1, 1000), (0, -1, True, 1.5, "1"))
SOCKET = {"socket_timeout": Row(60.0, *SECONDS)}
TLS = {"tls": Row(None, (None, TlsConfig()), (1, "pem", {}, True))}
QUERY = {
    "keys": anything((), KEYS, NO_KEYS),
    "query_files": anything((), (["query.dcm"], ()), ("query.dcm", [""], [1], [b"x"])),
    "propose": Row(
        "uncompressed",
        (*PROPOSED, ("deflated", "little")),
        ("rle", "nonsense", "", 1, ("rle",), None),
    ),
}
CANCEL = {"cancel_after": Row(None, (None, 1, 1000), (0, -1, True, 1.5, "1"))}
PREFER = {
    "prefer": Row(
        "uncompressed", (*PREFERRED, ("rle", "jpeg8")), ("accept-all", "nonsense", 1, ("x",), None)
    )
}
NETWORK_CONTRACT: dict[str, dict[str, Row]] = {
    "storescu": {
        **NET,
        **SOCKET,
        **TLS,
        **SEND_PDU,
        **FILES,
        **READ_MODE,
        **DEFL,
        "scan_directories": flag(False),
        "recurse": flag(False),
        "user": Row(None, (None, UserIdentity.username("A")), ("A", 1)),
        "rename": flag(False),
        "config_file": Row(None, (None, "storescu.cfg"), ("", 1)),
        "config_profile": Row(None, (None, "Default"), (1,)),
        "propose": Row(
            "auto",
            (*PROPOSALS, "auto", ["little", "rle"]),
            ("", "nonsense", [], ["auto", "rle"], 1, None),
        ),
        "required_only": flag(False),
        "combine": flag(False),
        "enable_new_vr": flag(True),
        "uid_padding": flag(False),
        "invent_instance": flag(False),
        "invent_series": COUNT_OR_NONE,
        "invent_study": COUNT_OR_NONE,
        "invent_patient": COUNT_OR_NONE,
        "on_progress": Row(None, (None, print), ()),
    },
    "dcmsend": {
        **{name: row for name, row in NET.items() if name not in {"repeat", "abort_association"}},
        **SEND_PDU,
        **FILES,
        **DEFL,
        "read_mode": words("file-only", *ReadMode, "auto", "dataset"),
        "scan_directory": flag(False),
        "recurse": flag(False),
        "from_dicomdir": flag(False),
        "decompress": words("lossless", "never", "lossy"),
        "illegal_proposal": flag(True),
        "uid_checks": flag(True),
        "multi_associations": flag(True),
        "report_file": Row(None, (None, "report.txt"), ("", 1)),
        "verbose_pc": flag(False),
    },
    "findscu": {
        **NET,
        **SOCKET,
        **TLS,
        **QUERY,
        **CANCEL,
        **DEFL,
        "query_model": words(None, *QueryModel, "worklist", "patient", "study", "psonly"),
        "extract": flag(False),
        "output_directory": anything(None, (None, "folder"), (1, b"x", "")),
        "enable_new_vr": flag(True),
        "data_correction": flag(False),
        "extract_format": words("dicom", "xml", "xml-single"),
        "extract_limit": Row(None, (None, 1, 10000), (0, True, "1", 1.5)),
        "auto_level": flag(True),
    },
    "getscu": {
        **NET,
        **QUERY,
        **PREFER,
        "query_model": words(None, *GetQueryModel, "patient", "study", "psonly"),
        "output_directory": anything(None, (None, "folder"), (1, b"x", "")),
        "bit_preserving": flag(False),
        "ignore_store": flag(False),
    },
    "movescu": {
        **NET,
        **QUERY,
        **CANCEL,
        **OUT,
        **OUTX_DEFLATED,
        **ENC,
        **DEFL,
        "prefer": Row(
            "uncompressed",
            (*PREFERRED, "accept-all", ("rle", "accept-all")),
            ("nonsense", "", 1, ("x",), None),
        ),
        "query_model": words(None, *MoveQueryModel, "patient", "study", "psonly"),
        "move_destination": anything(None, (None, "WS1"), ("", "x" * 17, "A\\B", "   ", 1)),
        "output_directory": anything(None, (None, "folder"), (1, b"x", "")),
        "receive_port": Row(None, (None, 1, 65535), (0, 65536, True, "104", 1.5)),
        "ignore_pending_data": flag(True),
        "host_lookup": flag(True),
        "ignore_store": flag(False),
        "uid_padding": flag(False),
        "bit_preserving": flag(False),
    },
    "termscu": {
        **{name: NET[name] for name in (*PEER, "max_pdu")},
    },
    "echoscu": {
        **NET,
        **SOCKET,
        **TLS,
        "propose_ts": number(1, 1, 38),
        "propose_pc": number(1, 1, 128),
    },
}
