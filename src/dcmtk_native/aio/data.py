"""The awaitable forms of what reads, shows and changes data sets."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

dcm2json = mirror(tools.dcm2json)
dcm2xml = mirror(tools.dcm2xml)
dcmconv = mirror(tools.dcmconv)
dcmdump = mirror(tools.dcmdump)
dcmftest = mirror(tools.dcmftest)
dcmodify = mirror(tools.dcmodify)

__all__ = ["dcm2json", "dcm2xml", "dcmconv", "dcmdump", "dcmftest", "dcmodify"]
