"""A deal’s card and dialogs as tests read and press them."""

import re
from typing import Any

from django.test import Client

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import create
from comity.records.models import RecordRef
from comity.sales.deals.commands import MoveDeal
from comity.sales.pipelines import shipped
from comity.sales.pipelines.model import Stage
from support.house import again

FRAGMENT = {"HX-Request": "true"}
QUERIES = 15  # of a page, at most
ADDRESSES = ("move", "won", "lost", "reopen", "lines")


def deal(actor: Actor, name: str = "Packaging line", **values: Any) -> RecordRef:
    return run(again(actor), create("deal", {"name": name, **values})).record


def card(actor: Actor, ref: RecordRef) -> Any:
    actor = again(actor)
    return policy.get(actor, actor.state.record_types["deal"], ref.id)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def gate(stage: str, **demands: list[str]) -> None:
    """Make leaving a stage demand something."""
    if not Stage.objects.exists():
        shipped.save()
    Stage.objects.filter(key=stage).update(gate=demands)
    changed()


def at(actor: Actor, ref: RecordRef, stage: str) -> RecordRef:
    """The deal in another stage, whatever the gates say."""
    run(again(actor), MoveDeal(ref.id, 0, stage, override="for the test"))
    return ref


def post(client: Client, ref: RecordRef, what: str, **values: Any) -> Any:
    return client.post(f"/deals/{ref.id}/{what}", values)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def steps(page: str) -> list[str]:
    """The classes of the stages in their order."""
    bar = page.split('<ol class="steps"')[1].split("</ol>")[0]
    return [one.split()[0] for one in re.findall(r'<li class="([^"]+)"', bar)]
