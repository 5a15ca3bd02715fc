"""Sharing rules: cards that fulfil a condition are open to a colleague, a team or the holders of a role."""

from typing import Any

from django.utils.translation import gettext as _

from comity.access.models import SharingRule
from comity.access.rules import house_scope
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type
from comity.records.conditions import BadCondition, compile_q, leaves
from comity.records.days import MOVING

SETTING = "sharing_rule"
MOST_RULES = 20  # of one kind of cards: each is one more test of its lists
MOST_LEAVES = 10


def _check(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    record_type = work.actor.state.record_types.get(row.type_key)
    if before and before["type_key"] != row.type_key:
        wrong.add("type_key", _("The kind of cards stays as it was chosen. Make a new rule."))
    elif record_type is None:
        wrong.add("type_key", _("Choose one of the list."))
    elif not before and SharingRule.objects.filter(type_key=row.type_key).count() >= MOST_RULES:
        wrong.add("type_key", _("There are as many rules for these cards as lists bear. Widen one of them."))
    if sum(one is not None for one in (row.user_id, row.team_id, row.role_id)) != 1:
        wrong.add("whom", _("Choose a colleague, a team or a role."))
    if record_type is not None and (text := problem_of(record_type, row.where)):
        wrong.add("where", text)
    wrong.stop()


def problem_of(record_type: Any, where: Any) -> str:
    """Why a condition cannot carry a rule, in words; "" when it can. Without a condition a rule opens nothing."""
    try:
        found = leaves(where)
        compile_q(where, house_scope(record_type))
    except (BadCondition, TypeError, AttributeError):
        return _("The condition asks for what these cards do not have.")
    if len(found) > MOST_LEAVES:
        return _("A rule has at most ten conditions.")
    if any(one.get("op") in MOVING for one in found):
        return _("What changes with the day, as “in the past days”, can’t be the condition of a right.")
    return ""


def _goes(work: Work, row: Row) -> None:
    """What it opened is closed."""


register_type(SettingType(
    SETTING, SharingRule, ("name", "type_key", "where", "user", "team", "role", "edit"), "roles",
    lambda row: row.name, _check, removed=_goes,
))  # fmt: skip
