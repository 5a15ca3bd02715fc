"""The rules of keeping and the term of the trash, as settings: checked, told, taken back like all others."""

from typing import Any

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.access.rules import house_scope
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type
from comity.exchange.keeping.idle import kinds
from comity.exchange.keeping.model import SHOW, TRASH, KeepingRule, TrashTerm
from comity.kernel.errors import Refused
from comity.records.conditions import BadCondition, compile_q, leaves
from comity.records.labels import Label
from comity.records.types import RecordType

RULE, TERM, PERMIT = "keeping_rule", "trash_term", "settings"
MOST_MONTHS, MOST_DAYS, MOST_LEAVES = 240, 3650, 10


def may_clear(actor: Actor, record_type: RecordType) -> bool:
    """Whether all cards of a kind are his to put into the trash: who has a rule do it does it himself."""
    return all(actor.scope(record_type.key, action) == "all" for action in ("view", "delete"))


def may_purge(actor: Actor, record_type: RecordType) -> bool:
    """Whether he may delete cards of a kind for good."""
    return actor.permits(PERMIT) and all(actor.scope(record_type.key, one) != "none" for one in ("delete", "restore"))


def problem_of(record_type: RecordType, where: Any) -> str:
    """Why a condition cannot be that of a rule, in words; "" when it can."""
    try:
        found = leaves(where)
        if where:
            compile_q(where, house_scope(record_type))
    except (BadCondition, TypeError, AttributeError):
        return _("The condition asks for what these cards do not have.")
    return _("A rule has at most ten conditions.") if len(found) > MOST_LEAVES else ""


def _check_rule(work: Work, row: Row, before: Values) -> None:
    wrong, state = Wrong(), work.actor.state
    record_type = next((one for one in kinds(state) if one.key == row.type_key), None)
    if before and before["type_key"] != row.type_key:
        wrong.add("type_key", _("The kind of cards stays as it was chosen. Make a new rule."))
    elif record_type is None:
        wrong.add("type_key", _("Choose one of the list."))
    if not 1 <= row.months <= MOST_MONTHS:
        wrong.add("months", _("Enter a whole number from %(low)s to %(high)s.") % {"low": 1, "high": MOST_MONTHS})
    if row.then not in (SHOW, TRASH):
        wrong.add("then", _("Choose one of the list."))
    if record_type is not None and row.then == TRASH and not may_clear(work.actor, record_type):
        wrong.add("then", _("Only who may delete all cards of this kind can have them put into the trash."))
    if record_type is not None and (text := problem_of(record_type, row.where)):
        wrong.add("where", text)
    wrong.stop()


def _check_term(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    row.place = "trash"
    if row.days is not None and not 1 <= row.days <= MOST_DAYS:
        wrong.add("days", _("Enter a whole number from %(low)s to %(high)s.") % {"low": 1, "high": MOST_DAYS})
    wrong.stop()
    if not all(may_purge(work.actor, one) and may_clear(work.actor, one) for one in kinds(work.actor.state)):
        raise Refused(_("Only who may delete all cards can say when the trash is cleared."))


def _goes(work: Work, row: Row) -> None:
    """What it has put into the trash stays there."""


def term() -> TrashTerm | None:
    """The term of the trash as it stands; None when nobody has ever set one."""
    return TrashTerm.objects.first()


TITLE = Label(
    "How long the trash keeps cards", "Сколько карточки лежат в корзине", "Скільки картки лежать у кошику",
    "Колко време картите стоят в кошчето", "Berapa lama kartu tersimpan di tempat sampah",
    "مدة بقاء البطاقات في سلة المحذوفات",
)  # fmt: skip
register_type(SettingType(
    RULE, KeepingRule, ("name", "type_key", "where", "months", "then"), PERMIT, lambda row: row.name, _check_rule,
    removed=_goes, reversible=True,
))  # fmt: skip
register_type(SettingType(
    TERM, TrashTerm, ("days",), PERMIT, lambda row: dict(TITLE.texts), _check_term, removed=_goes,
    reversible=True,
))  # fmt: skip
