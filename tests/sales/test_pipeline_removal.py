"""Steps and gates by clicks; stages and pipelines retired with what stands on them."""

import re

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes import batch
from comity.changes.commands import Create, Trash
from comity.changes.models import Batch
from comity.kernel import jobs
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.sales.pipelines.commands import (
    ChangeStage,
    MakePipeline,
    MakeStage,
    RestoreStage,
    SaveStep,
)
from comity.sales.pipelines.model import Pipeline
from comity.sales.pipelines.removal import RetirePipeline, RetireStage, carry_out
from comity.timeline.models import Event
from comity.timeline.story import tell
from support.browser import browser
from support.deals import deal, held, lose, move, stays
from support.house import again
from support.pipelines import HTMX, STEP, do, known, order, retire, settings_permit, stands, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(boss: Actor) -> Client:
    """The administrator's browser."""
    return browser(boss)


# --- steps and gates -------------------------------------------------------------------------------------------------


def test_a_step_is_kept_tidy_and_keeps_its_key(boss: Actor, root: Client) -> None:
    key = do(boss, SaveStep("new", "", STEP)).data["step"]
    step = known().stages["new"].steps[1]
    assert step == {
        "key": key, "kind": "call", "text": {"ru": "Позвонить"}, "days": 2, "clock": "09:05", "who": "lead",
    }  # fmt: skip
    do(boss, SaveStep("new", key, {"who": str(boss.user_id)}))
    assert known().stages["new"].steps[1] == {**step, "who": str(boss.user_id)}
    page = text(root.get("/settings/stages/new"))
    assert "Позвонить" in page
    assert "09:05" in page
    with pytest.raises(NotFound):
        do(boss, SaveStep("new", "nonsense", STEP))


def test_a_step_that_goes_is_demanded_no_more(boss: Actor, root: Client) -> None:
    form = {"gate_fields": ["", "amount", "expected_on"], "gate_steps": ["", "first_call"]}
    assert root.post("/settings/stages/new/do/gate", form).status_code == 302
    assert known().stages["new"].gate == {"fields": ["amount", "expected_on"], "steps": ["first_call"]}
    page = text(root.get("/settings/stages/new"))
    assert 'value="amount" checked' in page
    root.post("/settings/stages/new/do/drop?key=first_call")
    assert known().stages["new"].gate == {"fields": ["amount", "expected_on"]}
    assert known().stages["new"].steps == ()


def test_a_gate_may_ask_for_files_where_kinds_of_files_are_known(boss: Actor, root: Client) -> None:
    kinds = [one.key for one in boss.state.options.get("file_kind", ())]
    page = text(root.get("/settings/stages/new"))
    assert ('name="gate_files"' in page) == bool(kinds)
    if kinds:
        root.post("/settings/stages/new/do/gate", {"gate_fields": "", "gate_files": ["", kinds[0]]})
        assert known().stages["new"].gate == {"files": [kinds[0]]}


def test_where_a_deal_ends_there_is_no_gate(boss: Actor, root: Client) -> None:
    do(boss, ChangeStage("won", {"gate": {"fields": ["amount"]}, "probability": 5}))
    assert (known().stages["won"].gate, known().stages["won"].probability) == ({}, 100)
    assert 'id="c-gate"' not in text(root.get("/settings/stages/won"))


# --- removal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["won", "lost"])
def test_a_pipeline_keeps_one_stage_of_each_kind(boss: Actor, key: str) -> None:
    with pytest.raises(Invalid):
        do(boss, RetireStage(key))
    for open_key in ("qualified", "meeting", "quote", "agreement"):
        do(boss, RetireStage(open_key))
    with pytest.raises(Invalid):
        do(boss, RetireStage("new"))
    assert not known().stages["new"].retired


