"""Kinds of cards made by an administrator: what keeps their keys, addresses and names sound."""

import re
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from comity.changes import formula_fields
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, key_problem, register_type, text_per_language
from comity.kernel.text import fold
from comity.records import types
from comity.records.labels import LANGUAGES
from comity.records.models import CustomType
from comity.records.types import RecordType

# What an administrator may choose from for the icon; each stands in the sprite.
ICONS = (
    "box", "home", "building", "car", "truck", "tool", "device-laptop", "package", "map-pin", "calendar-event",
    "users", "id-badge", "star", "tag", "coin", "note", "key", "target",
)  # fmt: skip
MENUS = ("clients", "sales", "team")
MOST = 60  # types; each stands in the menu of those who see it
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")


def board_fields(record_type: RecordType) -> list[str]:
    """The choices a type's cards can stand in columns by."""
    return [spec.key for spec in record_type.custom if spec.kind == "choice"]


def free_slug(words: str) -> str:
    """An address made of Latin words that no page and no type has yet."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(words)).strip("-")[:30] or "cards"
    if not base[0].isalpha():
        base = f"cards-{base}"
    slug, number = base, 1
    while _taken(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug


def _taken(slug: str) -> bool:
    """Whether an address is that of a shipped page (of the programs' door too), or of a type that is or was here."""
    try:
        matches = [resolve(f"/{slug}"), resolve(f"/{slug}/"), resolve(f"/api/v1/{slug}")]
    except Resolver404:
        return True
    pages = any(match.kwargs.get("slug") != slug for match in matches)
    shipped = {one.slug for one in types.all_types()}
    return pages or slug in shipped or CustomType.objects.filter(slug=slug).exists()


def _check(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    if before:
        for name in ("key", "slug"):
            if before[name] != getattr(row, name):
                wrong.add(name, _("This can't be changed once the kind of card exists."))
    else:
        _check_new(row, wrong)
    for name in ("label", "plural"):
        try:
            setattr(row, name, text_per_language(getattr(row, name), LANGUAGES, limit=40))
        except ValueError as problem:
            wrong.add(name, str(problem))
    row.name_label = _optional(row.name_label, wrong)
    if row.icon not in ICONS:
        wrong.add("icon", _("Choose one of the list."))
    if row.menu not in MENUS:
        wrong.add("menu", _("Choose one of the list."))
    _check_fields(work, row, wrong)
    wrong.stop()


def _check_new(row: Row, wrong: Wrong) -> None:
    if problem := key_problem(row.key):
        wrong.add("key", problem)
    elif CustomType.objects.filter(key=row.key).exists():
        wrong.add("key", _("This key is in use already, perhaps by an archived kind of card."))
    if not _SLUG.fullmatch(row.slug):
        wrong.add("slug", _("Use small Latin letters, digits and hyphens."))
    elif _taken(row.slug):
        wrong.add("slug", _("This address is in use already."))
    if CustomType.objects.count() >= MOST:
        wrong.add("", _("There are as many kinds of cards as the program holds. Archived ones count too."))


def _optional(raw: Any, wrong: Wrong) -> dict[str, str]:
    """What the name is called: may be empty, for "Name"."""
    if not (any(raw.values()) if isinstance(raw, dict) else raw):
        return {}
    try:
        return text_per_language(raw, LANGUAGES, limit=40)
    except ValueError as problem:
        wrong.add("name_label", str(problem))
        return {}


def _check_fields(work: Work, row: Row, wrong: Wrong) -> None:
    """The columns and the field of the board are fields the type has; those archived since go."""
    record_type = work.actor.state.record_types.get(row.key)
    if record_type is None:  # new, or coming back from the archive
        return
    known = {spec.key for spec in record_type.specs if spec.in_list}
    row.columns = [key for key in row.columns if key in known] if isinstance(row.columns, list) else []
    if row.board_by and row.board_by not in board_fields(record_type):
        wrong.add("board_by", _("Choose one of the list."))


def _removed(work: Work, row: Row) -> None:
    """It is archived: its cards stay in the base and come back with it. Not while formulas of others need them."""
    formula_fields.check_archive_type(work, row.key)


register_type(SettingType(
    "type", CustomType,
    ("key", "slug", "label", "plural", "name_label", "icon", "menu", "columns", "board_by", "position"),
    "fields", lambda row: row.plural, _check, removed=_removed,
))  # fmt: skip
