"""Files that a document names: a stranger's document must not be able to name just any file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native.convert import dump2dcm, xml2dcm
from dcmtk_native.errors import DicomFormatError
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err, Result

JPEG = "1.2.840.10008.1.2.4.50"

Convert = Callable[..., Result[Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the documents are, with files beside, below and above them."""
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "pixels.raw").write_bytes(b"\1\2\3\4")
    (folder / "below" / "odd.raw").write_bytes(b"\5\6\7")
    (tmp_path / "secret").write_bytes(b"the content of a secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture(params=["dump2dcm", "xml2dcm"])
def convert(request: pytest.FixtureRequest, folder: Path) -> Convert:
    """Converts a document whose pixel data are a named file."""

    def from_dump(name: str, vr: str = "OW", **options: Any) -> Result[Any]:
        path = folder / "document"
        path.write_text(f"(7fe0,0010) {vr} ={name}  # a comment\n")
        return dump2dcm(path, None, **options)

    def from_xml(name: str, vr: str = "OW", **options: Any) -> Result[Any]:
        path = folder / "document"
        path.write_text(
            '<data-set xfer="1.2.840.10008.1.2.1">'
            f'<element tag="7fe0,0010" vr="{vr}" binary="file">{name}</element></data-set>'
        )
        return xml2dcm(path, None, **options)

    return from_dump if request.param == "dump2dcm" else from_xml


@pytest.mark.parametrize("name", ["pixels.raw", "./pixels.raw", ".//pixels.raw"])
def test_files_beside_the_document(convert: Convert, name: str) -> None:
    assert convert(name).unwrap().data.endswith(b"\1\2\3\4")


def test_an_odd_length_is_padded(convert: Convert) -> None:
    assert convert("below/odd.raw", "OB").unwrap().data.endswith(b"\4\0\0\0\5\6\7\0")


@pytest.mark.parametrize(
    "name",
    [
        "/etc/hostname",
        "../secret",
        "below/../../secret",
        "below/../pixels.raw",
        "link",
        "linked/secret",
        "below",
        "pipe",
        "/dev/zero",
        "missing",
        ".",
        "x" * 1000,
    ],
)
def test_nothing_else_is_read(convert: Convert, name: str) -> None:
    result = convert(name)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFormatError)
    assert ", line 1" in result.error.message
    assert len(result.error.message) < 1000


def test_ignoring_errors_reads_it_no_more(convert: Convert) -> None:
    content = convert("link", ignore_errors=True).unwrap().data
    assert b"secret" not in content


def test_an_absolute_name_below_the_directory(convert: Convert, folder: Path) -> None:
    assert convert(f"{folder}/pixels.raw").ok
    assert not convert(f"{folder}x/pixels.raw").ok


def test_another_directory(convert: Convert, folder: Path) -> None:
    assert convert("odd.raw", file_directory=folder / "below").ok
    assert not convert("odd.raw", file_directory=folder).ok
    assert not convert("odd.raw", file_directory=folder / "missing").ok


@pytest.mark.parametrize(
    ("tool", "document"),
    [
        (dump2dcm, b"(7fe0,0010) OB =odd.raw"),
        (
            xml2dcm,
            b'<data-set xfer="1.2.840.10008.1.2.1">'
            b'<element tag="7fe0,0010" vr="OB" binary="file">odd.raw</element></data-set>',
        ),
    ],
)
def test_a_document_in_memory_has_no_directory(
    tool: Convert, document: bytes, folder: Path
) -> None:
    result = tool(document, None)
    assert isinstance(result, Err)
    assert "file_directory" in result.error.message
    assert tool(document, None, file_directory=folder / "below").ok


def test_limits(convert: Convert, folder: Path) -> None:
    assert convert("below/odd.raw", "OB", limits=Limits(max_pixel_bytes=3)).ok
    assert not convert("below/odd.raw", "OB", limits=Limits(max_pixel_bytes=2)).ok
    big = "x" * 100
    (folder / big).write_bytes(bytes(101))
    assert convert(big, "OB").ok
    assert not convert(big, "OB", limits=Limits(max_element_length=100)).ok


def test_big_endian_words_are_turned(folder: Path) -> None:
    for vr, expected in (("OW", b"\2\1\4\3"), ("OB", b"\1\2\3\4")):
        (folder / "document").write_text(f"(7fe0,0010) {vr} =pixels.raw")
        content = dump2dcm(folder / "document", None, big_endian_files=True).unwrap().data
        assert content is not None
        assert content.endswith(expected)


def test_a_name_in_brackets(folder: Path) -> None:
    (folder / "a # b").write_bytes(b"\1\2")
    (folder / "document").write_text("(7fe0,0010) OB [=a # b]")
    assert dump2dcm(folder / "document", None).ok


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_is_none(folder: Path, name: str) -> None:
    (folder / "document").write_text(f"(7fe0,0010) OB [={name}]")
    result = dump2dcm(folder / "document", None)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFormatError)


def test_a_file_may_be_several_fragments(folder: Path) -> None:
    item = "(fffe,e000) pi =pixels.raw\n"
    dump = f"(0002,0010) UI [{JPEG}]\n(7fe0,0010) OB (PixelSequence\n{item * 2}(fffe,e0dd) na"
    (folder / "document").write_text(dump)
    content = dump2dcm(folder / "document", None).unwrap().data
    assert content is not None
    fragments = content[content.index(b"\xe0\x7f\x10\0OB") :]
    assert fragments.count(b"\xfe\xff\0\xe0\4\0\0\0\1\2\3\4") == 2

    item = '<pixel-item binary="file">pixels.raw</pixel-item>'
    sequence = f'<sequence tag="7fe0,0010" vr="OB">{item * 2}</sequence>'
    (folder / "document").write_text(f'<data-set xfer="{JPEG}">{sequence}</data-set>')
    content = xml2dcm(folder / "document", None).unwrap().data
    assert content is not None
    assert content.endswith(fragments)
