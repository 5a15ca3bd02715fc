"""Who gets which client, with which open work: worked out before anything is done, and done as it was shown."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.exchange.handover.model import Handover
from comity.records import kinds
from comity.records.types import RecordType

EVEN, BY_DEALS, BY_TURNOVER, BY_REGION = "even", "deals", "turnover", "region"
SPLITS = (EVEN, BY_DEALS, BY_TURNOVER, BY_REGION)
PART = 500  # keys of one query


@dataclass(frozen=True)
class Options:
    """How to give.

    to         the colleagues who get the clients
    split      how they are shared out among several
    work       their open deals, inquiries and tasks go along
    keep_view  who had a card goes on seeing it
    shares     what was shared with who had it is shared with who gets it instead
    """

    to: tuple[UUID, ...]
    split: str = EVEN
    work: bool = True
    keep_view: bool = False
    shares: bool = True


@dataclass
class Plan:
    """Who gets what.

    gives    {type: {card: (its owner until now, the new one)}}
    shares   {type: {card: (who it was shared with, who gets the share, whether he may edit)}}
    loads    {new owner: {type: how many}}
    """

    gives: dict[str, dict[UUID, tuple[UUID | None, UUID]]] = field(default_factory=dict)
    shares: dict[str, dict[UUID, tuple[UUID, UUID, bool]]] = field(default_factory=dict)

    @property
    def loads(self) -> dict[UUID, dict[str, int]]:
        """How much each of the new owners gets."""
        found: dict[UUID, dict[str, int]] = {}
        for type_key, cards in self.gives.items():
            for _old, new in cards.values():
                held = found.setdefault(new, {})
                held[type_key] = held.get(type_key, 0) + 1
        return found

    @property
    def shared(self) -> int:
        """How many shares pass to other colleagues."""
        return sum(map(len, self.shares.values()))

    @property
    def digest(self) -> str:
        """What tells this plan from another one: what was shown is what is done."""
        lines = sorted(f"{kind}{card}{new}" for kind, cards in self.gives.items() for card, (_o, new) in cards.items())
        lines += sorted(f"{kind}{card}{one[1]}" for kind, cards in self.shares.items() for card, one in cards.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def clients(actor: Actor) -> list[RecordType]:
    """The types that are given away by themselves: those of the clients."""
    return [
        one for one in actor.state.types_on
        if one.menu == "clients" and not one.follows and any(spec.key == "owner" for spec in one.specs)
        and policy.level(actor, one, one.spec("owner")) == "write" and actor.scope(one.key, "edit") != "none"
    ]  # fmt: skip


def workload(actor: Actor) -> list[tuple[RecordType, Q]]:
    """The types of what is open with clients, and which of their cards are; tasks last: they may be about others."""
    found = []
    for one in actor.state.types_on:
        if one.closing and one.spec(one.closing[0]).stored == "column":
            found.append((one, ~Q(**{f"{one.closing[0]}__in": sorted(one.closing[1])})))
        elif one.key == "task":
            found.append((one, Q(state="open")))
    may = [(one, q) for one, q in found if actor.scope(one.key, "edit") != "none" or one.follows]
    return sorted(may, key=lambda pair: bool(pair[0].follows))


def make(actor: Actor, handover: Handover, options: Options) -> Plan:
    """Who would get what, of all that the actor sees and may edit."""
    made = Plan()
    if not options.to:
        return made
    loads = dict.fromkeys(options.to, 0)
    taken: dict[str, dict[UUID, tuple[UUID | None, UUID]]] = {}
    for record_type in clients(actor):
        owners = _owners(actor, record_type, handover, options)
        shared_out = share_out(actor, record_type, owners, options, loads)
        if shared_out:
            taken[record_type.key] = {key: (owners[key], new) for key, new in shared_out.items()}
    made.gives = taken
    if options.work:
        _work(actor, made, handover, options, loads)
    if options.shares and handover.from_user is not None:
        made.shares = _shares(actor, made, handover.from_user, options)
    return made


def _owners(actor: Actor, record_type: RecordType, handover: Handover, options: Options) -> dict[UUID, UUID | None]:
    """The clients that are meant, with their owners until now; those that are with a new owner already stay there."""
    rows = policy.visible(actor, record_type, "edit").exclude(owner__in=options.to).order_by("pk")
    if handover.from_user is not None:
        return dict(rows.filter(owner=handover.from_user).values_list("pk", "owner_id"))
    if record_type.key != handover.type_key:
        return {}
    found: dict[UUID, UUID | None] = {}
    ids = [UUID(hex=one) for one in handover.ids]
    for part in parts(ids):
        found |= dict(rows.filter(pk__in=part).values_list("pk", "owner_id"))
    return found


def parts(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    """Keys in portions that one query takes."""
    return (ids[start : start + PART] for start in range(0, len(ids), PART))


# --- sharing out ------------------------------------------------------------------------------------------------------


def share_out(
    actor: Actor, record_type: RecordType, owners: Mapping[UUID, Any], options: Options, loads: dict[UUID, int]
) -> dict[UUID, UUID]:
    """{card: new owner}. The heaviest first, each to who has least so far: nobody's share is above another's by more
    than one card's weight. By region, those of one place go to one colleague. `loads` are what they have so far."""
    ids = list(owners)
    weights = _weights(actor, record_type, ids, options.split)
    groups: dict[str, list[UUID]] = {}
    regions = _regions(actor, record_type, ids) if options.split == BY_REGION else {}
    for key in ids:
        groups.setdefault(regions.get(key) or str(key), []).append(key)
    heavy = sorted(groups.values(), key=lambda group: (-sum(weights.get(key, 1) for key in group), str(group[0])))
    found: dict[UUID, UUID] = {}
    for group in heavy:
        least = min(options.to, key=lambda user: (loads[user], options.to.index(user)))
        loads[least] += sum(weights.get(key, 1) for key in group)
        found |= dict.fromkeys(group, least)
    return found


