"""Every option that the tools promise is there: its name, its default, the values it takes."""

from __future__ import annotations

import inspect

import pytest

from dcmtk_native import (
    ColorConversion,
    JplsColorConversion,
    TransferSyntax,
    Window,
    tools,
)
from dcmtk_native._runtime.signature import REQUIRED, Declaration, Refusal
from dcmtk_native._runtime.tool import REGISTRY, declaration_of
from support.contract import (
    COMMON,
    DEC,
    DEFL,
    ENC,
    IN,
    NATIVE_OUT,
    NO_PAIRS,
    NO_PATHS,
    OUT,
    OUTX,
    PAIRS,
    PARSE,
    PARSE_MODIFY,
    PATHS,
    PIX,
    READ_MODE,
    TAG_FORMS,
    TO_DICOM,
    UID,
    UID_OF_DECODER,
    YES_NO_DEFAULT,
    Row,
    anything,
    flag,
    number,
    optional_number,
    words,
)
from support.network_contract import NETWORK_CONTRACT

assert tools.__all__  # importing them has registered them

A_PATH = ("file.dcm",)


CONTRACT: dict[str, dict[str, Row]] = {
    **NETWORK_CONTRACT,
    "dcmcrle": {
        "uid_always": flag(False),
        "uid": words("never", "always"),
        **IN,
        **PIX,
        **ENC,
    },
    "dcmcjpeg": {
        "quality": optional_number(0, 100),
        "lossless": YES_NO_DEFAULT,
        **IN,
        **PIX,
        **UID,
        **DEC,
        "window": Row(None, (None, Window.min_max(), Window.set(40, 400)), (1, "min-max")),
        **ENC,
        "process": words(
            None, "lossless-sv1", "lossless", "baseline", "extended", "spectral", "progressive"
        ),
        "pseudo_lossless": flag(False),
        "selection_value": number(6, 1, 7),
        "point_transform": number(0, 0, 15),
        "smoothing": number(0, 0, 100),
        "optimize_huffman": flag(True),
        "bits": Row("auto", ("auto", 8, 12, 16), ("8", 10, True, None)),
        "color_space": words("ybr", "rgb", "monochrome"),
        "sampling": words("422", "444", "422-full", "411-full", "411"),
        "scaling": words("pixel", "range"),
        "rescale": words("identity", "map"),
        "accept_acr_nema": flag(False),
        "accept_palettes": flag(False),
    },
    "dcmcjpls": {
        "lossless": YES_NO_DEFAULT,
        "max_deviation": optional_number(0, 65535),
        **IN,
        **PIX,
        **UID,
        **ENC,
        "cooked": flag(False),
        "threshold1": optional_number(1, 65535),
        "threshold2": optional_number(1, 65535),
        "threshold3": optional_number(1, 65535),
        "reset": optional_number(1, 65535),
        "interleave": words("line", "sample", "none", "default"),
        "zero_padding": flag(False),
    },
    "dcmdrle": {
        "uid_always": flag(False),
        **UID_OF_DECODER,
        **READ_MODE,
        "reverse_byte_order": flag(False),
        **NATIVE_OUT,
    },
    "dcmdjpeg": {
        "color_conversion": words(None, *ColorConversion, "photometric", "always", "never"),
        **UID_OF_DECODER,
        **READ_MODE,
        **DEC,
        "planar": words("auto", "by-pixel", "by-plane"),
        **NATIVE_OUT,
    },
    "dcmdjpls": {
        "color_conversion": words(None, *JplsColorConversion, "photometric", "always", "never"),
        **UID_OF_DECODER,
        **READ_MODE,
        "planar": words("restore", "auto", "by-pixel", "by-plane"),
        "workaround_incomplete": flag(False),
        "ignore_offset_table": flag(False),
        **NATIVE_OUT,
    },
    "dcmftest": {},
    "dcmdump": {
        "format": words("standard", "short", "long"),
        "all_tags": flag(False),
        "search_tag": anything(
            None, (None, *TAG_FORMS, ["PatientName", "(0010,0020)"]), ("NoKeyword", [], [""], 1)
        ),
        "print_values": flag(False),
        **IN,
        **PARSE,
        "stop_before": anything(None, (None, *TAG_FORMS), ("NoKeyword", "", 1)),
        "convert_charset": words(None, "utf8"),
        "scan_directories": flag(False),
        "scan_pattern": anything(None, (None, "*.dcm")),
        "recurse": flag(False),
        "load_all": flag(True),
        "max_read_length": number(4, 4, 4194302),
        "tree": flag(False),
        "print_filename": Row(False, (True, False, "search"), (1, 0, "yes")),
        "map_uid_names": flag(True),
        "quote": words("none", "xml", "octal"),
        "color": flag(False),
        "ignore_errors": flag(False),
        "search_first": flag(False),
        "prepend_path": flag(False),
        "write_pixel": anything(None, (None, *A_PATH), (1, b"x", "")),
    },
    "dcm2json": {
        "direct_only": flag(False),
        **IN,
        "write_meta": flag(False),
        "encode_extended": flag(False),
        "binary": words("inline", "omit"),
        "output_path": anything(None, (None, *A_PATH), (1, b"x", "")),
        "compact": flag(False),
    },
    "dcm2xml": {
        "namespace": flag(False),
        # Its convert_charset has three targets and another name.
        "charset": words("utf8", "latin1", "ascii"),
        "write_binary_data": flag(False),
        "encode_binary_base64": flag(True),
        **IN,
        "charset_assume": anything(None, (None, "ISO_IR 100")),
        "charset_check_all": flag(False),
        "output_path": anything(None, (None, *A_PATH), (1, b"x", "")),
        "xml_format": words("dcmtk", "native"),
        "load_all": flag(False),
        "max_read_length": number(4, 4, 4194302),
        "dtd": words("none", "reference", "embed"),
        "dtd_file": anything(None, (None, *A_PATH), (1, b"x", "")),
        "element_names": flag(True),
        "binary_encoding": words(None, "base64", "hex", "uuid"),
    },
    "dcmconv": {
        "transfer_syntax": anything(
            REQUIRED,
            (*TransferSyntax, "ge-private", "1.2.840.10008.1.2", "1.2.840.10008.1.2.4.201"),
            ("+xx", "little", "", "1.2.", None),
        ),
        **IN,
        **PARSE,
        "convert_charset": anything(
            None,
            (None, "utf8", "latin1", "ascii", "ISO_IR 100", "ISO_IR 192", "GB18030"),
            ("nonsense", "ISO 2022 IR 87", 1),
        ),
        "transliterate": flag(False),
        "discard_illegal": flag(False),
        "write_mode": words("new-meta", "file", "dataset"),
        **ENC,
        **DEFL,
        "write_oversized": flag(True),
        "remove_invalid_groups": flag(False),
    },
    "dcmodify": {
        "modifications": anything((), PAIRS, NO_PAIRS),
        "erasures": anything(None, (None, *PATHS), NO_PATHS),
        "erase_private_tags": flag(False),
        "no_backup": flag(True),
        "insert_if_missing": flag(False),
        **IN,
        **PARSE_MODIFY,
        **OUT,
        **OUTX,
        **ENC,
        "create_file": flag(False),
        "insertions": anything((), PAIRS, NO_PAIRS),
        "modifications_from_file": anything((), ([("PixelData", "raw")],), ([("[", "raw")],)),
        "insertions_from_file": anything((), ([("PixelData", "raw")],), ([("PixelData", 1)],)),
        "modify_all": anything((), PAIRS, NO_PAIRS),
        "erase_all": anything((), PATHS, NO_PATHS),
        "no_reservation_check": flag(False),
        "generate_study_uid": flag(False),
        "generate_series_uid": flag(False),
        "generate_instance_uid": flag(False),
        "update_meta_uids": flag(True),
        "ignore_errors": flag(False),
        "ignore_missing_tags": flag(False),
        "ignore_un_values": flag(False),
    },
    "xml2dcm": {**TO_DICOM, "validate_document": flag(False), "check_namespace": flag(False)},
    "json2dcm": {
        **TO_DICOM,
        "replace_charset": flag(False),
        "input_data": anything(None, (None, {}), ()),
    },
    "dump2dcm": {
        **TO_DICOM,
        "write_file_format": flag(True),
        "big_endian_files": flag(False),
        "max_line_length": number(4096, 80, (1 << 31) - 1),
    },
}

