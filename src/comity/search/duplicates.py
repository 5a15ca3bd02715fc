"""Likely duplicates: the same phone, mail or tax number, or a name that differs by a slip at most."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.errors import Invalid
from comity.kernel.phones import digits
from comity.records import kinds
from comity.records.conditions import point_fold
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.kinds import Env
from comity.records.models import ContactPoint, RecordRef
from comity.records.types import RecordType
from comity.search import index
from comity.search.cards import cards
from comity.search.words import Reading, indexable, slips, spaced

CANDIDATES = 200
LAST = 9  # digits of a phone that identify it whatever the country code was typed like
# Words of legal forms that say nothing about who a company is.
LEGAL_FORMS = frozenset((
    "ооо", "оао", "зао", "пао", "ао", "ип", "нко", "тов", "тзов", "тдв", "пп", "фоп", "пат", "прат", "оод",
    "еоод", "ад", "еад", "ет", "llc", "ltd", "limited", "inc", "corp", "co", "company", "gmbh", "ag", "kg",
    "sa", "sas", "srl", "bv", "nv", "oy", "ab", "as", "spa", "pt", "cv", "tbk", "ud", "sdn", "bhd", "شركة",
    "مؤسسة", "ذمم", "شمم",
))  # fmt: skip


@dataclass(frozen=True)
class Match:
    """A record that may be the same. `why` is the key of the field that gives it away."""

    ref: RecordRef
    title: str
    context: str
    why: str

    @property
    def reason(self) -> str:
        """The same in words."""
        return {"phones": _("same phone"), "emails": _("same e-mail"), "taxnumber": _("same tax number")}.get(
            self.why, _("similar name")
        )


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
    """What to look for among the cards of one type: its fields marked `duplicate` that were given, and their values."""

    type: RecordType
    specs: tuple[FieldSpec, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class _Test:
    """A query of the index and what tells whether a document's parts are what was meant."""

    type_key: str
    reading: Reading
    why: str
    same: Callable[[Mapping[str, str]], bool]


def likely(
    actor: Actor, record_type: RecordType, raw_values: Mapping[str, Any], exclude_id: UUID | None = None, limit: int = 5
) -> list[Match]:
    """Records that what was typed so far may describe again, of the type and of those registered by `also`; the surest
    first.

    Only among what the actor sees, only by fields marked `duplicate` that he reads in clear. Raw input that is no
    valid value (yet) matches nothing.
    """
    wanted = [one for one in _wanted(actor, record_type, raw_values) if one.specs]
    found = _by_points(actor, wanted)
    for ref, why in _by_words(actor, wanted).items():
        found.setdefault(ref, why)
    if exclude_id is not None:
        found.pop(RecordRef(record_type.key, exclude_id), None)
    shown = cards(actor, found)
    return [Match(ref, shown[ref].title, shown[ref].context, why) for ref, why in found.items() if ref in shown][:limit]


def _wanted(actor: Actor, record_type: RecordType, raw: Mapping[str, Any]) -> Iterator[_Wanted]:
    said = [(record_type, raw)]
    for twins in _twins.get(record_type.key, ()):
        other = actor.state.record_types[twins.type_key]
        said += [(other, values) for values in twins.said(raw)]
    for one, values in said:
        readable = {spec.key for spec in policy.readable_fields(actor, one)}
        specs = (spec for spec in one.specs if spec.duplicate and spec.key in readable and values.get(spec.key))
        yield _Wanted(one, tuple(specs), values)


def _by_points(actor: Actor, wanted: Iterable[_Wanted]) -> dict[RecordRef, str]:
    """Visible records with one of these phones or addresses, and the kind of it; one query."""
    any_point, of_his = Q(), Q()
    for one in wanted:
        mine = Exists(policy.visible(actor, one.type).filter(pk=OuterRef("record_id")))
        for spec in one.specs:
            points = Q()
            for value in _point_values(one.values[spec.key]) if spec.kind in CONTACT_KINDS else ():
                points |= _same_point(spec, value, actor.env)
            if points:
                any_point |= points  # by itself, so that the engine begins with the index of points
                of_his |= points & Q(mine, type_key=one.type.key, field=spec.key)
    if not of_his:
        return {}
    rows = ContactPoint.objects.filter(any_point).filter(of_his).values_list("type_key", "record_id", "field")
    order = [(one.type.key, spec.key) for one in wanted for spec in one.specs]
    found: dict[RecordRef, str] = {}
    for type_key, record_id, key in sorted(rows[:CANDIDATES], key=lambda row: order.index((row[0], row[2]))):
        found.setdefault(RecordRef(type_key, record_id), actor.state.record_types[type_key].spec(key).kind)
    return found