def _weights(actor: Actor, record_type: RecordType, ids: Sequence[UUID], split: str) -> dict[UUID, int]:
    if split == BY_DEALS:
        return _open_work(actor, record_type, ids)
    spec = next((one for one in policy.readable_fields(actor, record_type) if one.key == "turnover"), None)
    if split != BY_TURNOVER or spec is None:
        return {}
    rates, found = actor.state.rates, {}
    for part in parts(ids):
        rows = policy.visible(actor, record_type).filter(pk__in=part).values("pk", *kinds.column_names(spec))
        for row in rows:
            amount = kinds.read(spec, row)
            if amount:
                # In the company's currency where there is a rate; all that counts is who has more.
                found[row["pk"]] = 1 + int(amount[0] * rates.get(amount[1], 1)) // 10_000
    return found


def _open_work(actor: Actor, record_type: RecordType, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How much is open with each client, as far as he sees it; one for the client itself."""
    found = dict.fromkeys(ids, 1)
    for other, is_open in workload(actor):
        for spec in other.links:
            if spec.kind == "link" and spec.target == record_type.key and spec.stored == "column":
                for part in parts(ids):
                    rows = policy.visible(actor, other).filter(is_open, **{f"{spec.attname}__in": part})
                    for key in rows.values_list(spec.attname, flat=True):
                        found[key] += 1
    return found


def _regions(actor: Actor, record_type: RecordType, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Where clients are: region, else city, of the first address he reads."""
    specs = [one for one in policy.readable_fields(actor, record_type) if one.kind == "address"]
    specs.sort(key=lambda spec: spec.key != "actual_address")
    found: dict[UUID, str] = {}
    for part in parts(ids) if specs else ():
        names = {name for spec in specs for name in kinds.column_names(spec)}
        for row in policy.visible(actor, record_type).filter(pk__in=part).values("pk", *names):
            for spec in specs:
                address = kinds.read(spec, row) or {}
                place = address.get("region") or address.get("city")
                if place:
                    found[row["pk"]] = " ".join(place.casefold().split())
                    break
    return found


# --- what goes along --------------------------------------------------------------------------------------------------


def _work(actor: Actor, made: Plan, handover: Handover, options: Options, loads: dict[UUID, int]) -> None:
    """Open work of the clients goes to who gets them, as far as it was with who had them. Of a colleague who gives
    everything away, what has no client of his is shared out too."""
    for record_type, is_open in workload(actor):
        if not any(spec.key == "owner" for spec in record_type.specs):
            continue
        rows = policy.visible(actor, record_type, "edit").filter(is_open)
        found: dict[UUID, tuple[UUID | None, UUID]] = {}
        for spec in record_type.links:
            if spec.stored != "column":
                continue
            for type_key in [spec.target] if spec.kind == "link" else list(made.gives):
                cards = made.gives.get(type_key, {})
                kind = {f"{spec.key}_type": type_key} if spec.kind == "card" else {}
                for part in parts(list(cards)):
                    linked = rows.filter(**{f"{spec.attname}__in": part}, **kind)
                    for key, owner, card in linked.values_list("pk", "owner_id", spec.attname):
                        before, new = cards[card]
                        if owner == before and owner != new:
                            found.setdefault(key, (owner, new))
        if handover.from_user is not None:
            rest = rows.filter(owner=handover.from_user).order_by("pk").values_list("pk", flat=True)
            for key in rest:
                if key not in found:
                    least = min(options.to, key=lambda user: (loads[user], options.to.index(user)))
                    loads[least] += 1
                    found[key] = (handover.from_user, least)
        if found:
            made.gives[record_type.key] = {**made.gives.get(record_type.key, {}), **found}


def _shares(
    actor: Actor, made: Plan, user_id: UUID, options: Options
) -> dict[str, dict[UUID, tuple[UUID, UUID, bool]]]:
    """What is shared with a colleague passes to who has least, as far as the actor may share it."""
    found: dict[str, dict[UUID, tuple[UUID, UUID, bool]]] = {}
    shares = Share.objects.filter(user=user_id, until=None).order_by("type_key", "record_id")
    turn = 0
    for share in shares:
        record_type = actor.state.record_types.get(share.type_key)
        if record_type is None or share.record_id in made.gives.get(share.type_key, {}):
            continue
        if not policy.visible(actor, record_type, "share").filter(pk=share.record_id).exists():
            continue
        new = options.to[turn % len(options.to)]
        turn += 1
        found.setdefault(share.type_key, {})[share.record_id] = (user_id, new, share.edit)
    return found
