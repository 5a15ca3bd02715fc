"""Fields added by an administrator: what keeps their keys, kinds and choices sound, and their index."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.changes import field_traits, formula_fields
from comity.changes.bus import Work
from comity.changes.settings import (
    Row,
    SaveSetting,
    SettingType,
    Values,
    Wrong,
    existing,
    key_problem,
    register_type,
    setting_type,
    text_per_language,
)
from comity.identity.models import HUES
from comity.kernel import units
from comity.kernel.errors import NotFound
from comity.records import json_access
from comity.records.labels import LANGUAGES, Label
from comity.records.models import CustomField, RelationKind
from comity.records.types import RecordType

# Kinds whose values fit under a key of the `custom` JSON.
KINDS = (
    "text", "longtext", "integer", "number", "percent", "money", "date", "datetime", "bool", "choice", "choices",
    "user", "url", "country", "language", "currency", "relation", "file", "team", "phones", "emails", "handles",
    "address", "taxnumber",
)  # fmt: skip
CHOICE_KINDS = frozenset({"choice", "choices"})
INDEXABLE = frozenset({
    "integer", "number", "percent", "money", "date", "datetime", "bool", "choice", "user", "country", "language",
    "currency", "team", "text", "url", "taxnumber",
})  # fmt: skip
MAX_CHOICES = 200


def _record_type(work: Work, key: str) -> RecordType:
    try:
        return work.actor.state.record_types[key]
    except KeyError:
        raise NotFound() from None


def _check(work: Work, row: Row, before: Values) -> None:
    record_type, wrong = _record_type(work, row.type_key), Wrong()
    if before:
        for name in ("type_key", "key", "kind"):  # the kind by ChangeKind alone
            if before[name] != getattr(row, name):
                wrong.add(name, _("This can't be changed once the field exists. Make a new field instead."))
    else:
        _check_key(row, wrong)
    formula_fields.check(work, row, before, wrong)
    if row.kind not in KINDS:
        wrong.add("kind", _("Choose one of the list."))
    _check_texts(row, wrong)
    _check_unit(row, wrong)
    row.choices = _choices(record_type, row, before, wrong) if row.kind in CHOICE_KINDS else []
    field_traits.check(work, record_type, row, before, wrong)
    if row.indexed and row.kind not in INDEXABLE:
        row.indexed = False  # long texts are found by search, not by an index
    wrong.stop()


@dataclass
class MoveField:
    """Let a field change places with the one before it in the form, or (`shift` 1) with the one after it."""

    key: ClassVar[str] = "field.move"
    field_id: UUID
    shift: int = -1

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        row = existing(setting_type("field"), self.field_id)
        rows = list(CustomField.objects.filter(type_key=row.type_key, archived_at=None).order_by("position", "id"))
        place = next((n for n, one in enumerate(rows) if one.pk == row.pk), 0)
        other = place + (1 if self.shift > 0 else -1)
        if 0 <= other < len(rows):
            rows[other], rows[place] = rows[place], rows[other]
        for n, one in enumerate(rows):
            if one.position != 10 * n:
                SaveSetting("field", {"position": 10 * n}, one.pk).apply(work)


def _check_key(row: Row, wrong: Wrong) -> None:
    problem = key_problem(row.key)
    if problem or RelationKind.objects.filter(key=row.key).exists():
        wrong.add("key", problem or _("This key is in use already."))
    elif CustomField.objects.filter(type_key=row.type_key, key=row.key).exclude(pk=row.pk).exists():
        wrong.add("key", _("This key is in use already, perhaps by an archived field."))


def _check_texts(row: Row, wrong: Wrong) -> None:
    try:
        row.label = text_per_language(row.label, LANGUAGES)
    except ValueError as problem:
        wrong.add("label", str(problem))
    if any(row.help.values()) if isinstance(row.help, dict) else row.help:
        try:
            row.help = text_per_language(row.help, LANGUAGES, limit=300)
        except ValueError as problem:
            wrong.add("help", str(problem))
    else:
        row.help = {}


def _check_unit(row: Row, wrong: Wrong) -> None:
    if row.kind in ("integer", "number"):
        if row.unit not in {unit.key for unit in units.every()}:
            wrong.add("unit", _("Say what is counted: choose a unit."))
    else:
        row.unit = ""


def _choices(record_type: RecordType, row: Row, before: Values, wrong: Wrong) -> list[dict[str, Any]]:
    """The choices tidied: {"key", "label" per language, "hue"}; those in use may be renamed but not taken away."""
    found: dict[str, dict[str, Any]] = {}
    given = row.choices if isinstance(row.choices, list) else []
    for one in given:
        key = str(one.get("key") or "") if isinstance(one, dict) else ""
        if not json_access.KEY.fullmatch(key) or key in found:
            wrong.add(
                "choices", _("Each value needs a key of its own, of small Latin letters, digits and underscores.")
            )
            return []
        try:
            label = text_per_language(one.get("label"), LANGUAGES)
        except ValueError as problem:
            wrong.add("choices", str(problem))
            return []
        hue = one.get("hue") or 0
        found[key] = {"key": key, "label": label, "hue": hue if hue in range(HUES + 1) else 0}
        if one.get("retired") is True:  # another one took its place: see changes.value_merging
            found[key]["retired"] = True
    if not found or len(found) > MAX_CHOICES:
        text = ngettext(
            "Give between 1 and %(limit)s value to choose from.",
            "Give between 1 and %(limit)s values to choose from.",
            MAX_CHOICES,
        )
        wrong.add("choices", text % {"limit": MAX_CHOICES})
    for one in before.get("choices", []):
        if one["key"] not in found and _in_use(record_type, row, one["key"]):
            wrong.add("choices", _("“%(name)s” stands on some cards, so it can't be taken away.")
                      % {"name": Label.of(one["label"])["en"]})  # fmt: skip
    return list(found.values())


def _in_use(record_type: RecordType, row: Row, choice: str) -> bool:
    records = record_type.rows.annotate(held=json_access.CustomText(row.key))
    if row.kind == "choices":
        return bool(records.filter(held__contains=f"|{choice}|").exists())
    return bool(records.filter(held=choice).exists())


def _saved(work: Work, row: Row, before: Values) -> None:
    formula_fields.saved(work, row, before)
    wanted = row.indexed and row.archived_at is None
    had = bool(before) and before["indexed"] and before["archived_at"] is None
    if wanted and not had:
        record_type = _record_type(work, row.type_key)
        json_access.create_index(record_type.model, row.kind, row.key, record_type.key if record_type.own else "")
    elif had and not wanted:
        _drop_index(work, row)


def _archived(work: Work, row: Row) -> None:
    formula_fields.check_archive(work, row)
    if row.indexed and row.archived_at is None:
        _drop_index(work, row)


def _drop_index(work: Work, row: Row) -> None:
    record_type = _record_type(work, row.type_key)
    json_access.drop_index(record_type.model, row.key, record_type.key if record_type.own else "")


register_type(SettingType(
    "field", CustomField,
    ("type_key", "key", "kind", "label", "help", "unit", "choices", "required", "search", "indexed", "personal",
     "target", "several", "backward", "accept", "max_size", "begins", "since", "duplicate", "keep_months",
     "formula", "position"),
    "fields", lambda row: row.label, _check, _saved, removed=_archived,
))  # fmt: skip
