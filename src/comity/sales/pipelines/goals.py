"""Goals: what is to be won in a month, by the company, a team with those below it, or a colleague."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.actors import Actor
from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.settings import DeleteSetting, Row, SettingType, Values, Wrong, register_type, setting_type, write
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.kernel.money import Money
from comity.records.prepared import EVERYBODYS, Slot, columns
from comity.sales.pipelines.model import Goal

Whose = tuple[str, UUID | None]  # ("user" | "team", id) or COMPANY
COMPANY: Whose = ("company", None)


def headed(actor: Actor) -> frozenset[UUID]:
    """The teams he is head of, and all below them."""
    places = actor.state.memberships.get(actor.user_id, ()) if actor.user_id else ()
    found: set[UUID] = set()
    for team, lead in places:
        if lead:
            found |= actor.state.branch(team)
    return frozenset(found)


def may_set_any(actor: Actor) -> bool:
    """Whether there is any goal he may set."""
    return actor.permits("settings") or bool(headed(actor))


def may_set(actor: Actor, whose: Whose) -> bool:
    """Who has the permit sets every goal; the head of a team that team's, those of the teams below, of their people."""
    if actor.permits("settings"):
        return True
    kind, key = whose
    teams = headed(actor)
    if kind == "user" and key is not None:
        return any(team in teams for team, _lead in actor.state.memberships.get(key, ()))
    return kind == "team" and key in teams


def goals(actor: Actor, month: date) -> dict[Whose, Money]:
    """The goals of the month of that day he may see, in the company's currency: his own, as head those of his teams
    and their people, with the permit all. One kept in another currency counts by the rate set, else not at all."""
    organization = actor.state.organization
    currency = organization.currency if organization else "EUR"
    found: dict[Whose, Money] = {}
    for row in _rows(month):
        whose = whose_of(row)
        if whose != ("user", actor.user_id) and not may_set(actor, whose):
            continue
        amount = Money.of_units(row.amount, row.amount_currency)
        if amount.currency != currency:
            rate = actor.state.rates.get(amount.currency)
            if rate is None:
                continue
            amount = Money.of_units(Money.of_units(amount.units, currency).times(rate).units, currency)
        found[whose] = amount
    return found


def whose_of(row: Row) -> Whose:
    """Whose goal a row is."""
    if row.user_id is not None:
        return ("user", row.user_id)
    return ("team", row.team_id) if row.team_id is not None else COMPANY


@dataclass(frozen=True)
class _OfMonth:
    """The goals of a month. Slot: `month`, its first day."""

    def build(self) -> Any:
        """The query."""
        month = Slot("month", Goal._meta.get_field("month"))
        return Goal.objects.filter(month=month).order_by("pk").values_list(*columns(Goal))


def _rows(month: date) -> list[Goal]:
    return EVERYBODYS.of(_OfMonth()).objects(Goal, month=month.replace(day=1))


def version(actor: Actor, month: date, whose: Iterable[Whose]) -> str:
    """A short digest of some goals of a month: send it with a form, and a change made meanwhile is noticed."""
    wanted = set(whose)
    held = sorted(
        f"{whose_of(row)} {row.amount} {row.amount_currency}" for row in _rows(month) if whose_of(row) in wanted
    )
    return hashlib.sha256("\n".join(held).encode()).hexdigest()[:16]


# --- how they are set ------------------------------------------------------------------------------------------------


