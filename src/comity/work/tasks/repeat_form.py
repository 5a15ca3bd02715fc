"""How a task repeats, in words and as a form for people: every day, working day, week, month, year."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.access.branches import hours_of
from comity.kernel.errors import Invalid
from comity.kernel.text import listed
from comity.ui.cells import written_day
from comity.work.tasks.repeating import DAYS, parts_of

SIMPLE = {"FREQ", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "BYHOUR", "BYMINUTE", "UNTIL"}
MONDAY = date(2024, 1, 1)


def day_names(language: str) -> dict[str, str]:
    """The weekdays by their keys in rules."""
    return {key: written_day(MONDAY + timedelta(days=n), "EEEE", language) for n, key in enumerate(DAYS)}


def working_days(actor: Actor) -> list[str]:
    """The days the company works on."""
    return [DAYS[one] for one in sorted(hours_of(actor.state, actor.user_id).days)]


def choice_of(actor: Actor, rule: str) -> str:
    """The choice of the form a rule came from; "own" for one the form cannot say."""
    if not rule:
        return ""
    parts = parts_of(rule)
    if not parts.keys() <= SIMPLE or any(letter.isdigit() for letter in parts.get("BYDAY", "")):
        return "own"
    if parts["FREQ"] == "WEEKLY":
        return "working" if parts.get("BYDAY", "").split(",") == working_days(actor) else "weekly"
    if parts["FREQ"] == "DAILY":
        return "daily" if "BYDAY" not in parts else "own"
    return "own" if "BYDAY" in parts else parts["FREQ"].lower()


def words(actor: Actor, rule: str) -> str:
    """A rule in the reader's language."""
    if not rule:
        return _("once")
    language, parts = actor.language, parts_of(rule)
    names = day_names(language)
    days = [names[one] for one in parts.get("BYDAY", "").split(",") if one in names]
    count = int(parts.get("INTERVAL", "1"))
    match choice_of(actor, rule):
        case "daily":
            said = _("every day")
        case "working":
            said = _("every working day")
        case "weekly":
            said = _("every week: %(days)s") % {"days": listed(days, language)}
        case "monthly":
            said = _("every month on day %(day)s") % {"day": parts["BYMONTHDAY"].rpartition(",")[2]}
        case "yearly":
            day = date(2024, int(parts["BYMONTH"]), int(parts["BYMONTHDAY"].rpartition(",")[2]))
            said = _("every year on %(day)s") % {"day": written_day(day, "d MMMM", language)}
        case _own:
            said = {
                "DAILY": ngettext("every %(n)s day", "every %(n)s days", count),
                "WEEKLY": ngettext("every %(n)s week", "every %(n)s weeks", count),
                "MONTHLY": ngettext("every %(n)s month", "every %(n)s months", count),
                "YEARLY": ngettext("every %(n)s year", "every %(n)s years", count),
            }[parts["FREQ"]] % {"n": count}
            said = listed((said, *days), language)
    if "UNTIL" in parts:
        last = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date()  # noqa: DTZ007 - a day
        said = _("%(rule)s until %(day)s") % {"rule": said, "day": written_day(last, "d MMM y", language)}
    return said


def fields(actor: Actor, rule: str, errors: Mapping[str, list[str]], post: QueryDict | None = None) -> list[Any]:
    """The form's fields; filled with what was posted, else with what the rule says."""
    parts = parts_of(rule) if rule else {}
    chosen = choice_of(actor, rule) or "once"
    choices = [
        ("once", _("Once")), ("daily", _("Every day")), ("working", _("Every working day")),
        ("weekly", _("Every week on these days")), ("monthly", _("Every month on the day of the deadline")),
        ("yearly", _("Every year on the day of the deadline")),
    ]  # fmt: skip
    if chosen == "own":
        choices.append(("own", words(actor, rule)))
    days = parts.get("BYDAY", "").split(",") if chosen == "weekly" else []
    until = parts.get("UNTIL", "")
    last = f"{until[:4]}-{until[4:6]}-{until[6:8]}" if until else ""
    if post is not None:
        chosen, days, last = post.get("repeat", ""), post.getlist("days"), post.get("until", "")
    return [
        {"key": "repeat", "kind": "choice", "required": True, "label": _("How often"), "value": chosen,
         "errors": errors.get("repeat", []), "choices": [{"value": key, "label": text} for key, text in choices]},
        {"key": "days", "kind": "multichoice", "label": _("Days of the week"), "value": days,
         "choices": [{"value": key, "label": text} for key, text in day_names(actor.language).items()],
         "help": _("For “every week”; without a choice, the day of the deadline.")},
        {"key": "until", "kind": "date", "label": _("Until"), "value": last, "errors": errors.get("until", []),
         "help": _("Leave this empty when it has no end.")},
    ]  # fmt: skip


def rule_of(actor: Actor, post: QueryDict, held: str) -> str:
    """The rule a posted form means; `held` is the one the task has. Raises Invalid."""
    chosen = post.get("repeat", "")
    if chosen == "once":
        return ""
    if chosen == "own":
        parts = parts_of(held)
        parts.pop("UNTIL", None)
    else:
        parts = {
            "daily": {"FREQ": "DAILY"}, "working": {"FREQ": "WEEKLY", "BYDAY": ",".join(working_days(actor))},
            "weekly": {"FREQ": "WEEKLY"}, "monthly": {"FREQ": "MONTHLY"}, "yearly": {"FREQ": "YEARLY"},
        }.get(chosen, {})  # fmt: skip
    if not parts:
        raise Invalid(fields={"repeat": [_("Choose one of the list.")]})
    days = [one for one in DAYS if one in post.getlist("days")]
    if chosen == "weekly" and days:
        parts["BYDAY"] = ",".join(days)
    if text := post.get("until", ""):
        try:
            parts["UNTIL"] = date.fromisoformat(text).strftime("%Y%m%d")
        except ValueError as problem:
            raise Invalid(fields={"until": [_("Enter a date such as 2026-03-31.")]}) from problem
    return ";".join(f"{key}={value}" for key, value in parts.items())
