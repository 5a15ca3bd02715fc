"""Values of the lists the company changes: shipped ones get other names or retire, own ones are added, all are ordered.

A shipped value has no row until the company changes it: then one of the same key, with what was shipped as its start.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import snapshot
from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.settings import (
    DeleteSetting,
    RestoreSetting,
    Row,
    SettingType,
    Values,
    Wrong,
    existing,
    free_key,
    key_problem,
    register_type,
    setting_type,
    text_per_language,
    write,
)
from comity.identity.models import HUES
from comity.kernel.errors import Invalid, NotFound
from comity.kernel.text import fold
from comity.records import options
from comity.records.fields import OWN, Choice
from comity.records.labels import LANGUAGES, Label
from comity.records.models import Option
from comity.records.options import STEP, OptionList

MOST = 200  # values of one list
LONGEST = 60


def open_list(key: str) -> OptionList:
    """The list of that key, when the company changes it by clicks; raises NotFound."""
    try:
        found = options.get(key)
    except KeyError:
        raise NotFound() from None
    if found.load is not None:
        raise NotFound()
    return found


def rows_of(one: OptionList) -> dict[str, Option]:
    """What the company has changed of a list, by key."""
    return {row.key: row for row in Option.objects.filter(list_key=one.key)}


def row_of(one: OptionList, key: str) -> Option:
    """The row of a value: as it is in the base, or as it would begin for a shipped one; raises NotFound."""
    rows = rows_of(one)
    if key in rows:
        return rows[key]
    for place, choice in options.placed(one.shipped, rows):
        if choice.key == key:
            return Option(list_key=one.key, key=key, label=dict(choice.label.texts), hue=choice.hue, position=place)
    raise NotFound()


def _held(work: Work, one: OptionList, key: str) -> Option:
    """The row of a value to be changed now, with nobody else changing settings until the transaction ends."""
    work.actor.require("settings")
    snapshot.changed()  # two who change one shipped value at once would both make its row
    row = row_of(one, key)
    return row if row._state.adding else existing(setting_type("option"), row.pk)


@dataclass
class SaveOption:
    """Add a value to a list (`option` "") or change one: {"label": per language, "hue": 0 to 8}.

    Result.data: {"option": its key}.
    """

    key: ClassVar[str] = "option.save"
    list_key: str
    option: str
    values: Values
    version: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        one = open_list(self.list_key)
        if not set(self.values) <= {"label", "hue"}:
            raise Invalid(fields={"label": [_("There is no such field.")]})
        kind = setting_type("option")
        if self.option:
            row = _held(work, one, self.option)
            write(work, kind, row, writer.setting_values(row), self.values, self.version)
        else:
            work.actor.require("settings")
            snapshot.changed()
            row = Option()
            write(work, kind, row, {}, {**self.values, **_begin(one, self.values)})
        work.result.data["option"] = row.key


def _begin(one: OptionList, values: Values) -> Values:
    """Key and place of a new value: the last."""
    held = options.placed(one.shipped, rows_of(one))
    names = values.get("label")
    taken = {choice.key for _place, choice in held}
    key = free_key(names if isinstance(names, dict) else {}, "value", taken, OWN)
    return {"list_key": one.key, "key": key, "position": held[-1][0] + STEP if held else STEP}


@dataclass
class RetireOption:
    """Offer a value no longer; cards that have it keep it. `back` takes it into use again."""

    key: ClassVar[str] = "option.retire"
    list_key: str
    option: str
    back: bool = False

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        row = _held(work, open_list(self.list_key), self.option)
        if row._state.adding:
            if self.back:
                return
            row.save(force_insert=True)
        command = RestoreSetting if self.back else DeleteSetting
        command("option", row.pk).apply(work)


@dataclass
class OrderOption:
    """Put a value one place further up (`shift` -1) or down (1) among those in use."""

    key: ClassVar[str] = "option.order"
    list_key: str
    option: str
    shift: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        one, kind = open_list(self.list_key), setting_type("option")
        _held(work, one, self.option)
        held = options.placed(one.shipped, rows_of(one))
        for key, place in swapped(
            [(place, value.key, value.retired) for place, value in held], self.option, self.shift
        ):
            row = row_of(one, key)
            write(work, kind, row, writer.setting_values(row), {"position": place})


def swapped(held: list[tuple[int, str, bool]], key: str, shift: int) -> list[tuple[str, int]]:
    """The keys that get another place, when one goes up or down among those in use; `held` is place, key, retired."""
    order = [name for _place, name, _retired in held]
    used = [name for _place, name, retired in held if not retired]
    at = used.index(key) if key in used else -1
    if shift not in (-1, 1) or at < 0 or not 0 <= at + shift < len(used):
        return []
    one, other = order.index(key), order.index(used[at + shift])
    order[one], order[other] = order[other], order[one]
    places = [place for place, _name, _retired in held]
    if len(set(places)) < len(places):
        places = [STEP * (n + 1) for n in range(len(places))]
    before = {name: place for place, name, _retired in held}
    return [(name, place) for name, place in zip(order, places, strict=True) if before[name] != place]


# --- what each value must keep true ----------------------------------------------------------------------------------


def _check(work: Work, row: Row, before: Values) -> None:
    wrong, one = Wrong(), open_list(row.list_key)
    others = [choice for _place, choice in options.placed(one.shipped, rows_of(one)) if choice.key != row.key]
    if before:
        if (before["list_key"], before["key"]) != (row.list_key, row.key):
            wrong.add("key", _("The key stays as it was made."))
    elif problem := key_problem(row.key):
        wrong.add("key", problem)
    elif len(others) >= MOST:
        text = ngettext("A list holds at most %(limit)s value.", "A list holds at most %(limit)s values.", MOST)
        wrong.add("label", text % {"limit": MOST})
    try:
        row.label = text_per_language(row.label, LANGUAGES, LONGEST)
    except ValueError as problem:
        wrong.add("label", str(problem))
    else:
        if row.label != before.get("label") and (twin := _twin(row.label, others)):
            wrong.add("label", _("There is a value “%(name)s” already.") % {"name": twin})
    if not 0 <= row.hue <= HUES:
        wrong.add("hue", _("Choose one of the list."))
    wrong.stop()


def _twin(label: dict[str, str], others: list[Choice]) -> str:
    """The name another value has in the same language, "" when there is none."""
    for other in others:
        for language, text in label.items():
            if fold(other.label.texts.get(language) or "") == fold(text):
                return text
    return ""


def _retires(work: Work, row: Row) -> None:
    """A list that began with values keeps one: what demands a reason could not be done any more."""
    one = open_list(row.list_key)
    used = [choice for _place, choice in options.placed(one.shipped, rows_of(one)) if not choice.retired]
    if one.shipped and {choice.key for choice in used} <= {row.key}:
        raise Invalid(
            _("This is the last value in use."), kept=_("Nothing was changed."), todo=_("Add another one first.")
        )


def _name(row: Row) -> dict[str, str]:
    """ "Sources: Fair"."""
    heading: Any = options.get(row.list_key).label
    return {language: f"{heading[language]}: {Label.of(row.label)[language]}" for language in LANGUAGES}


register_type(SettingType(
    "option", Option, ("list_key", "key", "label", "hue", "position"), "settings", _name, _check, removed=_retires,
))  # fmt: skip
