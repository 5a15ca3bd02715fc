"""A layout is a setting: written by clicks, told in the story of settings, taken back there."""

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from comity.access.snapshot import snapshot
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type
from comity.kernel.errors import Refused
from comity.kernel.text import listed
from comity.records.labels import LANGUAGES, Label
from comity.ui.layouts.shapes import BadShape, damaged, tidy
from comity.ui.layouts.state import MENU, OF_CARDS
from comity.ui.models import Layout

SETTING = "layout"


def part_label(part: str) -> str:
    """A part in words."""
    return {
        "card": pgettext("layout", "Fields of the card"),
        "panels": pgettext("layout", "Parts of the card’s page"),
        "list": pgettext("layout", "List"),
        "board": pgettext("layout", "Card on the board"),
        MENU: pgettext("layout", "Menu"),
    }[part]


def _name(row: Row) -> dict[str, str]:
    """ "Deals, Card on the board, Sales manager", per language."""
    found, record_type = {}, snapshot().record_types.get(row.type_key)
    for language in LANGUAGES:
        with override(language):
            words = [record_type.plural[language]] if record_type else [row.type_key] if row.type_key else []
            words.append(part_label(row.part))
            if row.role_id or row.team_id:
                words.append(Label.of(row.role.name)[language] if row.role_id else row.team.name)
            found[language] = listed(words, language)
    return found


def _check(work: Work, row: Row, before: Values) -> None:
    wrong, state = Wrong(), work.actor.state
    same = ("type_key", "part", "role_id", "team_id")
    now = {name: None if (held := getattr(row, name)) is None else str(held) for name in same}
    if before and any(before[name] != now[name] for name in same):
        raise Refused(_("A layout stays what it is of. Make another one."))
    fits = row.type_key == "" if row.part == MENU else row.part in OF_CARDS and row.type_key in state.record_types
    if not before and not fits:
        wrong.add("part", _("Choose one of the list."))
    if row.role_id and row.team_id:
        wrong.add("team", _("Choose a role or a team, not both."))
    if not before and Layout.objects.filter(**now).exists():
        wrong.add("what", _("Somebody has made this layout meanwhile. Open the page again."))
    if fits:
        try:
            row.what = tidy(row.part, row.what, wrong)
        except BadShape:
            wrong.add("what", damaged())
    wrong.stop()


def _goes(work: Work, row: Row) -> None:
    """What it shaped looks again as it does to everybody, or as delivered."""


register_type(SettingType(
    SETTING, Layout, ("type_key", "part", "role", "team", "what"), "settings", _name, _check, removed=_goes,
    reversible=True,
))  # fmt: skip
