"""Likely duplicates: the same phone, mail or tax number, or a name that differs by a slip at most."""

from collections.abc import Callable, Iterable, Mapping
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


def likely(
    actor: Actor, record_type: RecordType, raw_values: Mapping[str, Any], exclude_id: UUID | None = None, limit: int = 5
) -> list[Match]:
    """Records of the type that what was typed so far may describe again; the surest first.

    Only among what the actor sees, only by fields marked `duplicate` that he reads in clear. Raw input that is no
    valid value (yet) matches nothing.
    """
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    specs = [spec for spec in record_type.specs if spec.duplicate and spec.key in readable and raw_values.get(spec.key)]
    found: dict[UUID, str] = {}
    for spec in specs:
        if spec.kind in CONTACT_KINDS:
            for record_id in _by_points(actor, record_type, spec, raw_values[spec.key]):
                found.setdefault(record_id, spec.kind)
    found |= {key: why for key, why in _by_words(actor, record_type, specs, raw_values).items() if key not in found}
    found.pop(exclude_id, None)  # type: ignore[arg-type]
    refs = [RecordRef(record_type.key, key) for key in found]
    shown = cards(actor, refs)
    return [Match(ref, shown[ref].title, shown[ref].context, found[ref.id]) for ref in refs if ref in shown][:limit]


def _by_points(actor: Actor, record_type: RecordType, spec: FieldSpec, raw: Any) -> list[UUID]:
    """Visible records with one of these phones or addresses."""
    q = Q()
    for value in _point_values(raw):
        q |= _same_point(spec, value, actor.env)
    if not q:
        return []
    mine = policy.visible(actor, record_type).filter(pk=OuterRef("record_id"))
    points = ContactPoint.objects.filter(q, Exists(mine), type_key=record_type.key, field=spec.key)
    return list(points.values_list("record_id", flat=True)[:CANDIDATES])


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


def _by_words(
    actor: Actor, record_type: RecordType, specs: Iterable[FieldSpec], raw: Mapping[str, Any]
) -> dict[UUID, str]:
    """Visible records with the same tax number, or with the same name but for a slip in each word."""
    tests = list(_tests(actor, record_type, list(specs), raw))
    if not tests:
        return {}
    found: dict[UUID, str] = {}
    sight = index.sight(actor, [record_type])
    for row in sight.candidates([reading for reading, _why, _same in tests], 0, CANDIDATES):
        for _reading, why, same in tests:
            if same(row.parts):
                found.setdefault(row.ref.id, why)
    return found


def _tests(
    actor: Actor, record_type: RecordType, specs: list[FieldSpec], raw: Mapping[str, Any]
) -> Iterable[tuple[Reading, str, Callable[[Mapping[str, str]], bool]]]:
    """What to look for: (query of the index, why, test of a document's parts)."""
    for spec in specs:
        if spec.kind == "taxnumber":
            words = spaced(_tax_number(record_type, spec, raw, actor.env)).split()
            yield from _test({spec.key: words}, "taxnumber")
        elif spec.kind == "text" and spec.key not in record_type.title_fields:
            yield from _test({spec.key: _name_words(raw[spec.key])}, "name")
    names = [spec for spec in record_type.specs if spec.duplicate and spec.key in record_type.title_fields]
    given = {spec.key for spec in specs}
    if all(spec.key in given for spec in names):  # a given name alone makes nobody a duplicate
        yield from _test({spec.key: _name_words(raw[spec.key]) for spec in names}, "name")


def _test(
    wanted: Mapping[str, list[str]], why: str
) -> Iterable[tuple[Reading, str, Callable[[Mapping[str, str]], bool]]]:
    reading = tuple(slips(word) for words in wanted.values() for word in words)
    if not wanted or not all(wanted.values()) or not indexable(reading):
        return

    def same(parts: Mapping[str, str]) -> bool:
        return all(_same_words(words, parts.get(key, "")) for key, words in wanted.items())

    yield reading, why, same


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


def _tax_number(record_type: RecordType, spec: FieldSpec, raw: Mapping[str, Any], env: Env) -> str:
    country = raw.get(spec.extra.get("country", "country")) or env.country
    try:
        return kinds.tax_number(str(raw[spec.key]), str(country))
    except (kinds.BadValue, Invalid, ValueError):
        return str(raw[spec.key])
