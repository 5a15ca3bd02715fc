"""Which of the cards some rows tell of are here already: by the source's own key, e-mail, telephone, tax number, name.

In few queries for all rows at once, and only among what who loads the file sees: a hidden card is as if it were not.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor
from comity.exchange.imports.model import ExternalKey
from comity.exchange.imports.shaping import Part
from comity.kernel.text import fold
from comity.records.conditions import point_fold
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import ContactPoint
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search.duplicates import keys_of
from comity.search.likeness import alike, sounds
from comity.search.models import DuplicateKey

PORTION = 400  # keys of one query
NAME = "name"
Found = Mapping[str, list[UUID]]


def keys_offered(actor: Actor, record_type: RecordType) -> list[str]:
    """By what cards of a type may be found: fields of his that tell who it is, and a company's name."""
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    found = [
        spec.key for spec in record_type.specs
        if spec.key in readable and spec.duplicate and spec.kind in (CONTACT_KINDS | {"taxnumber"}) - {"handles"}
    ]  # fmt: skip
    order = {"emails": 0, "phones": 1, "taxnumber": 2}
    found.sort(key=lambda key: order.get(record_type.spec(key).kind, 9))
    return [*found, NAME] if by_name(record_type) else found


def by_name(record_type: RecordType) -> bool:
    """Whether cards of a type may be told by their name alone: firms, objects; never people or deals."""
    return record_type.title_fields == ("name",) and record_type.spec("name").duplicate


def match_keys(part: Part, wanted: Sequence[str]) -> list[tuple[str, str]]:
    """What a row says of a card that others may say too: [(field or NAME, value in its comparable form)]."""
    found: list[tuple[str, str]] = []
    for key in wanted:
        held = part.said.get(key)
        if held is None:
            held = part.said[key] = _said(part, key)
        found += held
    return found


def _said(part: Part, key: str) -> list[tuple[str, str]]:
    if key == NAME:
        name = fold(str(part.values.get("name") or ""))
        return [(NAME, name)] if name else []
    value = part.values.get(key)
    if not value:
        return []
    spec = part.type.spec(key)
    if spec.kind in CONTACT_KINDS:
        return [(key, point_fold(spec, point["value"])) for point in value]
    return [(key, _compact(str(value)))]


def _compact(text: str) -> str:
    return fold(text).replace(" ", "")


