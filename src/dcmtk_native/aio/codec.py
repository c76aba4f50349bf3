"""The awaitable forms of what compresses and decompresses pixel data."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

dcmcjpeg = mirror(tools.dcmcjpeg)
dcmcjpls = mirror(tools.dcmcjpls)
dcmcrle = mirror(tools.dcmcrle)
dcmdjpeg = mirror(tools.dcmdjpeg)
dcmdjpls = mirror(tools.dcmdjpls)
dcmdrle = mirror(tools.dcmdrle)

__all__ = ["dcmcjpeg", "dcmcjpls", "dcmcrle", "dcmdjpeg", "dcmdjpls", "dcmdrle"]
