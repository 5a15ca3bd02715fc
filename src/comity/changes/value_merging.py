"""Two values to choose from that mean the same become one, of a list or of a field; and can become two again.

The cards get the other value in one statement a field: it is no change of any card, no version and nobody's edit, as
with tags. Which cards had the value is kept, so that it can be taken back.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.models import SharingRule
from comity.access.snapshot import Snapshot
from comity.changes import computed, recount
from comity.changes.bus import Work
from comity.changes.models import MergedValue, ValueMerge
from comity.changes.options import RetireOption, open_list, row_of, rows_of
from comity.changes.settings import Row, existing, for_permitted, ref_of, setting_type, write
from comity.changes.writer import setting_values
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.kernel.text import listed
from comity.records import json_access, options
from comity.records.fields import FieldSpec
from comity.records.labels import Label
from comity.records.models import CustomField, SavedView
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register

LIST, FIELD = "list", "field"
UNDO_DAYS = 30
CHUNK = 500
_trees: list[tuple[Any, str]] = [(SavedView, "type_key"), (SharingRule, "type_key")]
Replacing = Callable[[Any], Any]


def watch_tree(model: Any, type_column: str) -> None:
    """Have the conditions of a room above (its column `where`) follow a merge."""
    _trees.append((model, type_column))


@dataclass(frozen=True)
class Place:
    """Where values are chosen from: the list of a key, or the own field of a key."""

    kind: str
    key: str

    @property
    def text(self) -> str:
        """As it is kept."""
        return f"{self.kind}:{self.key}"

    def field(self) -> CustomField:
        """The field; raises NotFound."""
        row: CustomField = existing(setting_type("field"), self.key)
        if row.kind not in ("choice", "choices") or row.archived_at is not None:
            raise NotFound()
        return row

    def choices(self) -> dict[str, tuple[Label, bool]]:
        """The values by key: what each is called, whether it is offered."""
        if self.kind == FIELD:
            return {one["key"]: (Label.of(one["label"]), not one.get("retired")) for one in self.field().choices}
        one = open_list(self.key)
        held = options.placed(one.shipped, rows_of(one))
        return {choice.key: (choice.label, not choice.retired) for _place, choice in held}

    def specs(self, state: Snapshot) -> list[tuple[RecordType, FieldSpec]]:
        """The fields that take such values."""
        if self.kind == FIELD:
            row = self.field()
            record_type = state.record_types.get(row.type_key)
            return [(record_type, record_type.spec(row.key))] if record_type else []
        every = ((kind, spec) for kind in state.record_types.values() for spec in kind.model.specs)
        return [(kind, spec) for kind, spec in every if spec.options == self.key and spec.kind in ("choice", "choices")]

    def require(self, work: Work) -> None:
        """Raises Refused."""
        if not work.actor.permits("fields" if self.kind == FIELD else "settings"):
            raise Refused()


class _Column:
    """One field of one kind of cards, wherever its values stand."""

    def __init__(self, record_type: RecordType, spec: FieldSpec) -> None:
        self.type, self.spec, self.several = record_type, spec, spec.kind == "choices"
        self.source: Any = json_access.CustomText(spec.key) if spec.stored == "custom" else F(spec.key)
        self.rows = record_type.rows.annotate(held_value=self.source)

    def having(self, value: str) -> Any:
        """The cards with a value, the trash included."""
        if self.several:
            return self.rows.filter(held_value__contains=f"|{value}|")
        return self.rows.filter(held_value=value)

    def put(self, rows: Any, old: str, new: str) -> int:
        """Write another value into these cards in the place of one: parts of "a|b" for fields of several."""
        made: Any = Replace(self.source, Value(f"|{old}|"), Value(f"|{new}|" if new else "|"))
        made = made if self.several else Value(new)
        if self.spec.stored == "custom":
            return int(rows.update(custom=json_access.with_text(self.spec.key, made)))
        return int(rows.update(**{self.spec.key: made}))


def used(state: Snapshot, place: Place, value: str) -> int:
    """How many cards have a value."""
    return sum(_Column(*one).having(value).count() for one in place.specs(state))


def mergeable(state: Snapshot, place: Place) -> bool:
    """Whether all that has such values is known here: lists chosen from elsewhere than in fields are not."""
    return bool(place.specs(state))


@dataclass
class MergeValues:
    """Give every card with the value `lost` the value `kept`, in conditions too; `lost` is offered no more.

    Result.data: {"merge": id, "cards": how many}.
    """

    key: ClassVar[str] = "value.merge"
    place: Place
    lost: str
    kept: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        self.place.require(work)
        snapshot.changed()  # nobody else changes settings until the transaction ends
        known, state = self.place.choices(), work.actor.state
        if self.lost not in known or not mergeable(state, self.place):
            raise NotFound()
        if self.kept == self.lost or not known.get(self.kept, (None, False))[1]:
            raise Invalid(fields={"into": [_("Choose one of the list.")]})
        specs = self.place.specs(state)
        _no_formula_names(work, specs, self.lost)
        merge = ValueMerge.objects.create(
            place=self.place.text, lost=self.lost, kept=self.kept, made_by=work.actor.user_id, made_at=now()
        )
        for column in [_Column(*one) for one in specs]:
            merge.cards += self._cards(merge, column)
            _recount(state, column)
        merge.trees = [note for one in specs for note in _replace_trees(state, *one, self.lost, self.kept)]
        merge.fields = [note for one in specs for note in _replace_fields(work, *one, self.lost, self.kept)]
        merge.save()
        self._retire(work)
        _tell(work, self.place, known, merge)
        work.result.data |= {"merge": str(merge.pk), "cards": merge.cards}

    def _cards(self, merge: ValueMerge, column: _Column) -> int:
        rows = column.having(self.lost)
        both = set(rows.filter(held_value__contains=f"|{self.kept}|").values_list("pk", flat=True)) \
            if column.several else set()  # fmt: skip
        ids = list(rows.values_list("pk", flat=True))
        MergedValue.objects.bulk_create(
            (MergedValue(merge=merge, type_key=column.type.key, field=column.spec.key, record_id=pk, both=pk in both)
             for pk in ids), batch_size=CHUNK,
        )  # fmt: skip
        if both:
            column.put(rows.filter(held_value__contains=f"|{self.kept}|"), self.lost, "")
        column.put(rows, self.lost, self.kept)
        return len(ids)

    def _retire(self, work: Work) -> None:
        if self.place.kind == LIST:
            RetireOption(self.place.key, self.lost).apply(work)
        else:
            _mark(work, self.place, self.lost, retired=True)


@dataclass
class UnmergeValues:
    """Take a merge back within 30 days: the cards that had the value get it again, unless they were changed since.

    Result.data: {"left": how many cards stay as they are}.
    """

    key: ClassVar[str] = "value.unmerge"
    merge_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        merge = ValueMerge.objects.select_for_update().filter(pk=self.merge_id, undone_at=None).first()
        if merge is None:
            raise NotFound()
        place = Place(*merge.place.split(":", 1))
        place.require(work)
        if merge.made_at < now() - timedelta(days=UNDO_DAYS):
            raise Refused(_("This cannot be undone."))
        snapshot.changed()
        known, back, state = place.choices(), 0, work.actor.state
        for column in [_Column(*one) for one in place.specs(state)]:
            back += _cards_back(merge, column)
            _recount(state, column)
        for label, pk, old, new in merge.trees:
            model = next(one for one, _by in _trees if one._meta.label == label)
            model.objects.filter(pk=pk, where=new).update(where=old)
        for pk, name, old, new in merge.fields:
            row = CustomField.objects.filter(pk=pk).first()
            if row is not None and getattr(row, name) == new:
                write(work, setting_type("field"), row, setting_values(row), {name: old})
        if place.kind == LIST:
            RetireOption(place.key, merge.lost, back=True).apply(work)
        else:
            _mark(work, place, merge.lost, retired=False)
        merge.undone_at = now()
        merge.save(update_fields=["undone_at"])
        _tell(work, place, known, merge, back=True)
        work.result.data["left"] = merge.cards - back


def open_merges(place: Place) -> list[ValueMerge]:
    """Those that can still be taken back, newest first."""
    since = now() - timedelta(days=UNDO_DAYS)
    return list(ValueMerge.objects.filter(place=place.text, undone_at=None, made_at__gte=since).order_by("-made_at"))


def _cards_back(merge: ValueMerge, column: _Column) -> int:
    number = 0
    for both in (True, False):
        held = merge.values.filter(type_key=column.type.key, field=column.spec.key, both=both)
        ids = list(held.order_by("id").values_list("record_id", flat=True))
        for start in range(0, len(ids), CHUNK):
            rows = column.having(merge.kept).filter(pk__in=ids[start : start + CHUNK])
            if column.several:
                rows = rows.exclude(held_value__contains=f"|{merge.lost}|")
            number += column.put(rows, merge.kept, f"{merge.kept}|{merge.lost}" if both else merge.lost)
    return number


def _recount(state: Snapshot, column: _Column) -> None:
    """What is counted from it on the cards themselves, over all of them."""
    recount.start(state, column.type.key, computed.book(state).touched(column.type.key, [column.spec.key]))


def _no_formula_names(work: Work, specs: list[tuple[RecordType, FieldSpec]], value: str) -> None:
    """A formula says what it means by the value's key; raises Invalid with the names of those that do."""
    keys = {spec.key for _kind, spec in specs}
    found = []
    for row in CustomField.objects.filter(archived_at=None, formula__contains=json.dumps(value)):
        if any(key in row.formula for key in keys):
            found.append(Label.of(row.label)[work.actor.language])
    if found:
        text = _("These formulas name this value: %(formulas)s. Change them first.")
        raise Invalid(fields={"into": [text % {"formulas": listed(found, work.actor.language)}]})


