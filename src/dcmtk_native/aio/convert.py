"""The awaitable forms of what makes DICOM files out of documents."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

dump2dcm = mirror(tools.dump2dcm)
json2dcm = mirror(tools.json2dcm)
xml2dcm = mirror(tools.xml2dcm)

__all__ = ["dump2dcm", "json2dcm", "xml2dcm"]
