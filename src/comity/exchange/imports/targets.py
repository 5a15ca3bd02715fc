"""What a column of a file may fill: a field of a card, a part of it, the card's key, its dates, a note."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes import intake
from comity.kernel.text import listed
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.kinds import ADDRESS_PARTS
from comity.records.types import RecordType

LEFT_OUT = "-"
ID, NAME, NOTE, CREATED, AUTHOR, CLOSED, BEGUN, PHOTO, KIND = (
    "@id", "@name", "@note", "@created_at", "@created_by", "@closed_at", "@begun", "@photo", "@kind",
)  # fmt: skip
LINES = "lines"
LINE_PARTS = ("name", "quantity", "price")
POINT_LABELS = ("work", "mobile", "home", "other")
UNFILLED = frozenset({"card", "link", "relation", "file", "team"})  # by their own parts, or not at all


@dataclass(frozen=True, slots=True)
class Target:
    """ "person.phones.work": the type of card, a field or one of the keys above, a part of the field."""

    part: str
    field: str
    sub: str = ""

    def __str__(self) -> str:
        return ".".join(filter(None, (self.part, self.field, self.sub)))


def parse(text: str) -> Target | None:
    """The target of a mapping's text; None for a column that fills nothing."""
    part, _dot, rest = text.partition(".")
    field, _dot, sub = rest.partition(".")
    return Target(part, field, sub) if field else None


def types(actor: Actor) -> list[RecordType]:
    """The types an actor may load: those of which he may make cards."""
    return [
        one for one in actor.state.types_on
        if actor.scope(one.key, "create") != "none" and actor.scope(one.key, "view") != "none"
    ]  # fmt: skip


def fits(actor: Actor, target: Target) -> bool:
    """Whether the actor's file may fill that."""
    record_type = actor.state.record_types.get(target.part)
    if record_type is None or record_type not in types(actor):
        return False
    if target.field in (ID, NOTE, CREATED, AUTHOR):
        return True
    if target.field in (NAME, PHOTO):
        return named_apart(record_type)
    if target.field == KIND:
        return named_apart(record_type) and any(one.key == "company" for one in types(actor))
    if target.field == CLOSED:
        return "closed_at" in intake.way_of(record_type.key).fields
    if target.field == LINES:
        return LINES in intake.way_of(record_type.key).fields and target.sub in LINE_PARTS
    return any(spec.key == target.field for spec in fields(actor, record_type))


def named_apart(record_type: RecordType) -> bool:
    """Whether a card's name has parts that stand in one column of many files."""
    return set(record_type.title_fields) >= {"given_name", "family_name"}


def fields(actor: Actor, record_type: RecordType) -> list[FieldSpec]:
    """The fields of a type that a column may fill."""
    return [spec for spec in intake.fillable(actor, record_type) if spec.kind not in UNFILLED]


def linked(record_type: RecordType, known: set[str]) -> list[str]:
    """The types a card of a type points to by a field of its own, of those known."""
    found = []
    for spec in record_type.specs:
        if spec.kind in ("link", "relation") and spec.target in known and spec.level == "write":
            found.append(spec.target)
        elif spec.kind == "card":
            found += sorted(known - {record_type.key})
    return list(dict.fromkeys(found))


def reachable(actor: Actor, main: str) -> list[RecordType]:
    """The types a row about `main` may tell of: itself, what it points to, and what that points to."""
    known = {one.key: one for one in types(actor)}
    order = [main] if main in known else []
    for key in order:
        order += [one for one in linked(known[key], set(known)) if one not in order]
    if main == "company":
        order += [key for key in ("person",) if key in known]
    return [known[key] for key in order]


def label(actor: Actor, target: Target) -> str:
    """A target in words, without its type."""
    record_type: Any = actor.state.record_types.get(target.part)
    words = {
        ID: _("Key in the other program"), NAME: _("Whole name"), CREATED: _("Date it was made"),
        AUTHOR: _("Who made it"), CLOSED: _("Date it was closed"),
        NOTE: _("A line in a note") if target.sub else _("Note"),
        BEGUN: _("A line in a note"), PHOTO: _("Photo, as a file of the card"),
        KIND: _("Whether the card is a company"),
    }  # fmt: skip
    if target.field in words:
        return words[target.field]
    if target.field == LINES:
        parts = {"name": _("Product"), "quantity": _("Quantity"), "price": _("Price")}
        return parts.get(target.sub, target.sub)
    spec = next((one for one in record_type.specs if one.key == target.field), None)
    if spec is None:
        return str(target)
    return listed((spec.label[actor.language], sub_label(target.sub)), actor.language)


def sub_label(sub: str) -> str:
    """A part of a field in words."""
    if sub.startswith("@") and sub[1:].isdecimal():
        return ""
    return {
        "work": _("work"), "mobile": _("mobile"), "home": _("home"), "other": _("other"), "street": _("street"),
        "city": _("city"), "region": _("region"), "postcode": _("postcode"), "country": _("country"),
        "@currency": _("currency"), "@label": _("what it is called"),
    }.get(sub, sub)  # fmt: skip


def offered(actor: Actor, main: str) -> list[tuple[RecordType, list[Target]]]:
    """Everything a column of a file about `main` may fill, by type."""
    found = []
    for record_type in reachable(actor, main):
        key = record_type.key
        some = [Target(key, ID)]
        if named_apart(record_type):
            some.append(Target(key, NAME))
        for spec in fields(actor, record_type):
            some.append(Target(key, spec.key))
            if spec.kind in CONTACT_KINDS and spec.kind != "handles":
                some += [Target(key, spec.key, one) for one in POINT_LABELS]
            elif spec.kind == "address":
                some += [Target(key, spec.key, one) for one in ADDRESS_PARTS]
            elif spec.kind == "money":
                some.append(Target(key, spec.key, "@currency"))
        if fits(actor, Target(key, LINES, "name")):
            some += [Target(key, LINES, one) for one in LINE_PARTS]
        some += [Target(key, NOTE), Target(key, NOTE, "line"), Target(key, CREATED), Target(key, AUTHOR)]
        if fits(actor, Target(key, CLOSED)):
            some.append(Target(key, CLOSED))
        found.append((record_type, some))
    return found