def _replace_trees(
    state: Snapshot, record_type: RecordType, spec: FieldSpec, lost: str, kept: str
) -> Iterable[list[Any]]:
    """Conditions about that field name the other value; what each was and is now."""
    for model, by in _trees:
        for row in model.objects.select_for_update().order_by("pk"):
            owner = state.record_types.get(getattr(row, by))
            if owner is None or not row.where:
                continue
            made = _tree(row.where, _paths(owner, record_type, spec), lost, kept)
            if made != row.where:
                yield [model._meta.label, str(row.pk), row.where, made]
                model.objects.filter(pk=row.pk).update(where=made)


def _paths(owner: RecordType, record_type: RecordType, spec: FieldSpec) -> set[str]:
    """How conditions about cards of a type name the field: by its key, and over links to its cards."""
    over = {f"{one.key}.{spec.key}" for one in owner.specs if one.target == record_type.key}
    return over | ({spec.key} if owner.key == record_type.key else set())


def _tree(node: Any, paths: set[str], lost: str, kept: str) -> Any:
    if isinstance(node, list):
        return [_tree(one, paths, lost, kept) for one in node]
    if not isinstance(node, Mapping):
        return node
    if "field" not in node:
        return {key: _tree(one, paths, lost, kept) for key, one in node.items()}
    if node["field"] not in paths or "value" not in node:
        return dict(node)
    return {**node, "value": _instead(node["value"], lost, kept)}


