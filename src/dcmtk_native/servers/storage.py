"""What `Dcmrecv` and `StoreSCP` have in common: a native storage server, and what it tells."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dcmtk_native._core.data import DcmconvOptions
from dcmtk_native._core.servers import RunningServer, StorageServer, StorageServerOptions
from dcmtk_native._runtime.groups_network import milliseconds
from dcmtk_native.errors import DcmtkError, ToolError
from dcmtk_native.network.association_config import AssociationProfile, read_profile
from dcmtk_native.servers.dispatch import NativeEvent
from dcmtk_native.servers.hooks import Commands, Hook
from dcmtk_native.servers.lifecycle import LineSource, ProcessLine, ServerErrorData
from dcmtk_native.servers.lines import lines_of
from dcmtk_native.servers.meanings import MEANINGS, stored_file, study_complete
from dcmtk_native.servers.options import invalid
from dcmtk_native.servers.payloads import (
    AssociationEventData,
    StoredFileData,
    StudyCompleteData,
)
from dcmtk_native.servers.process import DcmtkProcess, described
from dcmtk_native.servers.terms import ProcessTerms
from dcmtk_native.types import StrPath

__all__ = ["StorageProcess", "StorageSettings", "profile_of"]

_LOGGER: Final = logging.getLogger("dcmtk_native.servers")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """How a storage server works, beyond its `ProcessTerms`.

    Attributes:
        folder: where files go; `None`: the current one.
        is_ignoring: nothing is kept.
        file_names: what the names of files are made of.
        extension: what they end with.
        folders: which ones there are below.
        folder_prefix: of those of studies.
        follows_studies: somebody wants to know of their ends.
        rewriting: what brings files into another form; `None`: they stay as they came.
        identity: how what comes is held against its request.
        profile: file and name of what is accepted; `None`: all storage classes.
        transfer_syntaxes: that are taken, the preferred one first; none: all.
        promiscuous: any SOP class is taken.
        verbose_pc: lines tell of presentation contexts.
    """

    folder: str | None
    is_ignoring: bool
    file_names: str
    extension: str
    folders: str
    folder_prefix: str = ""
    follows_studies: bool = False
    end_of_study_timeout: int | None = None
    rename_on_end_of_study: bool = False
    rewriting: DcmconvOptions | None = None
    identity: str
    profile: tuple[str, str] | None
    transfer_syntaxes: tuple[str, ...] = ()
    promiscuous: bool = False
    verbose_pc: bool = False
    use_called_ae_title: bool = False
    refuse: bool = False
    reject_without_implementation_uid: bool = False


def profile_of(tool: str, file: StrPath | None, profile: str | None) -> tuple[str, str] | None:
    """The profile of a configuration file that is asked for.

    Errors:
        OptionsError: raised for one of the two without the other.
    """
    if file is None and profile is None:
        return None
    if file is None:
        raise invalid(tool, f"config_profile={profile!r}: only with config_file")
    if profile is None:
        raise invalid(tool, f"config_file={os.fspath(file)!r}: only with config_profile")
    return os.fspath(file), profile


def _native_options(terms: ProcessTerms, settings: StorageSettings) -> StorageServerOptions:
    """The settings as the native half takes them; reads the files that they name."""
    profile = (
        AssociationProfile(()) if settings.profile is None else read_profile(*settings.profile)
    )
    return StorageServerOptions(
        **terms.native(),
        folder=None if settings.is_ignoring else settings.folder or ".",
        file_names=settings.file_names,
        folders=settings.folders,
        folder_prefix=settings.folder_prefix,
        extension=settings.extension,
        follows_studies=settings.follows_studies,
        study_timeout_ms=milliseconds(settings.end_of_study_timeout),
        renames_at_end=settings.rename_on_end_of_study,
        rewriting=settings.rewriting,
        identity=settings.identity,
        transfer_syntaxes=list(settings.transfer_syntaxes),
        roles=None,
        is_promiscuous=settings.promiscuous,
        contexts=[
            (
                one.abstract_syntax,
                list(one.transfer_syntaxes),
                profile.roles.get(one.abstract_syntax),
            )
            for one in profile.contexts
        ],
        is_by_class=settings.profile is not None,
        is_profile=settings.profile is not None,
        extended=list(profile.extended_negotiation.items()),
        required_called_ae_title=None,
        responding_ae_title=None if settings.use_called_ae_title else terms.ae_title,
        refuses_all=settings.refuse,
        requires_implementation_uid=settings.reject_without_implementation_uid,
    )


class StorageProcess(DcmtkProcess):
    """A server that stores what it is sent."""

    def __init__(
        self,
        terms: ProcessTerms,
        settings: StorageSettings,
        *,
        on_reception: Hook[StoredFileData] | None = None,
        on_end_of_study: Hook[StudyCompleteData] | None = None,
        commands: Commands | None = None,
    ) -> None:
        super().__init__(terms)
        self._settings = settings
        self._on_reception = on_reception
        self._on_end_of_study = on_end_of_study
        self._commands = commands

    def _open(self) -> RunningServer:
        settings = self._settings
        if settings.folder is not None and not settings.is_ignoring:
            os.makedirs(settings.folder, exist_ok=True)  # noqa: PTH103 (pathlib costs import time)
        native = StorageServer(_native_options(self._terms, settings))
        self._listeners.when_changed(lambda: native.want(self._wanted_kinds()))
        return native

    def _wanted_kinds(self) -> list[str]:
        """What there is any use in telling of."""
        if self._listeners.wants("line"):
            contexts = ["presentation_contexts"] if self._settings.verbose_pc else []
            return [*MEANINGS, *contexts, "study_complete", "error"]
        kinds = [kind for kind, (name, _) in MEANINGS.items() if self._listeners.wants(name)]
        if self._on_reception is not None:
            kinds.append("stored_file")
        if self._on_end_of_study is not None:
            kinds.append("study_complete")
        return [*kinds, "error"]

    def _close(self) -> None:
        self._listeners.when_changed(_nobody_asks)
        if self._commands is not None:
            self._commands.leave()

    # ---- events ----

    def _handle(self, event: NativeEvent | None) -> None:
        if event is None:
            if self._commands is not None:
                self._commands.reap()
            return
        facts, detail = event[1:5], event.detail
        is_told = event.kind != "presentation_contexts" or self._settings.verbose_pc
        if is_told and self._listeners.wants("line"):
            for line in lines_of(event):
                self._emit("line", ProcessLine(LineSource.STDERR, line))
        if event.kind == "stored_file":
            self._take_file(stored_file(facts, detail))
        elif event.kind == "study_complete":
            if self._on_end_of_study is not None:
                self._run_hook(self._on_end_of_study, study_complete(facts, detail))
        elif event.kind == "error":
            self._take_error(ToolError(f"{self.TOOL}: {detail['message']}", tool=self.TOOL))
        elif event.kind in MEANINGS:  # there are lines that are told of nothing else
            name, made_of = MEANINGS[event.kind]
            if self._listeners.wants(name):
                self._emit(name, made_of(facts, detail))

    def _take_file(self, payload: StoredFileData) -> None:
        if self._listeners.wants("STORED_FILE"):
            self._emit("STORED_FILE", payload)
        if self._on_reception is not None:
            self._run_hook(self._on_reception, payload)

    def _run_hook(self, hook: Callable[[Any], None], payload: AssociationEventData) -> None:
        """Nothing: whoever listens has heard all that was before, and the hook was called."""
        assert self._dispatcher is not None
        self._dispatcher.flush()
        try:
            hook(payload)
        except BaseException as reason:  # an exit is none of this thread's business
            error = ToolError(f"{self.TOOL}: a hook failed: {described(reason)}", tool=self.TOOL)
            error.__cause__ = reason
            self._take_error(error)

    def _take_error(self, error: DcmtkError) -> None:
        _LOGGER.error("%s", error)
        self._emit("error", ServerErrorData(error, fatal=False))

    def _emit(self, name: str, payload: object) -> None:
        assert self._dispatcher is not None
        self._dispatcher.emit(name, payload)


def _nobody_asks() -> None:
    """When there is nobody any more who could tell of anything."""
