"""
Data sets and the tools that read and write them.
"""

from __future__ import annotations
import collections.abc
import dcmtk_native.limits
import os
import typing
import typing_extensions

__all__: list[str] = [
    "CharsetOptions",
    "Dataset",
    "Dcm2jsonOptions",
    "Dcm2xmlOptions",
    "DcmconvOptions",
    "DcmdumpOptions",
    "DcmodifyOptions",
    "Draft",
    "ParseOptions",
    "ReadOptions",
    "WriteOptions",
    "check_tag_path",
    "copy_file",
    "dcm2json",
    "dcm2xml",
    "dcmconv",
    "dcmdump",
    "dcmftest",
    "dcmodify",
    "is_charset",
    "is_uid",
    "list_files",
    "new_uid",
    "write_file",
]

class ReadOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = ("read_mode", "read_xfer", "limits")
    def __init__(
        self, *, read_mode: str, read_xfer: str, limits: dcmtk_native.limits.Limits | None
    ) -> None: ...

class ParseOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "use_meta_length",
        "assume_even_length",
        "ignore_explicit_vr",
        "nonstandard_vr_implicit",
        "undefined_length_un_explicit",
        "convert_un",
        "private_max_length_sequence",
        "replace_wrong_delimiters",
        "convert_illegal_obow",
        "convert_illegal_voi",
        "use_explicit_length_pixel_data",
        "ignore_parse_errors",
        "data_correction",
        "zlib_bitstream",
        "stop_after",
        "stop_before",
    )
    def __init__(
        self,
        *,
        use_meta_length: bool,
        assume_even_length: bool,
        ignore_explicit_vr: bool,
        nonstandard_vr_implicit: bool,
        undefined_length_un_explicit: bool,
        convert_un: bool,
        private_max_length_sequence: bool,
        replace_wrong_delimiters: bool,
        convert_illegal_obow: bool,
        convert_illegal_voi: bool,
        use_explicit_length_pixel_data: bool,
        ignore_parse_errors: bool,
        data_correction: bool,
        zlib_bitstream: bool,
        stop_after: typing.SupportsInt | typing.SupportsIndex | None,
        stop_before: typing.SupportsInt | typing.SupportsIndex | None,
    ) -> None: ...

class WriteOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "write_mode",
        "transfer_syntax",
        "enable_new_vr",
        "group_length",
        "length_encoding",
        "padding",
        "file_pad",
        "item_pad",
        "compression_level",
        "write_oversized",
    )
    def __init__(
        self,
        *,
        write_mode: str,
        transfer_syntax: str,
        enable_new_vr: bool,
        group_length: str,
        length_encoding: str,
        padding: str,
        file_pad: typing.SupportsInt | typing.SupportsIndex,
        item_pad: typing.SupportsInt | typing.SupportsIndex,
        compression_level: typing.SupportsInt | typing.SupportsIndex,
        write_oversized: bool,
    ) -> None: ...

class CharsetOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "target",
        "transliterate",
        "discard_illegal",
    )
    def __init__(self, *, target: str, transliterate: bool, discard_illegal: bool) -> None: ...

class Draft:
    """
    A data set under construction, written at the end.

    Elements go to the cursor: the root at first, then the item that was begun. They may come in any
    order; one with the tag of an earlier one replaces it. At the root, tags of group 0002 go to the
    meta header. Odd lengths are padded by VR on writing. One thread's own object.
    """
    def __init__(self, transfer_syntax: str) -> None:
        """
        A draft to be written in this transfer syntax. Values are little endian whatever it is.
        """
    def begin_item(self) -> None:
        """
        Begins an item of the sequence: the cursor is in it.
        """
    def begin_sequence(self, tag: int | str) -> None:
        """
        Begins a sequence; items follow, up to `end_sequence`.
        """
    def end_item(self) -> None: ...
    def end_sequence(self) -> None: ...
    def erase(self, tag: int | str) -> bool:
        """
        Takes an element at the cursor back; whether it was there.
        """
    def has(self, tag: int | str) -> bool:
        """
        Whether the element is there, at the cursor.
        """
    def put_bytes(self, tag: int | str, vr: str, value: bytes | bytearray | memoryview) -> None:
        """
        Puts value bytes as they are.
        """
    def put_empty(self, tag: int | str, vr: str) -> None:
        """
        Puts an element without a value.
        """
    def put_fragments(
        self,
        tag: int | str,
        vr: str,
        fragments: collections.abc.Sequence[bytes | bytearray | memoryview],
    ) -> None:
        """
        Puts encapsulated pixel data, the offset table first (empty for none). It is always written as OB.
        """
    def put_held(self, tag: int | str, vr: str, value: typing_extensions.Buffer) -> None:
        """
        Puts value bytes that stay where they are: nothing may change them before the draft is written.
        """
    def put_numbers(
        self, tag: int | str, vr: str, values: collections.abc.Sequence[int | float]
    ) -> None:
        """
        Puts int and float values of a binary VR; of AT as 0xGGGGEEEE.
        """
    def put_text(self, tag: int | str, vr: str, value: str) -> None:
        """
        Puts a value in the form dcmodify takes it, "\\" between values.

        Numbers for numeric VRs, OF, OD, OL and OV; "(gggg,eeee)" for AT; hexadecimal for OB, OW and UN.
        Text is encoded in the character set in force: (0008,0005) of the item, else of those around it, as
        put so far. Its length and alphabet are not checked.
        """
    def text(self, tag: int | str) -> str | None:
        """
        The text of an element at the cursor, decoded, without padding; None if there is none.
        """
    def write(self, output: str | os.PathLike[str] | None, options: WriteOptions) -> bytes | None:
        """
        Writes the file, or the data set. Bytes if the output is None. Every sequence must have been ended.
        """

