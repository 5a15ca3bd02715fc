"""Likely duplicates of what somebody types, a file brings or a program sends: one rule set at every door."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.records.models import ContactPoint, RecordRef
from comity.records.types import RecordType
from comity.search import index, said
from comity.search import rules as duplicate_rules
from comity.search.cards import cards
from comity.search.likeness import LEGAL_FORMS, alike, name_words, skeleton, sounds
from comity.search.models import DuplicateKey
from comity.search.rules import NAME_AT, Rules
from comity.search.said import LAST, Likeness, Said
from comity.search.words import Reading, indexable, slips

__all__ = ["LEGAL_FORMS", "Match", "Twins", "also", "compared", "likely"]

CANDIDATES = 200


@dataclass(frozen=True)
class Match:
    """A record that may be the same. `why` is the kind of the field that gives it away, or "name"; `score` 1 to 100,
    `rules` all that speaks for it."""

    ref: RecordRef
    title: str
    context: str
    why: str
    score: int = 0
    rules: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The same in words."""
        return {"phones": _("same phone"), "emails": _("same e-mail"), "taxnumber": _("same tax number"),
                "name": _("similar name")}.get(self.why) or _("something in common")  # fmt: skip


@dataclass(frozen=True)
class Twins:
    """Another type whose cards a card may describe again.

    said    (raw values of the card) -> the same as it would be typed there, once for each way to understand it
    """

    type_key: str
    said: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]]


_twins: dict[str, list[Twins]] = {}


def also(type_key: str, twins: Twins) -> None:
    """Look for twins of cards of a type among those of another one, too."""
    _twins.setdefault(type_key, []).append(twins)


def compared(type_key: str) -> list[str]:
    """The types among which twins of a type's cards are looked for."""
    return [type_key, *(one.type_key for one in _twins.get(type_key, ()))]


@dataclass(frozen=True)
class _Wanted:
    """What to look for among the cards of one type, by the rules whose fields the actor reads in clear."""

    type: RecordType
    rules: Rules
    said: Said
    raw: Mapping[str, Any]


def likely(
    actor: Actor, record_type: RecordType, raw_values: Mapping[str, Any], exclude_id: UUID | None = None, limit: int = 5
) -> list[Match]:
    """Records that what was typed so far may describe again, of the type and of those registered by `also`; the surest
    first.

    Only among what the actor sees, only by fields he reads in clear. Raw input that is no valid value (yet) matches
    nothing.
    """
    wanted = [one for one in _wanted(actor, record_type, raw_values) if one.said]
    itself = RecordRef(record_type.key, exclude_id) if exclude_id else None
    found = _compared(actor, wanted, [ref for ref in _candidates(actor, wanted) if ref != itself])
    surest = dict(sorted(found.items(), key=lambda one: -one[1].score)[: limit * 4])
    shown = cards(actor, surest)
    return [_match(actor, ref, shown[ref], one) for ref, one in surest.items() if ref in shown][:limit]


def _match(actor: Actor, ref: RecordRef, card: Any, likeness: Likeness) -> Match:
    record_type, first = actor.state.record_types[ref.type], likeness.reasons[0]
    why = "name" if duplicate_rules.is_name(record_type, first) else record_type.spec(first).kind
    return Match(ref, card.title, card.context, why, likeness.score, tuple(likeness.reasons))


def usable(actor: Actor, record_type: RecordType) -> tuple[str, ...]:
    """The rules in force for a type all of whose fields the actor reads in clear."""
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    rules, at = duplicate_rules.of(actor.state, record_type), duplicate_rules.at_field(record_type)
    # That two people share a company would tell who does not see it that there is one.
    hidden = {NAME_AT} if at is None or actor.scope(at.target, "view") != "all" else set()
    return tuple(
        rule
        for rule in rules.weights
        if rule not in hidden and all(spec.key in readable for spec in duplicate_rules.fields_of(record_type, rule))
    )


def _wanted(actor: Actor, record_type: RecordType, raw: Mapping[str, Any]) -> Iterator[_Wanted]:
    given = [(record_type, raw)]
    for twins in _twins.get(record_type.key, ()):
        other = actor.state.record_types[twins.type_key]
        given += [(other, values) for values in twins.said(raw)]
    for one, values in given:
        rules = duplicate_rules.of(actor.state, one)
        yield _Wanted(one, rules, said.of_raw(one, usable(actor, one), values, actor.env), values)


