"""Many deals moved to a stage as one batch, and taken back as one."""

from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes import batch
from comity.kernel import jobs
from comity.sales.models import Deal, StageVisit
from comity.timeline.models import Event
from support.browser import browser
from support.deals import deal, held, lose, move, pipeline, set_stage, stays, tasks
from support.house import again, colleague

pytestmark = pytest.mark.django_db


def start(actor: Actor, refs: list[Any], stage: str) -> Any:
    return batch.start(again(actor), batch.StartBatch("deal", "deal.move", [one.id for one in refs], {"stage": stage}))


def test_what_may_not_go_stays_and_is_counted(boss: Actor) -> None:
    pipeline("service", "asked")
    mira = colleague("Mira")
    refs = [deal(mira, f"d{n}") for n in range(5)]
    move(mira, refs[0], "meeting")  # its gate demands the amount
    lose(mira, refs[1])
    others = deal(boss)
    done = start(mira, [*refs, others], "quote")
    assert (done.done, done.refused, done.state) == (3, 3, "done")
    assert [held(ref).stage for ref in (*refs, others)] == ["meeting", "lost", "quote", "quote", "quote", "new"]


def test_a_batch_is_taken_back_whole(boss: Actor) -> None:
    refs = [deal(boss, f"d{n}") for n in range(3)]
    before = [stays(ref) for ref in refs]
    done = start(boss, refs, "qualified")
    assert {held(ref).stage for ref in refs} == {"qualified"}
    assert Event.objects.filter(batch_id=done.pk, type="deal.stage_changed").count() == 3
    undone = batch.undo(again(boss), done.pk)
    assert (undone.done, undone.refused) == (3, 0)
    assert {held(ref).stage for ref in refs} == {"new"} and [stays(ref) for ref in refs] == before
    assert [len(tasks(ref)) for ref in refs] == [1, 1, 1]


def test_a_large_batch_goes_on_in_the_background(boss: Actor, monkeypatch: Any) -> None:
    monkeypatch.setattr(batch, "AT_ONCE", 2)
    set_stage("new", steps=[])
    refs = [deal(boss, f"d{n}") for n in range(batch.AT_ONCE + 1)]
    begun = start(boss, refs, "qualified")
    assert begun.state == "running" and not Deal.unguarded.filter(stage="qualified").exists()
    jobs.run_due()
    assert Deal.unguarded.filter(stage="qualified").count() == len(refs)
    batch.undo(again(boss), begun.pk)
    jobs.run_due()
    assert Deal.unguarded.filter(stage="new").count() == len(refs) == StageVisit.objects.count()


@pytest.mark.full
def test_five_thousand_deals_move_and_come_back(boss: Actor) -> None:
    set_stage("new", steps=[])
    refs = [deal(boss, f"d{n}") for n in range(5_000)]
    begun = start(boss, refs, "qualified")
    jobs.run_due()
    begun.refresh_from_db()
    assert (begun.state, begun.done, begun.refused) == ("done", 5_000, 0)
    assert Deal.unguarded.filter(stage="qualified", version=2).count() == 5_000
    undone = batch.undo(again(boss), begun.pk)
    jobs.run_due()
    undone.refresh_from_db()
    assert (undone.state, undone.done, undone.refused) == ("done", 5_000, 0)
    assert Deal.unguarded.filter(stage="new").count() == StageVisit.objects.count() == 5_000
    assert not any(tasks(ref) for ref in refs[::500])


def test_the_button_asks_for_the_stage(boss: Actor) -> None:
    pipeline("service", "asked")
    refs = [deal(boss, f"d{n}") for n in range(2)]
    page = browser(boss)
    posted = {"id": [str(one.id) for one in refs]}
    assert "/deals/bulk/stage" in page.get("/deals/").content.decode()
    asked = page.post("/deals/bulk/stage", posted).content.decode()
    assert 'value="quote"' in asked and "service: Asked" in asked and 'value="won"' not in asked
    wrong = page.post("/deals/bulk/stage", {**posted, "sure": "1", "stage": "won"})
    assert wrong.status_code == 422 and {held(ref).stage for ref in refs} == {"new"}
    assert page.post("/deals/bulk/stage", {**posted, "sure": "1", "stage": "quote"}).status_code == 302
    assert {held(ref).stage for ref in refs} == {"quote"}


def test_the_button_is_for_who_may_edit_and_reads_stages(boss: Actor) -> None:
    for actor in (colleague("Blind", "all", {"deal": {"stage": "hide"}}), colleague("None", "none")):
        assert "/deals/bulk/stage" not in browser(actor).get("/deals/").content.decode()
        assert browser(actor).post("/deals/bulk/stage", {"id": ["x"]}).status_code in (403, 404)