def test_a_retired_stage_asks_where_its_deals_go(boss: Actor, root: Client) -> None:
    refs = [deal(boss, f"Сделка {n}") for n in range(3)]
    with pytest.raises(Invalid) as caught:
        do(boss, RetireStage("new"))
    assert "3" in caught.value.fields["to"][0]
    assert not known().stages["new"].retired
    asked = text(root.get("/settings/stages/new/do/retire", headers=HTMX))
    assert 'name="to"' in asked
    assert 'value="won"' not in asked
    assert root.post("/settings/stages/new/do/retire", {"to": ""}).status_code == 422
    answer = root.post("/settings/stages/new/do/retire", {"to": "meeting", "idempotency": "once"})
    assert answer.status_code == 302
    assert {stands(ref) for ref in refs} == {("sales", "meeting")}
    assert known().stages["new"].retired
    event = Event.objects.filter(type="deal.stage_changed", primary_id=refs[0].id).get()
    assert event.payload["retired"] is True
    assert event.payload["changes"]["stage"] == ["new", "meeting"]
    assert [(stage, left is None, back) for _way, stage, _at, left, back in stays(refs[0])] == [
        ("new", False, False), ("meeting", True, False),
    ]  # fmt: skip
    told = tell(again(boss), [event])[0]
    assert "Встреча" in told.type.text(told.payload, again(boss))
    again_asked = root.post("/settings/stages/new/do/retire", {"to": "meeting", "idempotency": "once"})
    assert again_asked.status_code == 302
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("to", ["new", "won", "nonsense"])
def test_deals_go_to_a_stage_of_the_same_kind_and_pipeline(boss: Actor, to: str) -> None:
    deal(boss)
    with pytest.raises(Invalid):
        do(boss, RetireStage("new", to))
    other = do(boss, MakePipeline({"name": {"ru": "Сервис"}})).data["pipeline"]
    with pytest.raises(Invalid):
        do(boss, RetireStage("new", known().by_key[other].first.key))
    assert not known().stages["new"].retired


def test_taking_it_back_brings_stage_and_deals(boss: Actor, root: Client) -> None:
    ref, moved = deal(boss), deal(boss, "Другая")
    answer = root.post("/settings/stages/new/do/retire", {"to": "meeting"})
    page = text(root.get(answer["Location"]))
    undo = re.search(r'action="(/settings/stages/new/do/undo[^"]*)"', page)
    assert undo
    move(boss, moved, "qualified")  # somebody works on: his move stays
    assert root.post(undo[1].replace("&amp;", "&")).status_code == 302
    assert stands(ref) == ("sales", "new")
    assert stands(moved) == ("sales", "qualified")
    assert not known().stages["new"].retired
    assert [(stage, left) for _way, stage, _at, left, _back in stays(ref)] == [("new", None)]


def test_closed_deals_keep_how_they_ended(boss: Actor) -> None:
    ref = deal(boss)
    lose(boss, ref)
    closed_at = held(ref).closed_at
    other = do(boss, MakeStage("sales", {"name": {"ru": "Отказ"}, "kind": "lost"})).data["stage"]
    retire(boss, RetireStage("lost", other))
    row = held(ref)
    assert (row.stage, row.state, row.lost_reason, row.closed_at) == (other, "lost", "price", closed_at)


def test_a_deal_left_behind_still_shows_its_stage(boss: Actor, root: Client) -> None:
    """One that was in the trash comes back to a stage that is gone, and goes on from there."""
    ref = deal(boss)
    do(boss, Trash("deal", ref.id))
    retire(boss, RetireStage("new"))
    root.post(f"/deals/{ref.id}/restore")
    assert stands(ref) == ("sales", "new")
    assert "Новая" in text(root.get(f"/deals/{ref.id}"))
    asked = text(root.get("/settings/stages/new/do/retire", headers=HTMX))
    assert 'name="to"' in asked
    retire(boss, RetireStage("new", "meeting"))
    assert stands(ref) == ("sales", "meeting")


