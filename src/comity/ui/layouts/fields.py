"""The fields of a card and its forms under their headings: as delivered, or as a layout has them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from comity.access.snapshot import own_label
from comity.records.fields import FieldSpec
from comity.records.labels import Label
from comity.records.types import RecordType
from comity.ui.layouts.state import What

GROUPS = {
    "details": Label("Details", "Данные", "Дані", "Данни", "Rincian", "التفاصيل"),
    "business": Label("Business", "Дела", "Справи", "Дейност", "Usaha", "الأعمال"),
    "requisites": Label("Requisites", "Реквизиты", "Реквізити", "Реквизити", "Data resmi", "البيانات الرسمية"),
    "personal": Label("Personal", "Личное", "Особисте", "Лични", "Pribadi", "شخصي"),
    "custom": Label("More", "Ещё", "Ще", "Още", "Lainnya", "المزيد"),
    "work": Label("Who works with it", "Кто ведёт", "Хто веде", "Кой работи с това", "Penangan", "من يتولاه"),
    "system": Label("Card", "Карточка", "Картка", "Карта", "Kartu", "البطاقة"),
}
NOT_PLACED = frozenset({"tags", "aside"})  # groups of fields that have places of their own on a card


@dataclass
class Group:
    """A heading with its fields; `folded` are those behind "more"."""

    key: str
    label: Label | None
    fields: list[FieldSpec] = field(default_factory=list)
    folded: list[FieldSpec] = field(default_factory=list)


def placed(record_type: RecordType) -> list[FieldSpec]:
    """The fields a layout of a card puts in their places."""
    return [spec for spec in record_type.specs if spec.group not in NOT_PLACED and spec.kind != "tags"]


def grouped(
    specs: Iterable[FieldSpec], what: What | None, stays: Callable[[FieldSpec], bool] = lambda spec: False
) -> list[Group]:
    """The fields in groups; those a layout does not name (made later, their group gone) stand at the end of their own.

    stays  whether a field is never folded, whatever the layout says
    """
    found = [
        Group(one["key"], heading(one["key"], one.get("label", {}))) for one in (what["groups"] if what else ())
    ]  # fmt: skip
    by_key = {one.key: one for one in found}
    places = {key: one["key"] for one in (what["groups"] if what else ()) for key in one["fields"]}
    order = {key: place for place, key in enumerate(places)}
    folded = frozenset(what["folded"]) if what else frozenset()
    if order:
        specs = sorted(specs, key=lambda spec: order.get(spec.key, len(order)))
    for spec in specs:
        key = places.get(spec.key, spec.group)
        group = by_key.get(key)
        if group is None:
            group = by_key[key] = Group(key, GROUPS.get(key))
            found.append(group)
        (group.folded if spec.key in folded and not stays(spec) else group.fields).append(spec)
    return found


def heading(key: str, label: dict[str, str]) -> Label | None:
    """What a group is called: by the layout, in the languages it leaves out as delivered."""
    shipped = GROUPS.get(key)
    return own_label(shipped, label) if shipped else Label.of(label) if label else None


def delivered(record_type: RecordType) -> What:
    """A card as it comes, in the form of a layout."""
    groups = grouped(placed(record_type), None)
    keys = list(GROUPS)
    groups.sort(key=lambda one: keys.index(one.key) if one.key in keys else len(keys))
    return {
        "groups": [{"key": one.key, "label": {}, "fields": [spec.key for spec in one.fields]} for one in groups],
        "folded": [],
    }


def complete(record_type: RecordType, what: What) -> What:
    """A layout as it comes out today: without fields that are gone, with those made later where they show."""
    groups = {one["key"]: {**one, "fields": list[str]()} for one in what["groups"]}
    for group in grouped(placed(record_type), {**what, "folded": []}):
        line = groups.setdefault(group.key, {"key": group.key, "label": {}, "fields": []})
        line["fields"] = [spec.key for spec in group.fields]
    known = {key for one in groups.values() for key in one["fields"]}
    return {"groups": list(groups.values()), "folded": [key for key in what["folded"] if key in known]}
