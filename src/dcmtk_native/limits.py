"""How much foreign input may ask for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on foreign input; more is a `LimitExceededError`. No honest file meets the defaults.

    Attributes:
        max_depth: sequences within sequences.
        max_elements: elements and items of one file, all levels together.
        max_element_length: bytes of one value.
        max_file_size: bytes of one file.
        max_inflate_ratio: what a deflated data set may grow to, as a multiple of its size.
        min_inflate_allowance: bytes that a deflated data set may grow to whatever the ratio.
        max_pixel_bytes: rows x columns x samples x bytes x frames that may be claimed.
    """

    max_depth: int = 64
    max_elements: int = 100_000_000
    max_element_length: int = 0xFFFFFFFE
    max_file_size: int = 1 << 40
    max_inflate_ratio: int = 200
    min_inflate_allowance: int = 32 << 20
    max_pixel_bytes: int = 64 << 30

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                msg = f"{name}={value!r}: a limit is a number of at least 0"
                raise ValueError(msg)
