"""What only some kinds of fields have, and when a field must be filled: kept sound whenever a field is written."""

from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.access.snapshot import custom_spec
from comity.changes import demands
from comity.changes.bus import Work
from comity.changes.settings import Row, Values, Wrong, text_per_language
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.labels import LANGUAGES
from comity.records.models import Relation
from comity.records.types import RecordType

REQUIRED = ("", "always", "creation", "since")
DUPLICATE = CONTACT_KINDS | {"text", "url", "taxnumber", "date", "integer"}  # kinds two cards can share a value of
WORDS = {"date": "today", "datetime": "today", "user": "me", "team": "my_team"}  # what a beginning may say instead
BEGINNING = frozenset({
    "text", "longtext", "integer", "number", "percent", "money", "date", "datetime", "bool", "choice", "choices",
    "user", "team", "url", "country", "language", "currency",
})  # fmt: skip
MAX_ENDINGS = 20


def check(work: Work, record_type: RecordType, row: Row, before: Values, wrong: Wrong) -> None:
    """Tidy the row; what is wrong goes to `wrong`."""
    if row.required not in REQUIRED:
        wrong.add("required", _("Choose one of the list."))
    known = {one.key for one in demands.steps(work.actor, record_type)}
    if row.required != "since":
        row.since = ""
    elif row.since not in known or row.since == "":
        wrong.add("since", _("Choose one of the list."))
    _check_relation(work.actor, row, before, wrong)
    _check_file(row, wrong)
    if row.kind not in ("relation", "file"):
        row.several = False
    row.duplicate = bool(row.duplicate) and row.kind in DUPLICATE and not row.formula
    if not isinstance(row.keep_months, int) or not 0 <= row.keep_months <= 120:
        wrong.add("keep_months", _("Enter a whole number from %(low)s to %(high)s.") % {"low": 0, "high": 120})
    _check_beginning(work.actor, row, wrong)


def _check_relation(actor: Actor, row: Row, before: Values, wrong: Wrong) -> None:
    if row.kind != "relation":
        row.target, row.backward = "", {}
        return
    if before and before["target"] != row.target:
        wrong.add("target", _("This can't be changed once the field exists. Make a new field instead."))
    elif row.target and row.target not in actor.state.record_types and not before:
        wrong.add("target", _("Choose one of the list."))
    if before and before["several"] and not row.several and _holds_several(row):
        wrong.add("several", _("Some cards hold more than one, so it can't be one from now on."))
    if any(row.backward.values()) if isinstance(row.backward, dict) else row.backward:
        try:
            row.backward = text_per_language(row.backward, LANGUAGES)
        except ValueError as problem:
            wrong.add("backward", str(problem))
    else:
        row.backward = {}


def _holds_several(row: Row) -> bool:
    held = Relation.objects.filter(kind=row.key, from_type=row.type_key).values("from_id").annotate(n=Count("id"))
    return bool(held.filter(n__gt=1).exists())


def _check_file(row: Row, wrong: Wrong) -> None:
    if row.kind != "file":
        row.accept, row.max_size = [], 0
        return
    given = row.accept.replace(",", " ").split() if isinstance(row.accept, str) else row.accept
    endings = [str(one).strip().lower().lstrip(".") for one in given] if isinstance(given, list) else [""]
    if len(endings) > MAX_ENDINGS or not all(one.isascii() and one.isalnum() and len(one) < 11 for one in endings):
        wrong.add("accept", _("Give endings of file names, such as pdf, jpg."))
    row.accept = list(dict.fromkeys(endings))
    if not isinstance(row.max_size, int) or not 0 <= row.max_size <= settings.FILE_LIMIT:
        limit = settings.FILE_LIMIT // 1_000_000
        wrong.add("max_size", _("Enter a whole number from %(low)s to %(high)s.") % {"low": 0, "high": limit})


def _check_beginning(actor: Actor, row: Row, wrong: Wrong) -> None:
    """What new cards begin with is a value the field takes, kept as raw input in a form that programs send."""
    if row.begins in (None, "", [], {}) or row.kind not in BEGINNING or row.formula or wrong.fields:
        row.begins = None if row.kind not in BEGINNING or not wrong.fields else row.begins
        return
    if row.begins == WORDS.get(row.kind):
        return
    spec = custom_spec(row)
    try:
        value = kinds.clean(spec, row.begins, actor.env)
    except kinds.BadValue as problem:
        wrong.add("begins", str(problem))
        return
    row.begins = as_input(spec, value)


def as_input(spec: FieldSpec, value: Any) -> Any:
    """A value as raw input that means the same whatever language it is read in."""
    if value is None or kinds.empty(value):
        return None
    if spec.kind in ("number", "percent"):
        return f"{kinds.decimal(value):f}"
    if spec.kind == "money":
        return {"amount": f"{kinds.decimal(value[0]):f}", "currency": value[1]}
    return kinds.to_json(spec, value)
