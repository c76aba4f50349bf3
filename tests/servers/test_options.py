"""What the servers promise of their options: names, order, defaults, values, combinations."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    AllowedPeer,
    Dcmrecv,
    FilenameMode,
    OptionsError,
    PreferredTransferSyntax,
    StorageMode,
    StoreSCP,
    StoreSCPPreset,
    SubdirectoryMode,
    TlsConfig,
    aio,
)
from dcmtk_native._runtime.signature import REQUIRED, Declaration, Refusal
from dcmtk_native._runtime.tool import declaration_of
from dcmtk_native.cli.values import reader_of
from support.contract import DEFL, ENC, OUT, OUTX_DEFLATED, Row, anything, flag, number, words
from support.network_cases import PREFERRED

SERVERS: dict[str, Any] = {"Dcmrecv": Dcmrecv, "StoreSCP": StoreSCP}

SECONDS = (1, 30, 2_000_000), (0, -1, True, 1.5, "1", 2_000_001)
MS = (1, 5000, (1 << 31) - 1), (0, -1, True, 1.5, "1", None, 1 << 31)
PATH = Row(None, (None, "folder", Path("folder")), ("", 1, b"x", "a\0"))
HOOK = Row(None, (None, "echo #p '#f'", print), ("", "  ", "'", 5, "a\0"))
PREFIX = Row(False, (True, False, "ct", "ct_1"), ("", "a/b", "a\n", "\0", 1, None))

SHARED = {
    "port": Row(REQUIRED, (0, 104, 65535), (-1, 65536, True, "104", 1.5, None)),
    "ae_title": Row(None, (None, "A", "MY_SCP"), ("", "x" * 17, "A\\B", "   ", "A\n", 1)),
    "output_directory": PATH,
    "config_file": PATH,
    "config_profile": Row(None, (None, "Default"), ("", 1)),
    "filename_extension": Row(None, (None, ".dcm", "x"), ("", "a/b", "\0", 1)),
    "acse_timeout": Row(30, *SECONDS),
    "dimse_timeout": Row(None, (None, *SECONDS[0]), SECONDS[1]),
    "max_pdu": number(16384, 4096, 131072),
    "host_lookup": flag(True),
    "tls": Row(None, (None, TlsConfig()), (1, "pem", {}, True)),
    "verbose_pc": flag(False),
    "max_associations": number(16, 1, 10_000),
    "max_associations_per_peer": Row(None, (None, 1, 10_000), (0, -1, True, "1", 10_001)),
    "peers": Row(
        None,
        (None, [AllowedPeer()], ("CT1", "CT1@10.0.0.0/8", "@::1", AllowedPeer(network="::1"))),
        ([], "CT1", ["@"], [""], ["x" * 17], ["CT1@300.1.1.1"], [1], 5),
    ),
    "reuse_port": flag(False),
    "sock": anything(None, (None, 3, sys.stdin), (-1, True, 1.5, "3", object())),
    "bind_address": Row(None, (None, "127.0.0.1", "::1", "localhost"), ("", "a b", 1)),
    "start_timeout_ms": Row(10_000, *MS),
    "drain_timeout_ms": Row(5_000, *MS),
    "signal": Row(None, (None, AbortController().signal), ()),
}
CONTRACT: dict[str, dict[str, Row]] = {
    "Dcmrecv": {
        **SHARED,
        "subdirectory": words("none", *SubdirectoryMode, "series-date"),
        "filename_mode": words("default", *FilenameMode, "unique", "short-unique", "system-time"),
        "storage_mode": words("normal", *StorageMode, "bit-preserving", "ignore"),
        "use_called_ae_title": flag(False),
    },
    "StoreSCP": {
        **SHARED,
        **OUT,
        **OUTX_DEFLATED,
        **ENC,
        **DEFL,
        "preferred_transfer_syntax": anything(
            None,
            (None, *PreferredTransferSyntax, *PREFERRED, ("rle", "accept-all"), ["implicit"]),
            ("nonsense", "", 1, ("x",)),
        ),
        "sort_by_study": PREFIX,
        "sort_by_study_uid": PREFIX,
        "sort_by_patient_name": flag(False),
        "unique_filenames": flag(False),
        "time_names": flag(False),
        "bit_preserving": flag(False),
        "exec_on_reception": HOOK,
        "exec_on_end_of_study": HOOK,
        "exec_sync": flag(False),
        "end_of_study_timeout": Row(None, (None, *SECONDS[0]), SECONDS[1]),
        "rename_on_end_of_study": flag(False),
        "socket_timeout": Row(60, *SECONDS),
        "convert_un": flag(False),
        "promiscuous": flag(False),
        "uid_padding": flag(False),
        "ignore_store": flag(False),
        "refuse": flag(False),
        "reject_without_implementation_uid": flag(False),
    },
}
ROWS = [
    pytest.param(name, option, row, id=f"{name}-{option}")
    for name, rows in CONTRACT.items()
    for option, row in rows.items()
]


def declared(name: str) -> Declaration:
    return declaration_of(SERVERS[name].create)


@pytest.mark.parametrize("name", CONTRACT)
def test_a_server_has_what_is_promised_and_nothing_that_is_not(name: str) -> None:
    parameters = declared(name).parameters
    assert parameters.keys() == CONTRACT[name].keys()
    assert not any(one.positional for one in parameters.values())
    assert all(one.opt.help for one in parameters.values())


@pytest.mark.parametrize("name", CONTRACT)
def test_all_of_it_but_functions_and_signals_can_be_given_in_a_shell(name: str) -> None:
    for one in declared(name).parameters.values():
        assert reader_of(one.annotation) is not None or one.name == "signal", one.name


@pytest.mark.parametrize(("name", "option", "row"), ROWS)
def test_an_option_has_its_default_and_takes_its_values(name: str, option: str, row: Row) -> None:
    declaration = declared(name)
    default = declaration.parameters[option].default
    assert default == row.default
    assert type(default) is type(row.default)
    for value in row.taken:
        declaration.checked((), {option: value})
    for value in row.refused:
        with pytest.raises(Refusal, match=f"^{option}="):
            declaration.checked((), {option: value})


@pytest.mark.parametrize("name", CONTRACT)
def test_create_says_which_option_is_wrong_and_why(name: str) -> None:
    error = SERVERS[name].create(port=70_000).error
    assert isinstance(error, OptionsError)
    assert error.message == (
        f"{name}: invalid options: port=70000: must be an integer from 0 to 65535"
    )
    assert error.tool == name


@pytest.mark.parametrize("name", CONTRACT)
def test_what_is_no_option_raises(name: str) -> None:
    with pytest.raises(TypeError, match="bogus"):
        SERVERS[name].create(port=0, bogus=1)
    with pytest.raises(TypeError, match="port"):
        SERVERS[name].create()


@pytest.mark.parametrize("name", CONTRACT)
def test_the_signal_has_to_be_one(name: str) -> None:
    error = SERVERS[name].create(port=0, signal=5).error
    assert isinstance(error, OptionsError)
    assert "signal=5" in error.message


@pytest.mark.parametrize("name", CONTRACT)
def test_create_reads_and_makes_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    created = SERVERS[name].create(
        port=0,
        output_directory="in",
        config_file="nowhere.cfg",
        config_profile="Default",
        tls=TlsConfig(ca_files="nowhere.pem"),
    )
    assert created.ok
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", CONTRACT)
def test_the_twin_is_made_of_the_same_options(name: str) -> None:
    twin: Any = getattr(aio, name)
    assert inspect.signature(twin.create) == inspect.signature(SERVERS[name].create)
    assert isinstance(twin.create(port=0).unwrap(), twin)
    assert "port=-1" in twin.create(port=-1).error.message


ALONE = [
    ("Dcmrecv", {"config_file": "x"}, "config_file='x': only with config_profile"),
    ("Dcmrecv", {"config_profile": "x"}, "config_profile='x': only with config_file"),
    (
        "Dcmrecv",
        {"storage_mode": "bit-preserving", "subdirectory": "series-date"},
        "subdirectory='series-date': not with storage_mode='bit-preserving'",
    ),
    ("StoreSCP", {"config_file": "x"}, "config_file='x': only with config_profile"),
    (
        "StoreSCP",
        {"sort_by_study": True, "sort_by_study_uid": "x"},
        "sort_by_study_uid='x': not with sort_by_study",
    ),
    (
        "StoreSCP",
        {"sort_by_study_uid": True, "sort_by_patient_name": True},
        "sort_by_patient_name=True: not with sort_by_study_uid",
    ),
    (
        "StoreSCP",
        {"bit_preserving": True, "sort_by_study": True},
        "sort_by_study=True: not with bit_preserving",
    ),
    (
        "StoreSCP",
        {"bit_preserving": True, "write_xfer": "little"},
        "write_xfer='little': not with bit_preserving",
    ),
    (
        "StoreSCP",
        {"bit_preserving": True, "uid_padding": True},
        "uid_padding=True: not with bit_preserving",
    ),
    (
        "StoreSCP",
        {"unique_filenames": True, "time_names": True},
        "time_names=True: not with unique_filenames",
    ),
    (
        "StoreSCP",
        {"rename_on_end_of_study": True},
        "rename_on_end_of_study=True: only with a sorting option",
    ),
    (
        "StoreSCP",
        {"end_of_study_timeout": 5},
        "end_of_study_timeout=5: only with a sorting option or exec_on_end_of_study",
    ),
    ("StoreSCP", {"exec_sync": True}, "exec_sync=True: only with a command"),
    (
        "StoreSCP",
        {"exec_sync": True, "exec_on_reception": print},
        "exec_sync=True: only with a command",
    ),
    (
        "StoreSCP",
        {"compression_level": 9},
        "compression_level=9: only with write_xfer='deflated'",
    ),
    (
        "StoreSCP",
        {"write_mode": "dataset", "padding": (2, 2)},
        "padding=(2, 2): a data set without meta information is not padded",
    ),
    (
        "StoreSCP",
        {"config_file": "x", "config_profile": "y", "promiscuous": True},
        "promiscuous=True: not with config_file",
    ),
    (
        "StoreSCP",
        {"config_file": "x", "config_profile": "y", "preferred_transfer_syntax": "rle"},
        "preferred_transfer_syntax='rle': not with config_file",
    ),
    *(
        ("StoreSCP", {"ignore_store": True, name: value}, f"{name}={value!r}: not with ignore")
        for name, value in {
            "write_mode": "dataset",
            "enable_new_vr": False,
            "sort_by_patient_name": True,
            "unique_filenames": True,
            "output_directory": "x",
            "bit_preserving": True,
            "exec_on_reception": "true",
        }.items()
    ),
]


@pytest.mark.parametrize(("name", "options", "rule"), ALONE)
def test_what_means_nothing_beside_another_option_is_refused(
    name: str, options: dict[str, Any], rule: str
) -> None:
    error = SERVERS[name].create(port=0, **options).error
    assert isinstance(error, OptionsError)
    assert error.message.startswith(f"{name}: invalid options: {rule}")


def test_presets_are_options_that_nobody_can_change() -> None:
    assert dict(StoreSCPPreset.BASIC_STORAGE) == {"unique_filenames": True}
    assert dict(StoreSCPPreset.TESTING) == {"unique_filenames": True, "bit_preserving": True}
    assert dict(StoreSCPPreset.PRODUCTION) == {
        "unique_filenames": True,
        "acse_timeout": 30,
        "dimse_timeout": 60,
    }
    for preset in (
        StoreSCPPreset.BASIC_STORAGE,
        StoreSCPPreset.TESTING,
        StoreSCPPreset.PRODUCTION,
    ):
        assert StoreSCP.create(**preset, port=0).ok
        with pytest.raises(TypeError):
            preset["port"] = 1  # type: ignore[index]
