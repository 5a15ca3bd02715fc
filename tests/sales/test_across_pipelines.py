"""A deal moves into another pipeline: which stage there is asked, the gate that leads into it is judged, undo brings it
back."""

from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes.batch import StartBatch, start
from comity.changes.bus import run
from comity.changes.undo import Undo
from comity.identity.models import Team
from comity.kernel.errors import Invalid
from comity.sales.deals.commands import MoveDeal
from comity.sales.deals.gates import GateClosed
from support.browser import browser
from support.deals import deal, held, move, pipeline, set_stage
from support.house import again

pytestmark = pytest.mark.django_db


def across(actor: Actor, ref: Any, stage: str, **more: Any) -> Any:
    return run(again(actor), MoveDeal(ref.id, 0, stage, across=True, **more))


def test_the_stage_chosen_there_with_its_gate_and_undo(boss: Actor) -> None:
    pipeline("service", "asked", "planned", "done")
    set_stage("planned", gate={"fields": ["about"]})
    ref = deal(boss)
    across(boss, ref, "planned")  # no gate leads into it
    run(again(boss), Undo(across(boss, ref, "asked").event))
    assert (held(ref).pipeline, held(ref).stage) == ("service", "planned")
    other = deal(boss)
    with pytest.raises(GateClosed) as closed:
        across(boss, other, "done")
    assert [spec.key for spec in closed.value.missing.fields] == ["about"]
    event = across(boss, other, "done", values={"about": "repair"}).event
    assert (held(other).pipeline, held(other).stage, held(other).about) == ("service", "done", "repair")
    run(again(boss), Undo(event))
    assert (held(other).pipeline, held(other).stage) == ("sales", "new")


def test_only_where_he_may_work_and_only_when_it_is_meant(boss: Actor) -> None:
    pipeline("service", "asked")
    pipeline("closed", "theirs", teams=(Team.objects.create(name="Elsewhere").pk,))
    ref = deal(boss)
    with pytest.raises(Invalid):
        move(boss, ref, "asked")
    with pytest.raises(Invalid):
        across(boss, ref, "service_won")
    across(boss, ref, "asked")
    assert held(ref).pipeline == "service"


def test_the_dialog_offers_the_stages_of_other_pipelines(boss: Actor) -> None:
    pipeline("service", "asked", "planned")
    ref = deal(boss)
    page = browser(again(boss))
    shown = page.get(f"/deals/{ref.id}/move").content.decode()
    assert 'label="service"' in shown and 'value="planned"' in shown
    page.post(f"/deals/{ref.id}/move", {"version": "1", "stage": "planned", "idempotency": "a"})
    assert (held(ref).pipeline, held(ref).stage) == ("service", "planned")


def test_many_deals_at_once(boss: Actor) -> None:
    pipeline("service", "asked", "planned")
    refs = [deal(boss, f"Deal {n}") for n in range(3)]
    done = start(again(boss), StartBatch("deal", "deal.move", [one.id for one in refs], {"stage": "planned"}))
    assert done.done == 3 and {held(one).pipeline for one in refs} == {"service"}
