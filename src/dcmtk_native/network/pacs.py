"""A PACS, asked and told by methods of one object; an association a call.

>>> from dcmtk_native.network.pacs import PacsClient
>>> client = PacsClient.create(host="127.0.0.1", port=1, called_ae_title="PACS").unwrap()
>>> type(client.echo().error).__name__
'AssociationError'
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Annotated, Any, Final, TypeAlias, TypeVar, cast

from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native._runtime.groups_network import CalledAETitle, CallingAETitle, Host, PortOption
from dcmtk_native._runtime.options import MAX_TIMEOUT_MS, Opt
from dcmtk_native._runtime.signature import Declaration, Refusal
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.echoscu import EchoscuResult, echoscu
from dcmtk_native.network.findscu import findscu
from dcmtk_native.network.getscu import GetscuResult, getscu
from dcmtk_native.network.movescu import MovescuResult, movescu
from dcmtk_native.network.pacs_results import (
    PacsEchoResult,
    PacsQueryResult,
    PacsRetrieveResult,
    PacsStoreResult,
    RetrieveMode,
)
from dcmtk_native.network.queries import (
    ImageFilter,
    SeriesFilter,
    StudyFilter,
    WorklistFilter,
    filter_of,
    keys_of,
)
from dcmtk_native.network.services import QueryModel
from dcmtk_native.network.storescu import StorescuResult, storescu
from dcmtk_native.network.tls import TlsConfig, TlsOption
from dcmtk_native.result import Err, Ok, Result, map_result
from dcmtk_native.types import StrPath

__all__ = ["PacsClient"]


T = TypeVar("T")
_OwnTimeout = Annotated[
    int | None, Opt(help="of calls that have none of their own", lo=1, hi=MAX_TIMEOUT_MS)
]
_Tool: TypeAlias = Callable[..., Result[T]]


class PacsClient:
    """A PACS. Immutable, and made for many threads; every call has an association of its own.

    A method's `timeout_ms` counts before that of the client.
    """

    __slots__ = ("_called", "_calling", "_host", "_port", "_timeout_ms", "_tls")

    def __init__(
        self,
        host: str,
        port: int,
        calling_ae_title: str | None,
        called_ae_title: str | None,
        timeout_ms: int | None,
        *,
        tls: TlsConfig | None = None,
    ) -> None:
        self._tls = tls
        self._host = host
        self._port = port
        self._calling = calling_ae_title
        self._called = called_ae_title
        self._timeout_ms = timeout_ms

    @classmethod
    def create(
        cls,
        *,
        host: Host,
        port: PortOption,
        calling_ae_title: CallingAETitle = None,
        called_ae_title: CalledAETitle = None,
        timeout_ms: _OwnTimeout = None,
        tls: TlsOption = None,
    ) -> Result[PacsClient]:
        """A client; nothing is asked yet.

        Errors:
            OptionsError: an argument is out of its rules.
        """
        given = {
            "host": host,
            "port": port,
            "calling_ae_title": calling_ae_title,
            "called_ae_title": called_ae_title,
            "timeout_ms": timeout_ms,
            "tls": tls,
        }
        try:
            _RULES.checked((), given)
        except Refusal as refusal:
            return Err(OptionsError(f"PacsClient: invalid config: {refusal}"))
        return Ok(cls(host, port, calling_ae_title, called_ae_title, timeout_ms, tls=tls))

    @property
    def host(self) -> str:
        """Name or address."""
        return self._host

    @property
    def port(self) -> int:
        """TCP port."""
        return self._port

    @property
    def calling_ae_title(self) -> str | None:
        """Of this side; `None`: each service has its own."""
        return self._calling

    @property
    def called_ae_title(self) -> str | None:
        """Of the PACS; `None`: ANY-SCP."""
        return self._called

    def echo(
        self, *, timeout_ms: int | None = None, signal: SignalLike | None = None
    ) -> Result[PacsEchoResult]:
        """Whether the PACS answers, and how fast.

        Errors:
            AssociationError: no connection, rejected, or verification is not accepted.
        """

        def made(found: EchoscuResult) -> PacsEchoResult:
            return PacsEchoResult(found.success, found.rtt_ms)

        return map_result(self._call(echoscu, timeout_ms, signal), made)

    def find_studies(
        self,
        filter: StudyFilter | None = None,
        *,
        patient_id: str | None = None,
        patient_name: str | None = None,
        study_date: str | None = None,
        accession_number: str | None = None,
        modality: str | None = None,
        study_instance_uid: str | None = None,
        study_description: str | None = None,
        parse_concurrency: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsQueryResult]:
        """The studies that match; `parse_concurrency` means nothing here.

        Errors:
            OptionsError: a filter, and a field of one beside it.
            AssociationError, DimseError: see `findscu`.
        """
        values = {
            "patient_id": patient_id,
            "patient_name": patient_name,
            "study_date": study_date,
            "accession_number": accession_number,
            "modality": modality,
            "study_instance_uid": study_instance_uid,
            "study_description": study_description,
        }
        return self._matches(StudyFilter, filter, values, timeout_ms, signal)

    def find_series(
        self,
        filter: SeriesFilter | None = None,
        *,
        study_instance_uid: str | None = None,
        modality: str | None = None,
        series_number: str | None = None,
        series_instance_uid: str | None = None,
        series_description: str | None = None,
        parse_concurrency: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsQueryResult]:
        """The series of a study that match; `parse_concurrency` means nothing here.

        Errors:
            OptionsError: no study, or a filter and a field of one beside it.
            AssociationError, DimseError: see `findscu`.
        """
        values = {
            "study_instance_uid": study_instance_uid,
            "modality": modality,
            "series_number": series_number,
            "series_instance_uid": series_instance_uid,
            "series_description": series_description,
        }
        return self._matches(SeriesFilter, filter, values, timeout_ms, signal)

    def find_images(
        self,
        filter: ImageFilter | None = None,
        *,
        study_instance_uid: str | None = None,
        series_instance_uid: str | None = None,
        instance_number: str | None = None,
        sop_instance_uid: str | None = None,
        sop_class_uid: str | None = None,
        parse_concurrency: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsQueryResult]:
        """The instances of a series that match; `parse_concurrency` means nothing here.

        Errors:
            OptionsError: no study or series, or a filter and a field of one beside it.
            AssociationError, DimseError: see `findscu`.
        """
        values = {
            "study_instance_uid": study_instance_uid,
            "series_instance_uid": series_instance_uid,
            "instance_number": instance_number,
            "sop_instance_uid": sop_instance_uid,
            "sop_class_uid": sop_class_uid,
        }
        return self._matches(ImageFilter, filter, values, timeout_ms, signal)

    def find_worklist(
        self,
        filter: WorklistFilter | None = None,
        *,
        keys: Sequence[str] | None = None,
        parse_concurrency: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsQueryResult]:
        """The entries of the worklist that match the keys; `parse_concurrency` means nothing here.

        Errors:
            OptionsError: no keys, both forms of them, or one that is malformed or unknown.
            AssociationError, DimseError: see `findscu`.
        """
        if (filter is None) == (keys is None):
            return _refused("find_worklist", "a filter or keys, one of the two")
        asked = keys if filter is None else filter.keys
        return self._find(QueryModel.WORKLIST, cast("Sequence[str]", asked), timeout_ms, signal)

    def find(
        self,
        keys: Sequence[str],
        *,
        parse_concurrency: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsQueryResult]:
        """What matches the keys in the study root model; `parse_concurrency` means nothing here.

        Errors:
            OptionsError: a key is malformed or unknown.
            AssociationError, DimseError: see `findscu`.
        """
        return self._find(QueryModel.STUDY, keys, timeout_ms, signal)

    def retrieve_study(
        self,
        study_instance_uid: str,
        *,
        output_directory: StrPath,
        mode: RetrieveMode | str = RetrieveMode.C_GET,
        move_destination: str | None = None,
        receive_port: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsRetrieveResult]:
        """A study, in files of a folder, or sent to where `move_destination` is.

        Errors:
            OptionsError: C_MOVE without a `move_destination`, or an argument out of its rules.
            AssociationError, DimseError: see `getscu` and `movescu`.
        """
        keys = ["0008,0052=STUDY", f"0020,000d={study_instance_uid}"]
        return self._retrieve(
            keys,
            output_directory,
            mode,
            move_destination=move_destination,
            receive_port=receive_port,
            timeout_ms=timeout_ms,
            signal=signal,
        )

    def retrieve_series(
        self,
        study_instance_uid: str,
        series_instance_uid: str,
        *,
        output_directory: StrPath,
        mode: RetrieveMode | str = RetrieveMode.C_GET,
        move_destination: str | None = None,
        receive_port: int | None = None,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsRetrieveResult]:
        """A series, in files of a folder, or sent to where `move_destination` is.

        Errors:
            OptionsError: C_MOVE without a `move_destination`, or an argument out of its rules.
            AssociationError, DimseError: see `getscu` and `movescu`.
        """
        keys = [
            "0008,0052=SERIES",
            f"0020,000d={study_instance_uid}",
            f"0020,000e={series_instance_uid}",
        ]
        return self._retrieve(
            keys,
            output_directory,
            mode,
            move_destination=move_destination,
            receive_port=receive_port,
            timeout_ms=timeout_ms,
            signal=signal,
        )

    def store(
        self,
        files: Sequence[StrPath],
        *,
        scan_directories: bool = False,
        recurse: bool = False,
        timeout_ms: int | None = None,
        signal: SignalLike | None = None,
    ) -> Result[PacsStoreResult]:
        """What became of each file that was sent.

        Errors:
            OptionsError: an argument is out of its rules.
            DicomFileError, DicomFormatError: a file cannot be sent; nothing has been.
            AssociationError, DimseError: see `storescu`.
        """
        sent = self._call(
            storescu,
            timeout_ms,
            signal,
            files=files,
            scan_directories=scan_directories,
            recurse=recurse,
        )

        def made(found: StorescuResult) -> PacsStoreResult:
            return PacsStoreResult(found.success, len(files), found.outcomes)

        return map_result(sent, made)

    def __repr__(self) -> str:
        return f"<PacsClient {self._host}:{self._port}>"

    def _call(
        self, tool: _Tool[T], timeout_ms: int | None, signal: SignalLike | None, **options: Any
    ) -> Result[T]:
        """What the tool says of this PACS."""
        if timeout_ms is None:
            timeout_ms = DEFAULT_TIMEOUT_MS if self._timeout_ms is None else self._timeout_ms
        return tool(
            host=self._host,
            port=self._port,
            calling_ae_title=self._calling,
            called_ae_title=self._called,
            tls=self._tls,
            timeout_ms=timeout_ms,
            signal=signal,
            **options,
        )

    def _matches(
        self,
        kind: type[StudyFilter | SeriesFilter | ImageFilter],
        given: object,
        values: dict[str, str | None],
        timeout_ms: int | None,
        signal: SignalLike | None,
    ) -> Result[PacsQueryResult]:
        try:
            keys = keys_of(filter_of(kind, given, values))
        except OptionsError as error:
            return _refused("find", error.message)
        return self._find(QueryModel.STUDY, keys, timeout_ms, signal)

    def _find(
        self,
        model: QueryModel,
        keys: Sequence[str],
        timeout_ms: int | None,
        signal: SignalLike | None,
    ) -> Result[PacsQueryResult]:
        found = self._call(findscu, timeout_ms, signal, query_model=model, keys=keys)
        return map_result(found, lambda one: one.responses)

    def _retrieve(
        self,
        keys: list[str],
        folder: StrPath,
        mode: RetrieveMode | str,
        *,
        move_destination: str | None,
        receive_port: int | None,
        timeout_ms: int | None,
        signal: SignalLike | None,
    ) -> Result[PacsRetrieveResult]:
        def made(found: GetscuResult | MovescuResult) -> PacsRetrieveResult:
            return PacsRetrieveResult(
                found.success, os.fspath(folder), found.completed, found.failed, found.files
            )

        options: dict[str, Any] = {"query_model": QueryModel.STUDY, "keys": keys}
        if mode == RetrieveMode.C_GET:
            if move_destination is not None or receive_port is not None:
                return _refused("retrieve", "move_destination, receive_port: only with C_MOVE")
            options["output_directory"] = folder
            return map_result(self._call(getscu, timeout_ms, signal, **options), made)
        if mode != RetrieveMode.C_MOVE:
            return _refused("retrieve", f"mode={mode!r:.40}: must be 'C_GET' or 'C_MOVE'")
        if move_destination is None:
            return _refused("retrieve", "move_destination: C_MOVE needs one")
        options["move_destination"] = move_destination
        if receive_port is not None:
            options |= {"receive_port": receive_port, "output_directory": folder}
        return map_result(self._call(movescu, timeout_ms, signal, **options), made)


_RULES: Final = Declaration(cast("FunctionType", PacsClient.create.__func__), "PacsClient")  # type: ignore[attr-defined]


def _refused(what: str, rule: str) -> Err[OptionsError]:
    return Err(OptionsError(f"PacsClient.{what}: invalid options: {rule}"))
