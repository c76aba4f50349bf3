"""dcmftest: whether a file is DICOM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups import LogLevelOption
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS

__all__ = ["DcmftestResult", "dcmftest"]


@dataclass(frozen=True, slots=True)
class DcmftestResult:
    """Whether the magic word stands where PS3.10 section 7.1 wants it."""

    is_dicom: bool


@tool
def dcmftest(
    input_path: Annotated[InputSource, Opt(help="file to test")],
    *,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmftestResult:
    """Whether an input has the magic word `DICM` at offset 128.

    The data set behind it is not parsed. A readable file without the word is `Ok` with
    `is_dicom=False`.

    Errors:
        DicomFileError: the file is missing or cannot be read.

    Example:
        >>> dcmftest(b"no DICOM file").unwrap()
        DcmftestResult(is_dicom=False)
    """
    return DcmftestResult(_core.dcmftest(input_path))
