"""Formulas as settings: checked when they are written, counted when they are saved, kept from whom they would tell."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import SCOPES, Role
from comity.access.snapshot import custom_spec
from comity.changes import computed, recount, writer
from comity.changes.bus import Work
from comity.changes.settings import Row, Values, Wrong, ref_of, setting_type, told
from comity.kernel.errors import Invalid
from comity.kernel.text import clean, listed
from comity.records.fields import LEVELS, FieldSpec
from comity.records.formulas import shapes
from comity.records.formulas.book import Book, Formula
from comity.records.formulas.checking import Checked
from comity.records.formulas.checking import check as check_tree
from comity.records.formulas.parsing import parse
from comity.records.formulas.problems import BadFormula
from comity.records.models import CustomField
from comity.records.types import RecordType

KIND = "formula"  # what is asked for where kind and unit follow from the formula
Types = Mapping[str, RecordType]


def tried(actor: Actor, record_type: RecordType, source: str) -> Checked:
    """A formula checked for a type, not written; raises BadFormula."""
    return check_tree(parse(source), record_type, actor.state.record_types)


def check(work: Work, row: Row, before: Values, wrong: Wrong) -> None:
    """Keep a formula field sound: it fits its kind, no circle, no other breaks; kind and unit may follow from it."""
    row.formula = clean(row.formula or "").strip()
    if before and bool(before.get("formula")) != bool(row.formula):
        wrong.add("formula", _("A field is a formula from the beginning, or never. Make a new field instead."))
        return
    record_type = work.actor.state.record_types[row.type_key]
    if row.formula:
        _check_formula(work.actor, record_type, row, wrong)
    elif row.kind == KIND:
        wrong.add("formula", _("Write the formula."))
    if not wrong.fields.keys() & {"formula", "key", "kind"}:
        _check_house(work, row, before, wrong)


def _check_formula(actor: Actor, record_type: RecordType, row: Row, wrong: Wrong) -> None:
    row.required = ""
    try:
        shape = tried(actor, record_type, row.formula).shape
        if row.kind == KIND:
            row.kind, row.unit = shapes.field_kind(shape)
        elif not shapes.fits(shape, row.kind, row.unit):
            text = _("The formula gives “%(given)s”, which does not fit this field. Make a new field for it.")
            raise BadFormula(text % {"given": shape.words})
    except BadFormula as problem:
        wrong.add("formula", str(problem))


def _with(types: Types, type_key: str, custom: Iterable[FieldSpec]) -> dict[str, RecordType]:
    """The types, one of them with other fields of the administrator's."""
    return {**types, type_key: replace(types[type_key], custom=tuple(custom))}


def _check_house(work: Work, row: Row, before: Values, wrong: Wrong) -> None:
    """With the field as it is to be: no formula depends on itself, none that did fit breaks."""
    types = work.actor.state.record_types
    now = computed.book(work.actor.state)
    if not row.formula and not now.by_type:
        return
    spec = _spec(row)
    if spec is None:
        return
    others = [one for one in types[row.type_key].custom if one.key != row.key]
    then = Book(_with(types, row.type_key, [*others, spec]))
    circle = then.circle()
    if circle:
        names = " → ".join(_named(work.actor, types, then, place) for place in circle)
        text = _("The formulas would go round in a circle: %(circle)s.") % {"circle": names}
        wrong.add("formula" if row.formula else "kind", text)
        return
    broken = _broken(now, then, besides=(row.type_key, row.key))
    if broken:
        text = _("These formulas would not fit any more: %(formulas)s. Change them first.")
        wrong.add("unit", text % {"formulas": _listed(work.actor, broken)})


def _spec(row: Row) -> FieldSpec | None:
    try:
        return custom_spec(row)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # something else is wrong with it, and said


def _named(actor: Actor, types: Types, book: Book, place: tuple[str, str]) -> str:
    formula = next(one for one in book.every() if one.place == place)
    return f"{types[place[0]].label[actor.language]}: {formula.spec.label[actor.language]}"


def _broken(now: Book, then: Book, besides: tuple[str, str] | None = None) -> list[Formula]:
    """The formulas that fit now, and would not then, or whose values would not fit their field."""
    fine = {one.place for one in now.every() if one.checked is not None} - {besides}
    return [
        one for one in then.every()
        if one.place in fine
        and (one.checked is None or not shapes.fits(one.checked.shape, one.spec.kind, one.spec.unit))
    ]  # fmt: skip


def _listed(actor: Actor, formulas: Iterable[Formula]) -> str:
    types = actor.state.record_types
    names = [f"{types[one.type_key].label[actor.language]}: {one.spec.label[actor.language]}" for one in formulas]
    return listed(names, actor.language)


def check_archive(work: Work, row: Row) -> None:
    """A field that formulas need stays; raises Invalid with their names."""
    types = work.actor.state.record_types
    now = computed.book(work.actor.state)
    if not now.by_type or row.type_key not in types:
        return
    others = [one for one in types[row.type_key].custom if one.key != row.key]
    broken = _broken(now, Book(_with(types, row.type_key, others)))
    if broken:
        raise Invalid(
            _("These formulas need this field: %(formulas)s.") % {"formulas": _listed(work.actor, broken)},
            kept=_("Nothing was changed."), todo=_("Change or archive them first."),
        )  # fmt: skip


