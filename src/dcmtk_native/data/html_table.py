"""A data set as an HTML table, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import islice

from dcmtk_native.data.dictionary import lookup_tag
from dcmtk_native.data.values import to_text

__all__ = ["dataset_table"]

_MAX_ROWS = 1000
_MAX_VALUES = 16
_MAX_TEXT = 120
_MAX_DEPTH = 64
_CELL = "text-align:left;vertical-align:top;font-family:monospace"


def dataset_table(elements: Mapping[str, object]) -> str:
    """A table with a row for every element, those in items included; not more than fits a page.

    All text is escaped: a data set can bring words to the page, but no markup.
    """
    rows = list(islice(_rows(elements, 0), _MAX_ROWS + 1))
    if len(rows) > _MAX_ROWS:
        rows[-1] = _row("...", "", "", "", 0)
    head = _row("Tag", "Keyword", "VR", "Value", 0)
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _rows(elements: Mapping[str, object], depth: int) -> Iterator[str]:
    for key, element in elements.items():
        content = element if isinstance(element, Mapping) else {}
        vr = content.get("vr")
        values = content.get("Value")
        values = values if isinstance(values, (list, tuple)) else ()
        tag, keyword = _names(str(key))
        yield _row(tag, keyword, str(vr or ""), _shown(content, values), depth)
        if vr != "SQ" or depth >= _MAX_DEPTH:
            continue
        for number, item in enumerate(values):
            yield _row(f"item {number}", "", "", "", depth + 1)
            if isinstance(item, Mapping):
                yield from _rows(item, depth + 1)


def _row(tag: str, keyword: str, vr: str, value: str, depth: int) -> str:
    style = f"{_CELL};padding-left:{2 * depth}em" if depth else _CELL
    texts = ((tag, style), (keyword, _CELL), (vr, _CELL), (value, _CELL))
    cells = "".join(f'<td style="{cell}">{escape(_cut(text))}</td>' for text, cell in texts)
    return f"<tr>{cells}</tr>"


def _names(key: str) -> tuple[str, str]:
    """The tag in its usual form, and the keyword if it has one."""
    entry = lookup_tag(key)
    return f"({key[:4]},{key[4:]})", "" if entry is None else entry.name


def _shown(element: Mapping[str, object], values: Sequence[object]) -> str:
    """The values as DICOM writes them, a backslash between two."""
    if element.get("vr") == "SQ":
        return f"{len(values)} items"
    if "InlineBinary" in element:
        return "binary"
    if "BulkDataURI" in element:
        return str(element["BulkDataURI"])
    more = "\\..." if len(values) > _MAX_VALUES else ""
    return "\\".join(map(_entry, values[:_MAX_VALUES])) + more


def _entry(value: object) -> str:
    """A value as text; of a person name all groups."""
    if not isinstance(value, Mapping):
        return to_text(value)
    groups = [value.get(name) for name in ("Alphabetic", "Ideographic", "Phonetic")]
    return "=".join(str(group or "") for group in groups).rstrip("=")


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}..."
