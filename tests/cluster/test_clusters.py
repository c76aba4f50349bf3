"""100,000 files on a Dask cluster and on Ray: the same table as from one process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from dcmtk_native import Ok, ScanResult, batch, dcmftest, iter_batches, scan, unwrap
from support.samples import ct_image, dicom_file

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),  # what the clusters say of themselves
]

COUNT = 100_000
IN_A_FOLDER = 1000
TAGS = ["PatientName", "PatientID", "InstanceNumber", "PixelSpacing", "ImageType", "Rows"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small images in folders; every thousandth file is none."""
    root = tmp_path_factory.mktemp("archive")
    name, number = b"Doe^000000", b"000000"
    image = dicom_file(
        ct_image((0x00100010, "PN", name), (0x00200013, "IS", number), rows=2, columns=2)
    )
    for first in range(0, COUNT, IN_A_FOLDER):
        folder = root / f"{first:06}"
        folder.mkdir()
        for index in range(first, first + IN_A_FOLDER):
            digits = b"%06d" % index
            content = image.replace(name, b"Doe^" + digits).replace(
                b"IS\6\0" + number, b"IS\6\0" + digits
            )
            (folder / f"{index:06}.dcm").write_bytes(content if index % 1000 else content[:200])
    return root


@pytest.fixture(scope="module")
def alone(archive: Path) -> ScanResult:
    result = unwrap(scan(archive, TAGS))
    assert len(result) == COUNT - COUNT // 1000
    assert result["InstanceNumber"][:2] == [1, 2]
    assert result["PatientName"][-1] == f"Doe^{COUNT - 1:06}"
    return result


@pytest.fixture(scope="module")
def dask() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


@pytest.fixture(scope="module")
def ray() -> Iterator[Executor]:
    module = pytest.importorskip("ray")
    from dcmtk_native.scan.ray_executor import RayExecutor

    module.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        yield RayExecutor()
    finally:
        module.shutdown()


@pytest.fixture(params=["dask", "ray"])
def executor(request: pytest.FixtureRequest) -> Executor:
    found: Executor = request.getfixturevalue(request.param)
    return found


def assert_same(one: ScanResult, other: ScanResult) -> None:
    assert one.to_arrow().equals(other.to_arrow())
    assert [each.path for each in one.errors] == [each.path for each in other.errors]
    assert not one.aborted


def test_a_cluster_gives_the_same_table(
    executor: Executor, archive: Path, alone: ScanResult
) -> None:
    result = unwrap(scan(archive, TAGS, executor=executor))
    assert_same(result, alone)
    assert result.retried == 0


def test_a_cluster_gives_the_same_batches(
    executor: Executor, archive: Path, alone: ScanResult
) -> None:
    batches = list(iter_batches(archive, TAGS, executor=executor, batch_size=20_000))
    assert [len(each) + len(each.errors) for each in batches] == [20_000] * 5
    names = [name for each in batches for name in each["PatientName"]]
    assert names == alone["PatientName"]


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    executor: Executor, archive: Path, alone: ScanResult
) -> None:
    victim = executor.submit(os.getpid).result(60)
    assert victim != os.getpid()
    killed = threading.Event()

    def kill(done: int, *_: object) -> None:
        if done >= COUNT // 10 and not killed.is_set():
            killed.set()
            os.kill(victim, signal.SIGKILL)

    result = unwrap(scan(archive, TAGS, executor=executor, chunk_size=500, on_progress=kill))
    assert killed.is_set()
    assert_same(result, alone)


def test_a_batch_runs_on_a_cluster_too(executor: Executor, archive: Path) -> None:
    files = sorted((archive / "000000").iterdir())[:20]
    outcome = batch(files, dcmftest, executor=executor)
    assert outcome.succeeded == 20
    assert all(isinstance(one, Ok) and one.value.is_dicom for one in outcome.results)