BEYOND = {
    "dcmftest": set(),
    "dcmdump": {"on_progress", "limits"},
    "dcm2json": {"limits"},
    "dcm2xml": {"limits"},
    "dcmconv": {"isolate", "limits", "threads"},
    "dcmcjpeg": {"isolate", "limits", "on_progress"},
    "dcmcjpls": {"isolate", "limits", "threads", "on_progress"},
    "dcmcrle": {"isolate", "limits", "threads", "on_progress"},
    "dcmdjpeg": {"isolate", "limits", "threads", "on_progress"},
    "dcmdjpls": {"isolate", "limits", "threads", "on_progress"},
    "dcmdrle": {"isolate", "limits", "threads", "on_progress"},
    "dcmodify": {"limits"},
    "dump2dcm": {"limits", "file_directory", "text_encoding"},
    "dcmsend": {"associations", "limits", "on_progress", "tls"},
    "echoscu": set(),
    "storescu": {"associations", "limits"},
    "findscu": {"on_response"},
    "getscu": {"on_progress", "tls"},
    "movescu": {"on_progress", "tls"},
    "termscu": set(),
    "json2dcm": {"limits"},
    "xml2dcm": {"limits", "file_directory"},
}
"""Options that neither DCMTK's programs nor the tools' forerunner have."""

