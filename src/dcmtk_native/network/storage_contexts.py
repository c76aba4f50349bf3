"""What is proposed for files to send, and how they are spread over associations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dcmtk_native.network.outgoing import OutgoingFile
from dcmtk_native.network.peer import MAX_CONTEXTS, PresentationContext
from dcmtk_native.network.services import UNCOMPRESSED
from dcmtk_native.network.storage_classes import USUAL_STORAGE_CLASSES
from dcmtk_native.network.syntaxes import DEFLATED, NATIVE, PROPOSALS, VIDEO

__all__ = ["Batch", "Choice", "Proposals", "fill_up", "packed", "separate", "syntaxes_by_class"]

Contexts = tuple[PresentationContext, ...]
_EXPLICIT_LITTLE: Final = UNCOMPRESSED[0]


@dataclass(slots=True)
class Batch:
    """What goes over one association, or over several that propose the same.

    Attributes:
        contexts: to propose.
        files: positions in the list of files.
    """

    contexts: list[PresentationContext] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def has_room_for(self, contexts: Contexts) -> bool:
        """Whether an association can have these contexts, too."""
        return len(self.contexts) + len(contexts) <= MAX_CONTEXTS


def packed(files: Sequence[OutgoingFile], contexts_of: Mapping[str, Contexts]) -> list[Batch]:
    """The files that can be sent, on as few associations as 128 contexts each allow.

    Args:
        files: in the order in which they are sent, as far as one association takes them.
        contexts_of: what each SOP class needs.
    """
    batches: list[Batch] = []
    home: dict[str, Batch] = {}
    for position, file in enumerate(files):
        if file.refusal:
            continue
        sop_class = file.sop_class
        if sop_class not in home:
            contexts = contexts_of[sop_class]
            if not batches or not batches[-1].has_room_for(contexts):
                batches.append(Batch())
            batches[-1].contexts += contexts
            home[sop_class] = batches[-1]
        home[sop_class].files.append(position)
    return batches


def syntaxes_by_class(files: Iterable[OutgoingFile]) -> dict[str, tuple[str, ...]]:
    """The transfer syntaxes of the files that can be sent, by SOP class."""
    own: dict[str, dict[str, None]] = {}
    for file in files:
        if not file.refusal:
            own.setdefault(file.sop_class, {})[file.transfer_syntax] = None
    return {sop_class: tuple(syntaxes) for sop_class, syntaxes in own.items()}


def separate(sop_class: str, preferred: Sequence[str], fallback: Sequence[str]) -> Contexts:
    """A context for each of the preferred syntaxes, and one for all others.

    So a peer can take an object as it is, whatever it prefers among several.
    """
    others = tuple(one for one in fallback if one not in preferred)
    lists = [(syntax,) for syntax in preferred] + ([others] if others else [])
    return tuple(PresentationContext(sop_class, one) for one in lists)


@dataclass(frozen=True, slots=True)
class Proposals:
    """How storescu proposes SOP classes: by `propose` and `combine`.

    Attributes:
        words: of G-PROP; `auto` alone is what is in the files.
        combine: alternatives go into the same context, instead of into one of their own.
    """

    words: tuple[str, ...]
    combine: bool

    def of_files(self, files: Iterable[OutgoingFile]) -> dict[str, Contexts]:
        """The contexts of each SOP class."""
        own = syntaxes_by_class(files)
        return {sop_class: self.of_class(sop_class, own[sop_class]) for sop_class in own}

    def of_class(self, sop_class: str, own: Sequence[str] = ()) -> Contexts:
        """The contexts of one SOP class, of which there are files in these transfer syntaxes."""
        preferred = self._preferred(own)
        # Implicit little endian alone needs no others, and no video can have them.
        is_alone = all(word == "implicit" or word in VIDEO for word in self.words)
        fallback = () if is_alone else UNCOMPRESSED
        if not self.combine:
            return separate(sop_class, preferred, fallback)
        natives = tuple(one for one in preferred if one in UNCOMPRESSED)
        natives += tuple(one for one in fallback if one not in natives)
        coded = [one for one in preferred if one not in UNCOMPRESSED]
        lists = [(one, *natives) for one in coded] or [natives]
        return tuple(PresentationContext(sop_class, one) for one in lists)

    def _preferred(self, own: Sequence[str]) -> tuple[str, ...]:
        if self.words == ("auto",):
            return tuple(own) or (_EXPLICIT_LITTLE,)
        syntaxes = [PROPOSALS[word] or (_EXPLICIT_LITTLE,) for word in self.words]
        return tuple(dict.fromkeys(uid for group in syntaxes for uid in group))


def fill_up(batch: Batch, proposals: Proposals) -> None:
    """Nothing: the usual storage SOP classes are proposed as well, as many as there is room for."""
    known = {context.abstract_syntax for context in batch.contexts}
    for sop_class in USUAL_STORAGE_CLASSES:
        contexts = proposals.of_class(sop_class)
        if sop_class not in known and batch.has_room_for(contexts):
            batch.contexts += contexts


@dataclass(frozen=True, slots=True)
class Choice:
    """In which of the syntaxes that a peer accepts a file goes out.

    Attributes:
        decodable: coded syntaxes that may be decoded if the peer does not take them.
        prefers_deflated: uncompressed objects are deflated if the peer takes that.
    """

    decodable: frozenset[str] = frozenset()
    prefers_deflated: bool = False

    def syntax(self, own: str, accepted: Sequence[str]) -> str | None:
        """The file's own if it can be, else one that needs no more than another order of bytes.

        `None`: none of them will do.
        """
        if self.prefers_deflated and own in NATIVE and DEFLATED in accepted:
            return DEFLATED
        if own in accepted:
            return own
        if own in NATIVE or own in self.decodable:
            return next((one for one in UNCOMPRESSED if one in accepted), None)
        return None
