"""UIDs of SOP classes by their keywords (PS3.6 annex A), as `pynetdicom.sop_class` has them.

>>> from dcmtk_native.compat.pynetdicom.sop_class import CTImageStorage
>>> CTImageStorage
'1.2.840.10008.5.1.4.1.1.2'
"""

from __future__ import annotations

from typing import Final

from pydicom._uid_dict import UID_dictionary
from pydicom.uid import UID

_KINDS: Final = frozenset({"SOP Class", "Meta SOP Class", "Service Class"})
_BY_KEYWORD: Final = {
    keyword: uid for uid, (_, kind, _, _, keyword) in UID_dictionary.items() if kind in _KINDS
}
__all__ = [*_BY_KEYWORD]  # noqa: PLE0604


def __getattr__(keyword: str) -> UID:
    """The UID of a SOP class.

    Errors:
        AttributeError: raised for what is no keyword of any.
    """
    if keyword not in _BY_KEYWORD:
        raise AttributeError(f"{keyword!r} is no keyword of a SOP class")
    return UID(_BY_KEYWORD[keyword])
