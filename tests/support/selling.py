"""Deals and leads with a past, for tests of what is told about them: made by commands, then dated back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes import commands
from comity.changes.bus import run
from comity.identity.models import ExchangeRate, Organization, Team
from comity.sales.deals.model import Deal, StageVisit
from comity.sales.leads.model import Lead
from support.house import administrator, again, colleague, company

YEAR = 2026
Way = Sequence[tuple[str, str]]  # (stage, "MM-DD" or "MM-DDTHH:MM" it was entered)


def moment(text: str) -> datetime:
    """A moment of the year in UTC, noon unless it says else."""
    day, _t, clock = text.partition("T")
    return datetime.fromisoformat(f"{YEAR}-{day}T{clock or '12:00'}").replace(tzinfo=UTC)


def deal(actor: Actor, name: str, way: Way, amount: str = "", currency: str = "EUR", **values: Any) -> UUID:
    """A deal that went that way; its last stage tells its state."""
    raw: dict[str, Any] = {"name": name, **values}
    if amount:
        raw["amount"] = {"amount": amount, "currency": currency}
    key = run(again(actor), commands.create("deal", raw)).record.id
    stays = [(stage, moment(at)) for stage, at in way]
    stage, since = stays[-1]
    state = stage if stage in ("won", "lost") else "open"
    Deal.unguarded.filter(pk=key).update(
        stage=stage, state=state, stage_since=since, created_at=stays[0][1],
        closed_at=None if state == "open" else since,
    )  # fmt: skip
    StageVisit.objects.filter(deal_id=key).delete()
    ends = [at for _stage, at in stays[1:]] + [None]
    StageVisit.objects.bulk_create(
        StageVisit(deal_id=key, pipeline="sales", stage=one, entered_at=at, left_at=end)
        for (one, at), end in zip(stays, ends, strict=True)
    )
    return key


def lead(
    actor: Actor, name: str, at: str, state: str = "new", source: str = "", due: int = 0, took: int | None = None,
    **values: Any,
) -> UUID:  # fmt: skip
    """A lead added then; `due` and `took`: minutes until its answer was due, and until it came."""
    raw = {"contact_name": name, "source": source, **values}
    key = run(again(actor), commands.create("lead", raw)).record.id
    begun = moment(at)
    Lead.unguarded.filter(pk=key).update(
        created_at=begun, state=state, answer_due_at=begun + timedelta(minutes=due) if due else None,
        answered_at=None if took is None else begun + timedelta(minutes=took), answer_minutes=took,
    )  # fmt: skip
    return key


@dataclass
class Shop:
    """The people: boss sees all, tom his team North, ann her own, who is in no team. `deals` by name."""

    boss: Actor
    tom: Actor
    ann: Actor
    north: Team
    far: Team
    clients: dict[str, UUID]
    deals: dict[str, UUID]


def open_shop() -> Shop:
    """Six deals of the spring of 2026."""
    Organization.objects.create(
        name="House", country="DE", language="en", currency="EUR", timezone="Europe/Berlin", currencies=["USD"]
    )
    boss = administrator()
    north = Team.objects.create(name="North")
    far = Team.objects.create(name="Far North", parent=north)
    tom, ann = colleague("Tom", "team", team=north, lead=True), colleague("Ann", "own")
    clients = {name: company(boss, name, owner=owner.user_id).id
               for name, owner in (("Alpha", ann), ("Beta", tom), ("Gamma", boss))}  # fmt: skip
    for day, rate in (("2026-02-01", "0.5"), ("2026-03-01", "0.8")):
        ExchangeRate.objects.create(currency="USD", day=date.fromisoformat(day), rate=Decimal(rate))
    changed()
    anns, toms = {"owner": ann.user_id}, {"owner": tom.user_id, "team": north.id}
    ways: dict[str, tuple[Any, str, str, dict[str, Any]]] = {
        "short": ((("new", "02-01"), ("qualified", "02-03"), ("lost", "02-05")), "100", "EUR", anns),
        "back": ((("new", "02-02"), ("meeting", "02-04"), ("new", "02-06"), ("meeting", "02-08"), ("won", "02-12")),
                 "200", "EUR", {**anns, "company": clients["Alpha"], "source": "website"}),
        "dollars": ((("new", "02-03"), ("qualified", "02-05"), ("quote", "02-10"), ("lost", "02-20")), "1000", "USD",
                    {**toms, "company": clients["Beta"]}),
        "old": ((("new", "01-10"), ("qualified", "01-15"), ("agreement", "02-01T15:00"), ("won", "02-28T23:30")),
                "300.10", "USD", {**toms, "company": clients["Gamma"], "source": "fair", "team": far.id}),
        "fresh": ((("new", "03-05"),), "50", "EUR", {"expected_on": "2026-03-20"}),
        "secret": ((("new", "02-06"), ("qualified", "02-07"), ("lost", "02-08")), "999", "EUR",
                   {"company": clients["Gamma"]}),
    }  # fmt: skip
    deals = {
        name: deal(boss, name, way, amount, currency, **values)
        for name, (way, amount, currency, values) in ways.items()
    }
    return Shop(boss, tom, ann, north, far, clients, deals)