class Here:
    """The cards of one type that some rows may tell of, looked up once for all of these rows."""

    def __init__(
        self, actor: Actor, record_type: RecordType, source: str, wanted: Sequence[str], parts: Iterable[Part]
    ) -> None:
        self.actor, self.type, self.source, self.wanted = actor, record_type, source, wanted
        parts = [part for part in parts if part.keys or part.values]
        self.by_key = self._external([key for part in parts for key in part.keys])
        said = {one for part in parts for one in match_keys(part, wanted)}
        self.by_said: dict[tuple[str, str], list[UUID]] = {}
        for key in wanted:
            values = sorted(value for one, value in said if one == key)
            if values:
                self._look(key, values)
        ids = {one for some in (*self.by_key.values(), *self.by_said.values()) for one in some}
        self.titles = self._visible(ids)
        self.named = self._own_keys() if any(part.external for part in parts) else {}

    def _external(self, keys: Sequence[str]) -> dict[str, list[UUID]]:
        found: dict[str, list[UUID]] = {}
        keys = sorted(set(keys))
        for start in range(0, len(keys), PORTION):
            rows = ExternalKey.objects.filter(
                type_key=self.type.key, source=self.source, external__in=keys[start : start + PORTION]
            ).order_by("-id")  # fmt: skip
            for key, record_id in rows.values_list("external", "record_id"):
                found.setdefault(key, []).append(record_id)
        return found

    def _look(self, key: str, values: Sequence[str]) -> None:
        for start in range(0, len(values), PORTION):
            some = values[start : start + PORTION]
            if key == NAME:
                self._by_keys(
                    duplicate_rules.NAME, {keys[0]: value for value in some if (keys := self._skeleton(value))}
                )
            elif self.type.spec(key).kind in CONTACT_KINDS:
                rows = ContactPoint.objects.filter(fold__in=some, type_key=self.type.key, field=key)
                for value, record_id in rows.values_list("fold", "record_id"):
                    self.by_said.setdefault((key, value), []).append(record_id)
            else:
                self._by_keys(key, {value: value for value in some})
                for value, ids in self._external([f"t:{value}" for value in some]).items():
                    self.by_said.setdefault((key, value[2:]), []).extend(ids)

    def _skeleton(self, name: str) -> list[str]:
        return keys_of(self.type, duplicate_rules.NAME, sounds(name)) if self._has_rule(duplicate_rules.NAME) else []

    def _has_rule(self, rule: str) -> bool:
        return rule in duplicate_rules.of(self.actor.state, self.type).weights

    def _by_keys(self, rule: str, wanted: Mapping[str, str]) -> None:
        """By the keys search keeps of cards; of names only the candidates, their titles are compared later."""
        if not wanted or not self._has_rule(rule):
            return
        rows = DuplicateKey.objects.filter(type_key=self.type.key, rule=rule, key__in=list(wanted))
        for key, record_id in rows.values_list("key", "record_id"):
            if rule == duplicate_rules.NAME:
                self.by_said.setdefault((NAME, ""), []).append(record_id)
            else:
                self.by_said.setdefault((rule, wanted[key]), []).append(record_id)

    def _visible(self, ids: Iterable[UUID]) -> dict[UUID, str]:
        found: dict[UUID, str] = {}
        every = sorted(ids)
        for start in range(0, len(every), PORTION):
            rows = policy.visible(self.actor, self.type).filter(pk__in=every[start : start + PORTION])
            found |= dict(rows.values_list("pk", "title"))
        names: dict[str, list[UUID]] = {}
        for record_id in self.by_said.pop((NAME, ""), ()):
            if record_id in found:
                names.setdefault(fold(found[record_id]), []).append(record_id)
        for name, some in names.items():
            self.by_said[NAME, name] = list(dict.fromkeys(some))
        return found

    def _own_keys(self) -> dict[UUID, str]:
        """By which keys of its own the source knows the cards found."""
        found: dict[UUID, str] = {}
        every = sorted(self.titles)
        for start in range(0, len(every), PORTION):
            rows = ExternalKey.objects.filter(
                type_key=self.type.key, record_id__in=every[start : start + PORTION], source=self.source
            ).exclude(external__startswith="n:").exclude(external__startswith="t:")  # fmt: skip
            found |= dict(rows.values_list("record_id", "external"))
        return found

    def find(self, part: Part) -> tuple[list[UUID], str]:
        """The cards a part of a row may mean, and by what: one is it, several are a question; none is new."""
        for key in part.keys:
            seen = [one for one in self.by_key.get(key, ()) if one in self.titles]
            if seen:
                return seen[:1], "key"
        for key in self.wanted:
            found: dict[UUID, None] = {}
            for one in match_keys(part, [key]):
                found |= dict.fromkeys(self.by_said.get(one, ()))
            fitting = [one for one in found if one in self.titles and self._may_be(part, one, key)]
            if fitting:
                return fitting, key
        return [], ""

    def _may_be(self, part: Part, record_id: UUID, key: str) -> bool:
        """Another key of the same program is another card; two people may share a telephone."""
        if part.external and self.named.get(record_id, part.external) != part.external:
            return False
        return key == NAME or not shared(self.type, key) or same_name(part, self.titles[record_id])


def shared(record_type: RecordType, key: str) -> bool:
    """Whether several cards may well have the same value of a field."""
    return record_type.spec(key).kind in CONTACT_KINDS and "given_name" in record_type.title_fields


def same_name(part: Part, title: str) -> bool:
    """Whether a row's name may be that of a card: alike, or one of them a part of the other."""
    own = sounds(" ".join(str(part.values.get(key) or "") for key in part.type.title_fields))
    other = sounds(title)
    if not own or not other or alike(own, other):
        return True
    return set(own) <= set(other) or set(other) <= set(own)


def specs_of(record_type: RecordType, keys: Iterable[str]) -> list[FieldSpec]:
    """The fields among keys by which cards are found."""
    return [record_type.spec(key) for key in keys if key != NAME]


def words_of(actor: Actor, record_type: RecordType, key: str) -> str:
    """A key in words."""
    spec: Any = record_type.spec("name" if key == NAME else key)
    label: str = spec.label[actor.language]
    return label
