"""Receivers that were written for pynetdicom, on `DicomServer`: only their imports change.

pydicom has to be there, pynetdicom has not. What cannot be served as pynetdicom does it is refused
with an error, when the server starts.

>>> from dcmtk_native.compat.pynetdicom import AE, evt
>>> ae = AE("STORE")
>>> ae.add_supported_context("1.2.840.10008.5.1.4.1.1.2")
>>> server = ae.start_server(
...     ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda event: 0x0000)]
... )
>>> server.shutdown()
"""

from __future__ import annotations

try:
    import pydicom as _pydicom  # noqa: F401
except ImportError as error:
    text = "this module needs pydicom; `pip install dcmtk_native[pydicom]` does it"
    raise ImportError(text) from error

from dcmtk_native.compat.pynetdicom import events as evt
from dcmtk_native.compat.pynetdicom import sop_class
from dcmtk_native.compat.pynetdicom.ae import AE, Server
from dcmtk_native.compat.pynetdicom.contexts import (
    ALL_TRANSFER_SYNTAXES,
    DEFAULT_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    PresentationContext,
    VerificationPresentationContexts,
    build_context,
)

StoragePresentationContexts = AllStoragePresentationContexts

__all__ = [
    "AE",
    "ALL_TRANSFER_SYNTAXES",
    "DEFAULT_TRANSFER_SYNTAXES",
    "AllStoragePresentationContexts",
    "PresentationContext",
    "Server",
    "StoragePresentationContexts",
    "VerificationPresentationContexts",
    "build_context",
    "evt",
    "sop_class",
]