def _compared(actor: Actor, wanted: Iterable[_Wanted], candidates: Iterable[RecordRef]) -> dict[RecordRef, Likeness]:
    """Those of the candidates whose score reaches what their type's rules ask for, looked at as they are now."""
    ids: dict[str, list[UUID]] = {}
    for ref in candidates:
        ids.setdefault(ref.type, []).append(ref.id)
    found: dict[RecordRef, Likeness] = {}
    for type_key in dict.fromkeys(one.type.key for one in wanted if one.type.key in ids):
        record_type = actor.state.record_types[type_key]
        records = policy.visible(actor, record_type)
        theirs = said.of_records(record_type, records, ids[type_key], usable(actor, record_type))
        for one in wanted:
            if one.type.key != type_key:
                continue
            for record_id, held in theirs.items():
                likeness = said.compare(record_type, one.rules, one.said, held)
                ref = RecordRef(type_key, record_id)
                if likeness.score >= one.rules.threshold and (ref not in found or likeness.score > found[ref].score):
                    found[ref] = likeness
    return found


def _candidates(actor: Actor, wanted: Iterable[_Wanted]) -> list[RecordRef]:
    """Cards that may be meant: by a phone or address and by a key, in one query; by words with a slip in another."""
    found = dict.fromkeys(index.refs([*_by_points(actor, wanted), *_by_keys(actor, wanted)]))
    found |= dict.fromkeys(_by_words(actor, wanted))
    return list(found)


def _by_points(actor: Actor, wanted: Iterable[_Wanted]) -> list[Any]:
    """The query of cards with such a phone or address; none where nothing was said of any."""
    any_point, of_his = Q(), Q()
    for one in wanted:
        mine = Exists(policy.visible(actor, one.type).filter(pk=OuterRef("record_id")))
        for rule, values in one.said.items():
            if not duplicate_rules.contact(one.type, rule):
                continue
            points = Q()
            for value in values:
                phone = one.type.spec(rule).kind == "phones" and len(value) == LAST
                points |= Q(last9=value) if phone else Q(fold=value)
            any_point |= points  # by itself, so that the engine begins with the index of points
            of_his |= points & Q(mine, type_key=one.type.key, field=rule)
    if not of_his:
        return []
    rows = ContactPoint.objects.filter(any_point).filter(of_his).values_list("type_key", "record_id")
    return [rows[:CANDIDATES]]


def _by_keys(actor: Actor, wanted: Iterable[_Wanted]) -> list[Any]:
    """The query by names that sound alike in whatever script, and by equal values of other fields."""
    q = Q()
    for one in wanted:
        mine = Exists(policy.visible(actor, one.type).filter(pk=OuterRef("record_id")))
        for rule, values in one.said.items():
            if keys := keys_of(one.type, rule, values):
                q |= Q(mine, type_key=one.type.key, rule=rule, key__in=keys)
    if not q:
        return []
    rows = DuplicateKey.objects.filter(q).order_by("-record_id").values_list("type_key", "record_id")
    return [rows[:CANDIDATES]]


def keys_of(record_type: RecordType, rule: str, values: tuple[str, ...]) -> list[str]:
    """By which keys cards that say this are found; none for phones and addresses, which have rows of their own."""
    if duplicate_rules.is_name(record_type, rule):
        if len(values) < duplicate_rules.fewest_words(record_type, rule):
            return []
        return [skeleton(values)[:120]]
    return [] if duplicate_rules.contact(record_type, rule) else [value[:120] for value in values]


def _by_words(actor: Actor, wanted: Iterable[_Wanted]) -> list[RecordRef]:
    """By the same words as they are written, but for a slip in each; one search."""
    tests: list[tuple[_Wanted, str, Reading]] = []
    for one in wanted:
        for rule in one.said:
            words = _words(one, rule)
            reading = tuple(slips(word) for word in words)
            if reading and indexable(reading) and len(words) >= duplicate_rules.fewest_words(one.type, rule):
                tests.append((one, rule, reading))
    if not tests:
        return []
    types = dict.fromkeys(one.type.key for one, _rule, _reading in tests)
    sight = index.sight(actor, [actor.state.record_types[key] for key in types])
    rows = sight.candidates([reading for _one, _rule, reading in tests], 0, CANDIDATES)
    return [row.ref for row in rows if any(_meant(row, one, rule) for one, rule, _reading in tests)]


def _meant(row: index.Candidate, one: _Wanted, rule: str) -> bool:
    """Whether the words stand in the fields the rule reads."""
    if row.ref.type != one.type.key:
        return False
    texts = (row.parts.get(spec.key, "") for spec in duplicate_rules.fields_of(one.type, rule))
    return alike(one.said[rule], sounds(" ".join(texts))) > 0


def _words(one: _Wanted, rule: str) -> list[str]:
    specs = duplicate_rules.fields_of(one.type, rule)
    if not all(spec.search for spec in specs):
        return []
    if duplicate_rules.is_name(one.type, rule):
        return name_words(" ".join(str(one.raw[spec.key]) for spec in specs))
    return []
