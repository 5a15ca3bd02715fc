"""What cards say of themselves in the form duplicates are compared by, and how far two of them say the same."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid
from comity.kernel.phones import digits
from comity.kernel.text import fold
from comity.records import kinds
from comity.records.conditions import point_fold
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.kinds import Env
from comity.records.models import ContactPoint
from comity.records.prepared import portions
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search.likeness import alike, sounds
from comity.search.rules import NAME, NAME_AT, Rules
from comity.search.words import spaced

LAST = 9  # digits of a phone that identify it whatever the country code was typed like
OPPOSED = 0.5  # what is left of the score of two cards with different tax numbers
Said = Mapping[str, tuple[str, ...]]  # rule -> the values, or the words of a name as they sound


@dataclass(frozen=True)
class Likeness:
    """How likely two cards are the same, 0 to 100, and by which rules; `against`: their tax numbers differ."""

    score: int
    evidence: Mapping[str, float]
    against: bool = False

    @property
    def reasons(self) -> list[str]:
        """The rules, in the order they were written."""
        return list(self.evidence)


def compare(record_type: RecordType, rules: Rules, one: Said, other: Said) -> Likeness:
    """How far two cards of a type say the same, by the rules both say something of."""
    evidence: dict[str, float] = {}
    against = False
    for rule in sorted(one.keys() & other.keys() & rules.weights.keys(), key=lambda key: -rules.weights[key]):
        if duplicate_rules.is_name(record_type, rule):
            factor = alike(one[rule], other[rule])
            enough = len(one[rule]) >= duplicate_rules.fewest_words(record_type, rule)
            if factor and enough:
                evidence[rule] = factor
        elif set(one[rule]) & set(other[rule]):
            evidence[rule] = 1.0
        elif record_type.spec(rule).kind == "taxnumber":
            against = True
    score = rules.score(evidence)
    return Likeness(round(score * OPPOSED) if against else score, evidence, against)


def reason(record_type: RecordType, rule: str, language: str) -> str:
    """A rule that two cards fulfil, in words."""
    at = duplicate_rules.at_field(record_type)
    if rule == NAME_AT and at is not None:
        return _("similar name and the same: %(field)s") % {"field": at.label[language]}
    if rule == NAME or record_type.spec(rule).kind == "text":
        return _("similar name")
    spec = record_type.spec(rule)
    known = {"phones": _("same phone"), "emails": _("same e-mail"), "taxnumber": _("same tax number")}
    return known.get(spec.kind) or _("same: %(field)s") % {"field": spec.label[language]}


def of_raw(record_type: RecordType, usable: Collection[str], raw: Mapping[str, Any], env: Env) -> Said:
    """The same of what was typed so far. Raw input that is no valid value (yet) says nothing."""
    said: dict[str, tuple[str, ...]] = {}
    for rule in usable:
        specs = duplicate_rules.fields_of(record_type, rule)
        if not all(raw.get(spec.key) for spec in specs):
            continue  # a given name alone makes nobody a duplicate
        if duplicate_rules.is_name(record_type, rule):
            values = _words(rule, [raw[spec.key] for spec in specs])
        else:
            values = tuple(dict.fromkeys(_raw_values(specs[0], raw, env)))
        if values:
            said[rule] = values
    return said


def _words(rule: str, values: list[Any]) -> tuple[str, ...]:
    """The words of a name as they sound; with the key of the card it stands beside, where the rule asks for that."""
    if rule != NAME_AT:
        return sounds(" ".join(map(str, values)))
    try:
        return (*sounds(" ".join(map(str, values[:-1]))), UUID(str(values[-1])).hex)
    except ValueError:
        return ()  # typed, but not chosen yet


def _raw_values(spec: FieldSpec, raw: Mapping[str, Any], env: Env) -> Iterable[str]:
    given = raw[spec.key]
    if spec.kind in CONTACT_KINDS:
        for value in point_values(given):
            yield from _point(spec, value, env)
    elif spec.kind == "taxnumber":
        yield _compact(tax_number(spec, raw, env))
    else:
        try:
            yield fold(str(kinds.to_json(spec, kinds.clean(spec, given, env)) or ""))
        except (kinds.BadValue, Invalid, ValueError):
            return


def point_values(raw: Any) -> list[str]:
    """The phones or addresses in raw input of any form."""
    rows = [raw] if isinstance(raw, str | Mapping) else list(raw)
    values = [row.get("value", "") if isinstance(row, Mapping) else row for row in rows]
    return [str(value) for value in values if value]


def _point(spec: FieldSpec, value: str, env: Env) -> Iterable[str]:
    try:
        (point,) = kinds.clean(spec, [value], env)
    except (kinds.BadValue, ValueError):
        number = digits(value)
        if spec.kind == "phones" and len(number) >= LAST:
            yield number[-LAST:]
        return
    yield point_key(spec, point_fold(spec, point["value"]))


def point_key(spec: FieldSpec, folded: str) -> str:
    """What two points have in common that are one: a phone's last digits, else all of it."""
    return folded[-LAST:] if spec.kind == "phones" else folded


def tax_number(spec: FieldSpec, raw: Mapping[str, Any], env: Env) -> str:
    """A tax number as its country writes it; as it was typed, where that is none."""
    country = raw.get(spec.extra.get("country", "country")) or env.country
    try:
        return kinds.tax_number(str(raw[spec.key]), str(country))
    except (kinds.BadValue, Invalid, ValueError):
        return str(raw[spec.key])


def _compact(number: str) -> str:
    return spaced(number).replace(" ", "")


def of_records(record_type: RecordType, records: Any, ids: Iterable[UUID], usable: Collection[str]) -> dict[UUID, Said]:
    """What cards say by those rules, out of a query of cards of the type; those not in it are missing."""
    specs = {spec.key: spec for rule in usable for spec in duplicate_rules.fields_of(record_type, rule)}
    columns = {name for spec in specs.values() for name in kinds.column_names(spec)}
    found: dict[UUID, Said] = {}
    for part, _size in portions(list(ids)):
        rows = list(records.filter(pk__in=part).values("pk", *columns))
        points = _points(record_type, [row["pk"] for row in rows], specs)
        for row in rows:
            said: dict[str, tuple[str, ...]] = {}
            for rule in usable:
                values = _stored(record_type, rule, row, points.get(row["pk"], {}))
                if values:
                    said[rule] = values
            found[row["pk"]] = said
    return found


def _stored(
    record_type: RecordType, rule: str, row: Mapping[str, Any], points: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    specs = duplicate_rules.fields_of(record_type, rule)
    spec = specs[0]
    if spec.kind in CONTACT_KINDS:
        return points.get(spec.key, ())
    values = [kinds.read(one, row) for one in specs]
    if not all(values):
        return ()
    if duplicate_rules.is_name(record_type, rule):
        return _words(rule, values)
    if spec.kind == "taxnumber":
        return (_compact(values[0]),)
    return (fold(str(kinds.to_json(spec, values[0]))),)


def _points(
    record_type: RecordType, ids: list[UUID], specs: Mapping[str, FieldSpec]
) -> dict[UUID, dict[str, tuple[str, ...]]]:
    fields = [spec.key for spec in specs.values() if spec.kind in CONTACT_KINDS]
    found: dict[UUID, dict[str, tuple[str, ...]]] = {}
    if not fields:
        return found
    rows = ContactPoint.objects.filter(type_key=record_type.key, record_id__in=ids, field__in=fields)
    for record_id, field, folded in rows.values_list("record_id", "field", "fold"):
        held = found.setdefault(record_id, {})
        held[field] = (*held.get(field, ()), point_key(specs[field], folded))
    return found