class Dataset:
    @staticmethod
    def read(
        input: str | os.PathLike[str] | bytes | bytearray | memoryview, options: ReadOptions
    ) -> Dataset: ...
    def __contains__(self, key: typing.Any) -> bool: ...
    def __len__(self) -> int: ...
    def content(self) -> bytes: ...
    def draft(self) -> Draft:
        """
        A draft that has all elements.
        """
    def element(self, key: typing.Any) -> typing.Any: ...
    def keys(self) -> list[typing.Any]: ...
    def keys_left_in_file(self) -> list[typing.Any]: ...
    def model(self) -> typing.Any: ...
    def value(
        self, path: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]
    ) -> typing.Any:
        """
        The value bytes at the end of a path (tag, item, tag, item, ..., tag), little endian; None without such a value.
        """
    @property
    def transfer_syntax(self) -> str: ...

class Dcm2jsonOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "read",
        "write_meta",
        "encode_extended",
        "binary",
        "direct_only",
        "compact",
    )
    def __init__(
        self,
        *,
        read: typing.Any,
        write_meta: bool,
        encode_extended: bool,
        binary: str,
        direct_only: bool,
        compact: bool,
    ) -> None: ...

class DcmdumpOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "read",
        "parse",
        "format",
        "all_tags",
        "search_tags",
        "print_values",
        "scan_directories",
        "scan_pattern",
        "recurse",
        "load_all",
        "max_read_length",
        "tree",
        "print_filename",
        "map_uid_names",
        "quote",
        "color",
        "ignore_errors",
        "search_first",
        "prepend_path",
        "write_pixel",
        "convert_charset",
    )
    def __init__(
        self,
        *,
        read: typing.Any,
        parse: typing.Any,
        format: str,
        all_tags: bool,
        search_tags: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
        print_values: bool,
        scan_directories: bool,
        scan_pattern: str,
        recurse: bool,
        load_all: bool,
        max_read_length: typing.SupportsInt | typing.SupportsIndex,
        tree: bool,
        print_filename: str,
        map_uid_names: bool,
        quote: str,
        color: bool,
        ignore_errors: bool,
        search_first: bool,
        prepend_path: bool,
        write_pixel: str | None,
        convert_charset: bool,
    ) -> None: ...

class Dcm2xmlOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "read",
        "xml_format",
        "use_namespace",
        "charset",
        "charset_assume",
        "charset_check_all",
        "write_binary_data",
        "binary_encoding",
        "dtd",
        "dtd_file",
        "element_names",
        "load_all",
        "max_read_length",
    )
    def __init__(
        self,
        *,
        read: typing.Any,
        xml_format: str,
        use_namespace: bool,
        charset: str,
        charset_assume: str,
        charset_check_all: bool,
        write_binary_data: bool,
        binary_encoding: str,
        dtd: str,
        dtd_file: str | None,
        element_names: bool,
        load_all: bool,
        max_read_length: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class DcmconvOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "read",
        "parse",
        "charset",
        "remove_invalid_groups",
        "write",
        "threads",
    )
    def __init__(
        self,
        *,
        read: typing.Any,
        parse: typing.Any,
        charset: typing.Any,
        remove_invalid_groups: bool,
        write: typing.Any,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class DcmodifyOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "read",
        "parse",
        "jobs",
        "create_file",
        "check_reservations",
        "update_meta_uids",
        "ignore_errors",
        "ignore_missing_tags",
        "ignore_un_values",
        "backup",
        "write",
    )
    def __init__(
        self,
        *,
        read: typing.Any,
        parse: typing.Any,
        jobs: collections.abc.Sequence[tuple[str, str, bytes]],
        create_file: bool,
        check_reservations: bool,
        update_meta_uids: bool,
        ignore_errors: bool,
        ignore_missing_tags: bool,
        ignore_un_values: bool,
        backup: bool,
        write: typing.Any,
    ) -> None: ...

def check_tag_path(path: str) -> None: ...
def copy_file(from_path: str, to_path: str) -> None: ...
def dcm2json(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview,
    output: str | os.PathLike[str] | None,
    options: Dcm2jsonOptions,
) -> tuple[typing.Any, ...]: ...
def dcm2xml(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview, options: Dcm2xmlOptions
) -> bytes: ...
def dcmconv(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview,
    output: str | os.PathLike[str] | None,
    options: DcmconvOptions,
) -> bytes | None: ...
def dcmdump(
    inputs: collections.abc.Sequence[str | os.PathLike[str] | bytes | bytearray | memoryview],
    options: DcmdumpOptions,
    on_progress: typing.Any,
) -> tuple[typing.Any, ...]: ...
def dcmftest(input: str | os.PathLike[str] | bytes | bytearray | memoryview) -> bool: ...
def dcmodify(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview,
    output: str | os.PathLike[str] | None,
    options: DcmodifyOptions,
) -> tuple[int, str | None, bytes | None]: ...
def is_charset(name: str) -> bool: ...
def is_uid(text: str) -> bool: ...
def list_files(
    path: str | os.PathLike[str] | bytes | bytearray | memoryview, pattern: str, recurse: bool
) -> list[typing.Any]: ...
def new_uid(root: str | None = None) -> str: ...
def write_file(path: str, content: bytes) -> None: ...
