"""Tags and paths of tags: text to segments, and back.

>>> from dcmtk_native.data.tags import parse_tag, segments_to_string, tag_path_to_segments
>>> segments = tag_path_to_segments("(0040,A730)[2].(0040,A160)")
>>> segments[0].index
2
>>> segments_to_string(segments)
'(0040,A730)[2].(0040,A160)'
>>> parse_tag("(0040,a730)")
'0040A730'
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dcmtk_native.constants import MAX_TRAVERSAL_DEPTH
from dcmtk_native.types import DicomTag

__all__ = [
    "TagSegment",
    "parse_tag",
    "segments_to_modify_path",
    "segments_to_string",
    "tag_path_to_segments",
]

_SEGMENT = re.compile(r"(\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\))(?:\[(?:(\*)|([0-9]{1,10}))\])?")
_TAG = re.compile(r"\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)|([0-9A-Fa-f]{8})")
_SHOWN = 40
_MAX_KNOWN_KEYS = 8192

_known_keys: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class TagSegment:
    """One step of a tag path: a tag, and which of its items to go on with.

    Attributes:
        tag: such as `(0040,A730)`, in the case it was written in.
        index: the number of the item, from 0; `None` if the path does not say.
        is_wildcard: whether the path says all items, `[*]`.
    """

    tag: DicomTag
    index: int | None = None
    is_wildcard: bool = False

    def __str__(self) -> str:
        if self.is_wildcard:
            return f"{self.tag}[*]"
        return self.tag if self.index is None else f"{self.tag}[{self.index}]"


def tag_path_to_segments(path: str) -> tuple[TagSegment, ...]:
    """The segments of a path like `(0040,A730)[0].(0040,A168)[*].(0008,0104)`.

    Errors:
        ValueError: raised if the path is empty, malformed, or longer than `MAX_TRAVERSAL_DEPTH`.
    """
    if not path:
        raise ValueError("tag path is empty")
    segments: list[TagSegment] = []
    position = 0
    while True:
        match = _SEGMENT.match(path, position)
        if match is None or path[match.end() : match.end() + 1] not in {"", "."}:
            raise ValueError(_malformed(path, position))
        if len(segments) == MAX_TRAVERSAL_DEPTH:
            raise ValueError(f"tag path has more than {MAX_TRAVERSAL_DEPTH} segments")
        tag, wildcard, index = match.groups()
        segments.append(TagSegment(DicomTag(tag), int(index) if index else None, bool(wildcard)))
        if match.end() == len(path):
            return tuple(segments)
        position = match.end() + 1


def _malformed(path: str, position: int) -> str:
    if position == len(path):
        return "tag path ends with a dot"
    rest = path[position : position + _SHOWN]
    return f"tag path has a bad segment at position {position}: {rest!r}"


def segments_to_string(segments: Iterable[TagSegment]) -> str:
    """The path that these segments were made from; empty for no segment."""
    return ".".join(map(str, segments))


def segments_to_modify_path(segments: Iterable[TagSegment]) -> str:
    """The path as dcmodify takes it, which is how `segments_to_string` writes it."""
    return segments_to_string(segments)


def parse_tag(text: str) -> str | None:
    """The 8 upper-case digits of a tag given as `(gggg,eeee)` or `ggggeeee`, else `None`."""
    return _known_keys.get(text) or _parse_new_tag(text)


def _parse_new_tag(text: object) -> str | None:
    match = _TAG.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    key = "".join(match.groups("")).upper()
    # Every data set asks for the same few tags; whoever asks for all of them starts anew.
    if len(_known_keys) >= _MAX_KNOWN_KEYS:
        _known_keys.clear()
    _known_keys[match.string] = key
    return key