@dataclass
class SetGoals:
    """Set goals of a month, in the company's currency: {whose: 1/10,000ths, None = no goal}. One that is the same as
    `goals` shows stays as it is kept. What he may not set raises NotFound; a version that no longer fits, Conflict."""

    key: ClassVar[str] = "goals.set"
    month: date
    amounts: Mapping[Whose, int | None]
    version: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Conflict, Invalid."""
        month = self.month.replace(day=1)
        if not all(may_set(work.actor, whose) for whose in self.amounts):
            raise NotFound()
        snapshot.changed()  # two who set a goal that is not there yet would both make its row
        if self.version and self.version != version(work.actor, month, self.amounts):
            raise Conflict(todo=_("Open the page again to see the change, then make yours."))
        held = {whose_of(row): row for row in _rows(month)}
        shown = {whose: money.units for whose, money in goals(work.actor, month).items()}
        for whose, amount in self.amounts.items():
            if (amount or None) != shown.get(whose):
                _set(work, month, whose, held.get(whose), amount)


def _set(work: Work, month: date, whose: Whose, row: Goal | None, amount: int | None) -> None:
    if not amount:
        if row is not None:
            DeleteSetting("goal", row.pk).apply(work)
        return
    organization = work.actor.state.organization
    values: Values = {"amount": amount, "amount_currency": organization.currency if organization else "EUR"}
    before: Values = {}
    if row is None:
        values["month"] = month.isoformat()
        if whose != COMPANY:
            values[whose[0]] = str(whose[1])
    else:
        before = writer.setting_values(row)
    write(work, setting_type("goal"), row or Goal(), before, values)


@dataclass
class CopyGoals:
    """Give a month the goals of the one before, where it has none yet; those he may set. Result.data: {"goals": n}."""

    key: ClassVar[str] = "goals.copy"
    month: date

    def apply(self, work: Work) -> None:
        """Raises Refused."""
        if not may_set_any(work.actor):
            raise Refused()
        month = self.month.replace(day=1)
        set_already = {whose_of(row) for row in _rows(month)}
        state = work.actor.state
        amounts: dict[Whose, int | None] = {}
        for whose, money in goals(work.actor, month_before(month)).items():
            kind, key = whose
            user = state.users.get(key) if kind == "user" and key else None
            works_here = kind != "user" or (user is not None and user.active)
            if whose not in set_already and works_here and may_set(work.actor, whose):
                amounts[whose] = money.units
        SetGoals(month, amounts).apply(work)
        work.result.data["goals"] = len(amounts)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_after(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + (month.month == 12), month.month % 12 + 1, 1)


# --- what each must keep true ----------------------------------------------------------------------------------------


def _check(work: Work, row: Row, before: Values) -> None:
    wrong, organization = Wrong(), work.actor.state.organization
    row.month = row.month.replace(day=1) if row.month else None
    row.amount_currency = row.amount_currency or (organization.currency if organization else "EUR")
    whose = whose_of(row)
    if not may_set(work.actor, whose):
        raise Refused()
    if before and (before["user_id"], before["team_id"], before["month"]) != (
        str(row.user_id) if row.user_id else None, str(row.team_id) if row.team_id else None, row.month.isoformat()
    ):  # fmt: skip
        wrong.add("month", _("A goal stays whose it is, and in its month."))
    if row.month is None:
        wrong.add("month", _("Choose a month."))
    if row.user_id is not None and row.team_id is not None:
        wrong.add("team", _("Choose a colleague or a team."))
    if row.amount is None or row.amount <= 0:
        wrong.add("amount", _("Enter an amount above zero."))
    wrong.stop()
    if not before and whose in {whose_of(one) for one in _rows(row.month)}:
        raise Invalid(fields={"amount": [_("There is a goal for this month already.")]})


def _goes(work: Work, row: Row) -> None:
    if not may_set(work.actor, whose_of(row)):
        raise Refused()


def _name(row: Row) -> str:
    """ "2026-03: Mira"; the company's own is the bare month."""
    who = row.user or row.team
    return f"{row.month:%Y-%m}: {who.name}" if who else f"{row.month:%Y-%m}"


register_type(SettingType(
    "goal", Goal, ("month", "user", "team", "amount", "amount_currency"), "settings", _name, _check,
    allowed=lambda actor, row: row._state.adding or may_set(actor, whose_of(row)), removed=_goes,
))  # fmt: skip