def _point_values(raw: Any) -> list[str]:
    rows = [raw] if isinstance(raw, str | Mapping) else list(raw)
    values = [row.get("value", "") if isinstance(row, Mapping) else row for row in rows]
    return [str(value) for value in values if value]


def _same_point(spec: FieldSpec, value: str, env: Env) -> Q:
    try:
        (point,) = kinds.clean(spec, [value], env)
    except (kinds.BadValue, ValueError):
        number = digits(value)
        return Q(last9=number[-LAST:]) if spec.kind == "phones" and len(number) >= LAST else Q()
    folded = point_fold(spec, point["value"])
    return Q(last9=folded[-LAST:]) if spec.kind == "phones" and len(digits(folded)) > LAST else Q(fold=folded)


def _by_words(actor: Actor, wanted: Iterable[_Wanted]) -> dict[RecordRef, str]:
    """Visible records with the same tax number, or with the same name but for a slip in each word; one search."""
    tests = [test for one in wanted for test in _tests(one, actor.env)]
    if not tests:
        return {}
    types = dict.fromkeys(test.type_key for test in tests)
    sight = index.sight(actor, [actor.state.record_types[key] for key in types])
    found: dict[RecordRef, str] = {}
    for row in sight.candidates([test.reading for test in tests], 0, CANDIDATES):
        for test in tests:
            if test.type_key == row.ref.type and test.same(row.parts):
                found.setdefault(row.ref, test.why)
    return dict(sorted(found.items(), key=lambda one: one[1] != "taxnumber"))


def _tests(wanted: _Wanted, env: Env) -> Iterator[_Test]:
    """A type's name fields count together, but for those its `extra["alone"]` names with the fewest words they need."""
    record_type, values = wanted.type, wanted.values
    alone: Mapping[str, int] = record_type.extra.get("alone", {})
    for spec in wanted.specs:
        if spec.kind == "taxnumber":
            words = spaced(_tax_number(spec, values, env)).split()
            yield from _test(record_type, {spec.key: words}, "taxnumber")
        elif spec.kind == "text" and (spec.key in alone or spec.key not in record_type.title_fields):
            words = _name_words(values[spec.key])
            if len(words) >= alone.get(spec.key, 1):
                yield from _test(record_type, {spec.key: words}, "name")
    names = [
        spec for spec in record_type.specs
        if spec.duplicate and spec.key in record_type.title_fields and spec.key not in alone
    ]  # fmt: skip
    given = {spec.key for spec in wanted.specs}
    if all(spec.key in given for spec in names):  # a given name alone makes nobody a duplicate
        yield from _test(record_type, {spec.key: _name_words(values[spec.key]) for spec in names}, "name")


def _test(record_type: RecordType, wanted: Mapping[str, list[str]], why: str) -> Iterator[_Test]:
    reading = tuple(slips(word) for words in wanted.values() for word in words)
    if not wanted or not all(wanted.values()) or not indexable(reading):
        return

    def same(parts: Mapping[str, str]) -> bool:
        return all(_same_words(words, parts.get(key, "")) for key, words in wanted.items())

    yield _Test(record_type.key, reading, why, same)


def _same_words(words: list[str], text: str) -> bool:
    """As many words, each equal but for a slip, in any order; legal forms aside."""
    left = [word for word in text.split() if word not in LEGAL_FORMS] or text.split()
    if len(left) != len(words):
        return False
    for word in words:
        token = slips(word)
        match = next((one for one in left if one == word or (token.fuzzy and token.within(f" {one} "))), None)
        if match is None or abs(len(match) - len(word)) > 1:
            return False
        left.remove(match)
    return True


def _name_words(raw: Any) -> list[str]:
    words = spaced(str(raw)[:300]).split()
    return [word for word in words if word not in LEGAL_FORMS] or words


def _tax_number(spec: FieldSpec, raw: Mapping[str, Any], env: Env) -> str:
    country = raw.get(spec.extra.get("country", "country")) or env.country
    try:
        return kinds.tax_number(str(raw[spec.key]), str(country))
    except (kinds.BadValue, Invalid, ValueError):
        return str(raw[spec.key])
