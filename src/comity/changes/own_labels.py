"""What the company calls shipped fields and kinds of cards, instead of what the house calls them."""

from typing import Any

from django.utils.translation import gettext as _

from comity.access.snapshot import ONE, SEVERAL
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type, text_per_language
from comity.records import types
from comity.records.labels import LANGUAGES, Label
from comity.records.models import OwnLabel

LONGEST = 60


def shipped_label(type_key: str, part: str) -> Label | None:
    """What the house calls a type (ONE, SEVERAL) or one of its fields; None when there is no such thing."""
    try:
        record_type = types.get(type_key)
    except KeyError:
        return None
    if part in (ONE, SEVERAL):
        return record_type.plural if part else record_type.label
    specs = record_type.model.specs + types.COMMON
    return next((spec.label for spec in specs if spec.key == part and part not in record_type.without), None)


def _check(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    moved = bool(before) and (before["type_key"], before["part"]) != (row.type_key, row.part)
    if moved or shipped_label(row.type_key, row.part) is None:
        wrong.add("part", _("Choose one of the list."))
    elif not before and OwnLabel.objects.filter(type_key=row.type_key, part=row.part).exists():
        wrong.add("label", _("Somebody has given it a name meanwhile. Open the page again."))
    try:
        row.label = text_per_language(row.label, LANGUAGES, LONGEST)
    except ValueError as problem:
        wrong.add("label", str(problem))
    wrong.stop()


def _goes(work: Work, row: Row) -> None:
    """It is called again as the house calls it."""


def _name(row: Row) -> dict[str, Any]:
    shipped = shipped_label(row.type_key, row.part)
    return dict(shipped.texts) if shipped else {"en": f"{row.type_key} {row.part}"}


register_type(SettingType(
    "own_label", OwnLabel, ("type_key", "part", "label"), "fields", _name, _check, removed=_goes,
))  # fmt: skip
