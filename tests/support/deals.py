"""Short words for what tests of deals do again and again."""

from typing import Any

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.models import Role
from comity.changes import commands
from comity.changes.bus import Result, run
from comity.records.models import RecordRef
from comity.sales.deals.commands import LoseDeal, MoveDeal, ReopenDeal, WinDeal
from comity.sales.models import Deal, Pipeline, Stage, StageVisit
from comity.sales.pipelines import shipped
from comity.timeline.models import Event
from comity.timeline.story import tell
from comity.work.models import Task
from support.house import again


def deal(actor: Actor, name: str = "Pumps", **values: Any) -> RecordRef:
    """A deal made through the ordinary door."""
    return run(again(actor), commands.create("deal", {"name": name, **values})).record


def held(ref: RecordRef) -> Any:
    """The deal as it stands in the base."""
    return Deal.unguarded.get(pk=ref.id)


def move(actor: Actor, ref: RecordRef, stage: str, version: int = 0, **more: Any) -> Result:
    """Move a deal to a stage."""
    return run(again(actor), MoveDeal(ref.id, version, stage, **more))


def win(actor: Actor, ref: RecordRef, version: int = 0, **more: Any) -> Result:
    """Win a deal by its price."""
    return run(again(actor), WinDeal(ref.id, version, "price", **more))


def lose(actor: Actor, ref: RecordRef, version: int = 0, **more: Any) -> Result:
    """Lose a deal by its price."""
    return run(again(actor), LoseDeal(ref.id, version, more.pop("reason", "price"), **more))


def reopen(actor: Actor, ref: RecordRef, stage: str = "") -> Result:
    """Take a closed deal up again."""
    return run(again(actor), ReopenDeal(ref.id, 0, stage))


def set_stage(key: str, **values: Any) -> None:
    """Change a stage of the shipped pipeline, or of one made by `pipeline`."""
    shipped.save()
    assert Stage.objects.filter(key=key).update(**values)
    snapshot.changed()


def pipeline(key: str, *stages: str, teams: tuple[Any, ...] = ()) -> None:
    """A further pipeline with these open stages, "<key>_won" and "<key>_lost"."""
    shipped.save()
    made = Pipeline.objects.create(key=key, name={"en": key}, position=10, teams=[str(one) for one in teams])
    kinds = [*((one, "open") for one in stages), (f"{key}_won", "won"), (f"{key}_lost", "lost")]
    for place, (stage, kind) in enumerate(kinds):
        Stage.objects.create(pipeline=made, key=stage, name={"en": stage.title()}, kind=kind, position=place)
    snapshot.changed()


def step(key: str, days: int = 0, clock: str = "", who: str = "owner", kind: str = "call") -> dict[str, Any]:
    """A step of a stage."""
    return {"key": key, "kind": kind, "text": {"en": f"Do {key}"}, "days": days, "clock": clock, "who": who}


def tasks(ref: RecordRef, state: str = "open") -> list[str]:
    """The names of the tasks about a deal that are in a state, the oldest first."""
    found = Task.unguarded.filter(about_id=ref.id, deleted_at=None, state=state)
    return list(found.order_by("created_at", "id").values_list("name", flat=True))


def stays(ref: RecordRef) -> list[tuple[Any, ...]]:
    """A deal's stays in stages, in order."""
    rows = StageVisit.objects.filter(deal_id=ref.id).order_by("entered_at", "id")
    return list(rows.values_list("pipeline", "stage", "entered_at", "left_at", "back"))


def said(actor: Actor, result: Result) -> str:
    """What a command told first, in the actor's words; "" when he is told nothing."""
    told = tell(again(actor), [Event.objects.get(pk=result.event)])
    return told[0].type.text(told[0].payload, again(actor)) if told else ""


def permit(actor: Actor, *names: str) -> None:
    """Give a colleague further rights."""
    Role.objects.filter(members__user=actor.user_id).update(permits=list(names))
    snapshot.changed()
