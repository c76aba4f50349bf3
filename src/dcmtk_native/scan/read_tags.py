"""read_tags: the values of a few tags of one file."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Final

from dcmtk_native._core import scan as _core
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.scan.scanning import Dates, Tags

__all__ = ["read_tags"]

_LOGGER: Final = logging.getLogger("dcmtk_native.scan")


@operation
def read_tags(
    input_path: Annotated[InputSource, Opt(help="DICOM file to read")],
    tags: Tags,
    *,
    dates: Dates = "text",
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> dict[str, Any]:
    r"""The values of these tags in one file, by the names that were given.

    Tags are keywords, tags, or paths such as `ContentSequence[0].TextValue`. A value is text, a
    number, a list of them if there are several, or `None` if the file has none. One that is none of
    its kind, such as an IS of letters, is `None`, with a warning in the log. The file is read only
    as far as its last wanted element.

    Errors:
        OptionsError: a tag is unknown, or its values are no text and no numbers.
        DicomFileError: the file is missing or cannot be read.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.

    Example:
        >>> read_tags("image.dcm", ["PatientID", "(0028,0010)", "PixelSpacing"]).unwrap()
        {'PatientID': '1CT1', '(0028,0010)': 128, 'PixelSpacing': [0.661468, 0.661468]}
    """
    read = read_options(read_mode, read_xfer, limits)
    request = _core.Request(tags, dates, False, read)
    table = _core.read_file(input_path, request)
    for _, column, args in table.errors():
        _LOGGER.warning("%s has no value: %s", column, args[1])
    return {name: table.column(index)[0] for index, name in enumerate(request.names)}
