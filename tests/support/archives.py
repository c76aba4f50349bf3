"""Archives on loopback: DCMTK's dcmqrscp and wlmscpfs, and Orthanc, with what is put into them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from dcmtk_native import dump2dcm
from support.orthanc import running_orthanc
from support.peers import Program, free_port, program_of_dcmtk, running
from support.samples import Element, ct_image, dicom_file

__all__ = ["ARCHIVES", "ROOT", "Archive", "dcmqrscp", "fill", "instance", "worklist"]

ROOT = "1.2.826.0.1.3680043.8.498.77"

_QR_CONFIG = """NetworkTCPPort = {port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
movers = ({movers})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE {storage} RW (200, 1024mb) ANY
AETable END
"""


def instance(patient: str, study: int, series: int, number: int, *changes: Element) -> bytes:
    """A CT image with its place in the hierarchy."""
    study_uid = f"{ROOT}.{study}"
    return dicom_file(
        ct_image(
            (0x00080018, "UI", f"{study_uid}.{series}.{number}"),
            (0x00080020, "DA", f"202401{study:02d}"),
            (0x00080030, "TM", "120000"),
            (0x00080050, "SH", f"A-{study}"),
            (0x00080060, "CS", "CT"),
            (0x00081030, "LO", f"study {study}"),
            (0x00100010, "PN", f"Doe^{patient}"),
            (0x00100020, "LO", patient),
            (0x0020000D, "UI", study_uid),
            (0x0020000E, "UI", f"{study_uid}.{series}"),
            (0x00200010, "SH", f"{study}"),
            (0x00200011, "IS", f"{series}"),
            (0x00200013, "IS", f"{number}"),
            *changes,
        )
    )


class Archive(Protocol):
    """Whatever listens on a port of 127.0.0.1 and keeps what it gets."""

    @property
    def port(self) -> int:
        """Of DICOM."""


def fill(server: Archive, folder: Path, contents: Sequence[bytes]) -> None:
    """Stores files in an archive, by DCMTK's storescu."""
    paths = []
    for number, content in enumerate(contents):
        path = folder / f"to-store-{server.port}-{number}.dcm"
        path.write_bytes(content)
        paths.append(str(path))
    command = [
        program_of_dcmtk("storescu"),
        "-aec",
        "ARCHIVE",
        "127.0.0.1",
        str(server.port),
        *paths,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@contextmanager
def dcmqrscp(
    folder: Path, *arguments: str, destinations: dict[str, int] | None = None
) -> Iterator[Program]:
    """DCMTK's archive, with the AE title ARCHIVE.

    Args:
        folder: for its configuration and its storage.
        arguments: of the program.
        destinations: ports on loopback that C-MOVE may send to, by AE title.
    """
    storage = folder / "storage"
    storage.mkdir()
    port = free_port()
    hosts = {"NOBODY": 1} if destinations is None else destinations
    movers = ", ".join(f"({title}, 127.0.0.1, {number})" for title, number in hosts.items())
    config = folder / "dcmqrscp.cfg"
    config.write_text(
        _QR_CONFIG.format(port=port, storage=storage, movers=movers.removeprefix("(")[:-1])
    )
    with running(folder, "dcmqrscp", "-c", config, *arguments, port=port) as server:
        yield server


@contextmanager
def worklist(folder: Path, dumps: Sequence[str]) -> Iterator[Program]:
    """DCMTK's worklist server, with the AE title ARCHIVE and an entry for each dump."""
    entries = folder / "worklist" / "ARCHIVE"
    entries.mkdir(parents=True)
    (entries / "lockfile").touch()
    for number, text in enumerate(dumps):
        dump = folder / f"entry-{number}.dump"
        dump.write_text(text)
        dump2dcm(dump, entries / f"{number}.wl").unwrap()
    with running(folder, "wlmscpfs", "-dfp", entries.parent) as server:
        yield server


ARCHIVES: Final[dict[str, Callable[..., AbstractContextManager[Archive]]]] = {
    "dcmqrscp": dcmqrscp,
    "orthanc": running_orthanc,
}
"""By name: a folder of its own, and `destinations` of C-MOVE."""