POSITIONAL = {
    "dcmftest": ["input_path"],
    "dcmdump": ["input_path"],
    "dcm2json": ["input_path"],
    "dcm2xml": ["input_path"],
    "dcmcjpeg": ["input_path", "output_path"],
    "dcmcjpls": ["input_path", "output_path"],
    "dcmconv": ["input_path", "output_path"],
    "dcmcrle": ["input_path", "output_path"],
    "dcmdjpeg": ["input_path", "output_path"],
    "dcmdjpls": ["input_path", "output_path"],
    "dcmdrle": ["input_path", "output_path"],
    "dcmodify": ["input_path"],
    "dump2dcm": ["input_path", "output_path"],
    "dcmsend": [],
    "echoscu": [],
    "storescu": [],
    "findscu": [],
    "getscu": [],
    "movescu": [],
    "termscu": [],
    "json2dcm": ["input_path", "output_path"],
    "xml2dcm": ["input_path", "output_path"],
}
ROWS = [
    pytest.param(name, option, row, id=f"{name}-{option}")
    for name, rows in CONTRACT.items()
    for option, row in (rows | COMMON).items()
]


def declared(name: str) -> Declaration:
    return declaration_of(REGISTRY[name])


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_tool_has_what_is_promised_and_nothing_that_is_not(name: str) -> None:
    parameters = declared(name).parameters.values()
    assert [one.name for one in parameters if one.positional] == POSITIONAL[name]
    options = {one.name for one in parameters if not one.positional}
    assert options == CONTRACT[name].keys() | COMMON.keys() | BEYOND[name]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_option_is_given_by_name(name: str) -> None:
    kinds = {
        each.name: each.kind
        for each in inspect.signature(declared(name).function).parameters.values()
    }
    for option in CONTRACT[name].keys() | COMMON.keys() | BEYOND[name]:
        assert kinds[option] is inspect.Parameter.KEYWORD_ONLY


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