def check_archive_type(work: Work, type_key: str) -> None:
    """Cards that formulas of others are counted over stay in use; raises Invalid with their names."""
    types = work.actor.state.record_types
    broken = _broken(computed.book(work.actor.state), Book({key: one for key, one in types.items() if key != type_key}))
    if broken:
        raise Invalid(
            _("These formulas need these cards: %(formulas)s.") % {"formulas": _listed(work.actor, broken)},
            kept=_("Nothing was changed."), todo=_("Change or archive them first."),
        )  # fmt: skip


# --- after it was written --------------------------------------------------------------------------------------------


def saved(work: Work, row: Row, before: Values) -> None:
    """A new or changed formula is counted over all cards; what is new in it, some roles do not see yet."""
    if not row.formula or row.archived_at is not None:
        return
    if before and before.get("archived_at") is None and before.get("formula") == row.formula:
        return
    types = work.actor.state.record_types
    record_type = replace(types[row.type_key], custom=_and_row(types[row.type_key], row))
    _hide(work, record_type, row, _checked(work, record_type, before.get("formula", "")))
    recount.start(work.actor.state, row.type_key, [row.key])


def _and_row(record_type: RecordType, row: CustomField) -> tuple[FieldSpec, ...]:
    return (*(one for one in record_type.custom if one.key != row.key), custom_spec(row))


def _checked(work: Work, record_type: RecordType, source: str) -> Checked | None:
    """A formula as it was before; None where there was none, or it fits no more."""
    try:
        return check_tree(parse(source), record_type, work.actor.state.record_types) if source else None
    except BadFormula:
        return None


def _hide(work: Work, record_type: RecordType, row: CustomField, before: Checked | None) -> None:
    """A formula is counted over all cards and fields, whoever looks. So a role that does not see all it is made from
    does not see the value either, until an administrator decides otherwise in the role. What was decided of a formula
    stays while it is made from no more than such a role did not see `before`."""
    checked = check_tree(parse(row.formula), record_type, work.actor.state.record_types)
    kind = setting_type("role")
    work.result.records.append(ref_of(setting_type("field").key, row))  # the first of what is written, not a role
    for role in Role.objects.select_for_update().order_by("pk"):
        if not hidden_from(checked, record_type.key, role):
            continue
        if before is not None and hidden_from(before, record_type.key, role):
            continue
        held = writer.setting_values(role)
        fields = {**role.fields, record_type.key: {**role.fields.get(record_type.key, {}), row.key: "hide"}}
        role.fields = fields
        role.save(update_fields=["fields"])
        told(work, kind, role, held)


def close_to(work: Work, role: Role, before: Values) -> None:
    """A new role, or one that sees fewer cards or fields than `before`, sees no value counted from what it does not see
    now, until an administrator decides otherwise in the role; before it is written."""
    was = Role(grants=before["grants"], fields=before["fields"]) if before else None
    fields = dict(role.fields or {})
    for formula in computed.book(work.actor.state).every():
        (type_key, key), checked = formula.place, formula.checked
        if checked is None or not formula.behind or not hidden_from(checked, type_key, role):
            continue
        if was is None or not hidden_from(checked, type_key, was):
            fields[type_key] = {key: "hide", **fields.get(type_key, {})}
    role.fields = fields


def hidden_from(checked: Checked, type_key: str, role: Role) -> bool:
    """Whether a role does not see all that a formula is made from: fields it may not read, cards it does not see."""
    uses = checked.uses
    reads = {(type_key, key) for key in uses.own} | {(target, key) for _link, target, key in uses.far}
    reads |= {(rollup.type_key, key) for rollup, keys in uses.reads.items() for key in keys}
    others = {target for _link, target, _key in uses.far} | {rollup.type_key for rollup in uses.reads}
    if any(_level(role, place) < LEVELS.index("read") for place in reads):
        return True
    return any(_scope(role, other) < SCOPES.index("all") for other in others)


def _level(role: Role, place: tuple[str, str]) -> int:
    return LEVELS.index(role.fields.get(place[0], {}).get(place[1], "write"))


def _scope(role: Role, type_key: str) -> int:
    grants: dict[str, Any] = role.grants.get(type_key, role.grants.get("*", {}))
    return SCOPES.index(grants.get("view", "none"))


def shown_to(actor: Actor, checked: Checked, record_type: RecordType) -> bool:
    """Whether somebody may be shown what a formula gives before it has rights of its own."""
    state, uses = actor.state, checked.uses
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    if not uses.own <= readable:
        return False
    for target, keys in [
        *((target, {key}) for _link, target, key in uses.far),
        *((rollup.type_key, set(reads)) for rollup, reads in uses.reads.items()),
    ]:
        other = state.record_types[target]
        seen = {spec.key for spec in policy.readable_fields(actor, other)}
        if actor.scope(target, "view") != "all" or not keys <= seen:
            return False
    return True