def _instead(value: Any, lost: str, kept: str) -> Any:
    if isinstance(value, list):
        return list(dict.fromkeys(kept if one == lost else one for one in value))
    return kept if value == lost else value


def _replace_fields(work: Work, record_type: RecordType, spec: FieldSpec, lost: str, kept: str) -> Iterable[list[Any]]:
    """What new cards begin with, and from which column of the board on fields are demanded."""
    for row in CustomField.objects.filter(type_key=record_type.key, archived_at=None):
        new: dict[str, Any] = {}
        if row.key == spec.key and _instead(row.begins, lost, kept) != row.begins:
            new["begins"] = _instead(row.begins, lost, kept)
        if row.since == lost and record_type.extra.get("board") == spec.key:
            new["since"] = kept
        for name, value in new.items():
            yield [str(row.pk), name, getattr(row, name), value]
            write(work, setting_type("field"), row, setting_values(row), {name: value})


def _mark(work: Work, place: Place, value: str, *, retired: bool) -> None:
    row: Row = place.field()
    choices = [{**one, "retired": retired} if one["key"] == value else one for one in row.choices]
    write(work, setting_type("field"), row, setting_values(row), {"choices": choices})


def _tell(
    work: Work, place: Place, known: Mapping[str, tuple[Label, bool]], merge: ValueMerge, back: bool = False
) -> None:
    """Who changes settings reads it in their story: the one value in the place of the other."""
    row = place.field() if place.kind == FIELD else row_of(open_list(place.key), merge.lost)
    kind = setting_type("field" if place.kind == FIELD else "option")
    names = [known[key][0].texts for key in (merge.lost, merge.kept)]
    payload = {"setting": kind.key, "name": kind.label(row), "values": names, "cards": merge.cards, "back": back}
    work.tell("setting.merged", ref_of(kind.key, row), payload)


def _text(payload: Payload, actor: Actor) -> str:
    lost, kept = (Label.of(one)[actor.language] for one in payload["values"])
    told = {"lost": lost, "kept": kept}
    if payload["back"]:
        return _("took back that the value “%(lost)s” was merged into “%(kept)s”") % told
    return _("merged the value “%(lost)s” into “%(kept)s”") % told


register(EventType("setting.merged", _text, icon="arrows-join", redact=for_permitted))
