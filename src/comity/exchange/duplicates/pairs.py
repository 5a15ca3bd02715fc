"""Likely pairs: judged, kept, and shown to who sees both cards and may edit them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from comity.access import policy
from comity.access.actors import Actor
from comity.exchange.duplicates.model import LikelyPair
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search import said
from comity.search.duplicates import usable

Pair = tuple[UUID, UUID]  # the lower key first
PAGE = 20
MOST_COUNTED = 1000


def pair(one: UUID, other: UUID) -> Pair:
    """Two keys in their order."""
    return (one, other) if one < other else (other, one)


def judge(house: Actor, record_type: RecordType, found: Iterable[Pair]) -> int:
    """Keep those of the pairs that are likely the same, drop those that are not any more; how many are kept.

    What somebody told apart stays so.
    """
    asked = sorted(set(found))
    if not asked:
        return 0
    rules = duplicate_rules.of(house.state, record_type)
    ids = sorted(set(chain.from_iterable(asked)))
    held = said.of_records(record_type, policy.visible(house, record_type), ids, tuple(rules.weights))
    kept, dropped = [], []
    for first, second in asked:
        likeness = said.compare(record_type, rules, held.get(first, {}), held.get(second, {}))
        if likeness.score >= rules.threshold and first in held and second in held:
            reasons = f"|{'|'.join(likeness.reasons)}|"[:300]
            kept.append(LikelyPair(
                type_key=record_type.key, first_id=first, second_id=second, score=likeness.score, reasons=reasons,
                found_at=now(),
            ))  # fmt: skip
        else:
            dropped.append((first, second))
    with write_transaction():
        LikelyPair.objects.bulk_create(
            kept, batch_size=500, update_conflicts=True, unique_fields=["first_id", "second_id", "type_key"],
            update_fields=["score", "reasons", "found_at"],
        )  # fmt: skip
        drop(record_type, dropped)
    return len(kept)


def drop(record_type: RecordType, gone: Sequence[Pair]) -> None:
    """Forget open pairs that are none any more."""
    for start in range(0, len(gone), 200):
        part = gone[start : start + 200]
        seconds = {second for _first, second in part}
        open_ones = LikelyPair.objects.filter(type_key=record_type.key, state="open")
        rows = open_ones.filter(first_id__in={first for first, _second in part}, second_id__in=seconds)
        ids = [pk for pk, *ends in rows.values_list("pk", "first_id", "second_id") if tuple(ends) in set(part)]
        LikelyPair.objects.filter(pk__in=ids).delete()


def of_cards(record_type: RecordType, ids: Sequence[UUID]) -> list[Pair]:
    """The open pairs that any of these cards is part of."""
    rows = LikelyPair.objects.filter(type_key=record_type.key, state="open")
    rows = rows.filter(Q(first_id__in=list(ids)) | Q(second_id__in=list(ids)))
    return list(rows.values_list("first_id", "second_id"))


@dataclass(frozen=True)
class Shown:
    """A pair as one reader may know it: score and reasons by fields he reads."""

    id: UUID
    first: UUID
    second: UUID
    score: int
    reasons: tuple[str, ...]


def visible(actor: Actor, record_type: RecordType, state: str = "open", least: int = 0) -> Any:
    """The pairs both cards of which he sees and may edit; a query."""
    rows = LikelyPair.objects.filter(type_key=record_type.key, state=state, score__gte=least)
    for action in ("edit", "view"):
        mine = policy.visible(actor, record_type, action)
        rows = rows.filter(*(Exists(mine.filter(pk=OuterRef(end))) for end in ("first_id", "second_id")))
        if actor.scope(record_type.key, "view") == "all":
            break
    readable = usable(actor, record_type)
    if set(readable) != set(duplicate_rules.of(actor.state, record_type).weights):
        q = Q(reasons="") if state == "different" else Q(pk__in=[])  # told apart though nothing spoke for it
        for rule in readable:
            q |= Q(reasons__contains=f"|{rule}|")
        rows = rows.filter(q)
    return rows


def shown(actor: Actor, record_type: RecordType, rows: Any) -> list[Shown]:
    """Rows of `visible` as he may know them; those that what he reads does not give away are left out."""
    rules, readable = duplicate_rules.of(actor.state, record_type), set(usable(actor, record_type))
    found = []
    for row in rows:
        reasons = tuple(filter(None, row.reasons.split("|")))
        seen = tuple(rule for rule in reasons if rule in readable)
        score = row.score if seen == reasons else min(row.score, rules.score(dict.fromkeys(seen, 1.0)))
        if (seen or (row.state == "different" and not reasons)) and score >= min(rules.threshold, row.score):
            found.append(Shown(row.pk, row.first_id, row.second_id, score, seen))
    return found


def page_of(
    actor: Actor, record_type: RecordType, state: str = "open", after: tuple[int, UUID] | None = None, size: int = PAGE
) -> tuple[list[Shown], tuple[int, UUID] | None]:
    """The surest pairs first, below `after` (score, key); and where the next page begins."""
    found: list[Shown] = []
    while True:
        rows = visible(actor, record_type, state).order_by("-score", "id")
        if after is not None:
            rows = rows.filter(Q(score__lt=after[0]) | Q(score=after[0], id__gt=after[1]))
        taken = list(rows[: size + 1])
        for row in taken[:size]:
            found += shown(actor, record_type, [row])
            after = (row.score, row.pk)
            if len(found) == size:
                more = row is not taken[-1]
                return found, after if more else None
        if len(taken) <= size:
            return found, None


def count(actor: Actor, record_type: RecordType) -> int:
    """How many open pairs wait for him, at most MOST_COUNTED: those that what he reads gives away, as on the page."""
    rows = visible(actor, record_type)[:MOST_COUNTED]
    if set(usable(actor, record_type)) == set(duplicate_rules.of(actor.state, record_type).weights):
        return int(rows.count())
    return len(shown(actor, record_type, rows))
