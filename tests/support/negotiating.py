"""What an acceptor makes of proposals, as pynetdicom's requestor sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pynetdicom import AE, build_role
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

__all__ = ["Roles", "Settled", "settled"]

Roles = tuple[bool, bool]
"""Whether the requestor is SCU, and whether it is SCP."""


@dataclass
class Settled:
    """An answer to a request for an association.

    Attributes:
        results: of the contexts of each SOP class (PS3.8 section 9.3.3.2).
        roles: that are answered, by SOP class.
        extended: the same of extended negotiation.
    """

    results: dict[str, list[int]] = field(default_factory=dict)
    roles: dict[str, Roles] = field(default_factory=dict)
    extended: dict[str, bytes] = field(default_factory=dict)


def settled(
    port: int,
    classes: Iterable[str],
    proposed: Roles | None = None,
    extended: Mapping[str, bytes] | None = None,
) -> Settled:
    """What the peer on this port makes of these SOP classes, all proposed in these roles."""
    entity = AE("PROPOSER")
    items = []
    for one in classes:
        entity.add_requested_context(one)
        if proposed is not None:
            items.append(build_role(one, scu_role=proposed[0], scp_role=proposed[1]))
    for uid, information in (extended or {}).items():
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid = uid
        item.service_class_application_information = information
        items.append(item)
    association = entity.associate("127.0.0.1", port, ext_neg=items)
    found = Settled()
    for context in [*association.accepted_contexts, *association.rejected_contexts]:
        found.results.setdefault(str(context.abstract_syntax), []).append(context.result)
    for uid, role in association.acceptor.role_selection.items():
        found.roles[str(uid)] = (role.scu_role, role.scp_role)
    for uid, information in association.acceptor.sop_class_extended.items():
        found.extended[str(uid)] = information
    if association.is_established:
        association.release()
    return found