def test_a_retired_pipeline_sends_each_stage_where_it_belongs(boss: Actor, root: Client) -> None:
    other = do(boss, MakePipeline({"name": {"ru": "Сервис"}})).data["pipeline"]
    first, won, lost = known().by_key[other].stages
    open_deal, lost_deal = deal(boss), deal(boss, "Потеря")
    lose(boss, lost_deal)
    asked = text(root.get("/settings/pipelines/sales/do/retire", headers=HTMX))
    assert 'name="to-new"' in asked
    assert 'name="to-lost"' in asked
    assert 'name="to-won"' not in asked
    with pytest.raises(Invalid) as caught:
        do(boss, RetirePipeline("sales", {"new": first.key}))
    assert set(caught.value.fields) == {"to-lost"}
    for bad in ({"new": won.key, "lost": lost.key}, {"new": "meeting", "lost": lost.key}):
        with pytest.raises(Invalid):
            do(boss, RetirePipeline("sales", bad))
    answer = root.post("/settings/pipelines/sales/do/retire", {"to-new": first.key, "to-lost": lost.key})
    assert (stands(open_deal), stands(lost_deal)) == ((other, first.key), (other, lost.key))
    assert [one.key for one in known().open_to(again(boss))] == [other]
    undo = re.search(r'action="(/settings/pipelines/sales/do/undo[^"]*)"', text(root.get(answer["Location"])))
    assert undo
    root.post(undo[1].replace("&amp;", "&"))
    assert (stands(open_deal), stands(lost_deal)) == (("sales", "new"), ("sales", "lost"))
    assert not known().by_key["sales"].retired


def test_the_last_pipeline_stays(boss: Actor) -> None:
    with pytest.raises(Invalid):
        do(boss, RetirePipeline("sales"))
    assert not Pipeline.objects.exists()


def test_who_does_not_reach_all_deals_empties_no_stage(boss: Actor) -> None:
    deal(boss)
    mira = settings_permit("mira", "own")
    with pytest.raises(Refused):
        do(mira, RetireStage("new", "meeting"))
    client = browser(mira)
    page = text(client.get("/settings/stages/new"))
    assert "do/retire" not in page
    assert client.post("/settings/stages/new/do/retire", {"to": "meeting"}).status_code == 403
    counts = re.findall(r"<td><bdi>(\d+)</bdi></td>", text(client.get("/settings/pipelines/sales")))
    assert "1" not in counts  # the deal he does not see is not counted for him
    assert not known().stages["new"].retired


def test_many_deals_go_as_a_job_and_come_back(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "AT_ONCE", 2)
    monkeypatch.setattr(batch, "CHUNK", 2)
    monkeypatch.setattr(batch, "MOST", 4)
    refs = [deal(boss, f"Сделка {n}") for n in range(5)]
    result = do(boss, RetireStage("new", "quote"))
    assert (result.data["deals"], len(result.data["batches"])) == (5, 2)
    carry_out(again(boss), result)
    while jobs.run_due():
        pass
    assert {stands(ref) for ref in refs} == {("sales", "quote")}
    do(boss, RestoreStage("new"))
    for one in Batch.objects.filter(command="deal.map"):
        batch.undo(again(boss), one.pk)
    while jobs.run_due():
        pass
    assert {stands(ref) for ref in refs} == {("sales", "new")}


def test_a_second_pipeline_may_come_whole(boss: Actor) -> None:
    """As packs bring theirs: keys of their own, steps and gates."""
    stages = [
        {"key": "visit", "name": {"ru": "Выезд"}, "kind": "open", "probability": 50, "steps": [{**STEP, "key": "go"}],
         "gate": {"steps": ["go"]}},
        {"key": "fixed", "name": {"ru": "Починено"}, "kind": "won"},
        {"key": "beyond_repair", "name": {"ru": "Не починить"}, "kind": "lost"},
    ]  # fmt: skip
    do(boss, MakePipeline({"name": {"ru": "Сервис"}}, stages, "service"))
    assert order("service") == ["visit", "fixed", "beyond_repair"]
    assert known().stages["visit"].gate == {"steps": ["go"]}
    with pytest.raises(Invalid):
        do(boss, MakePipeline({"name": {"ru": "Ещё"}}, stages[:2], "more"))
    with pytest.raises(Invalid):
        do(boss, MakePipeline({"name": {"ru": "Ещё"}}, stages, "service"))
    ref = do(boss, Create("company", {"name": "Лотос"})).record
    assert stands(deal(boss, pipeline="service", company=str(ref.id))) == ("service", "visit")
