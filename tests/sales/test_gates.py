"""Gates: what a stage demands before a deal leaves it forwards, and how it passes without."""

from datetime import timedelta
from typing import Any

import pytest

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.files import AddFiles, NewFile, RemoveFile
from comity.changes.undo import Undo
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records.models import RecordRef, StoredFile
from comity.sales.deals import gates
from comity.sales.deals.gates import GateClosed
from comity.sales.deals.passes import WithdrawPass
from comity.sales.models import GatePass
from comity.timeline.models import Event
from comity.timeline.story import tell
from comity.work.tasks.commands import FinishTask
from support.browser import browser
from support.deals import deal, held, lose, move, permit, pipeline, said, set_stage, step, win
from support.house import again, colleague, company, person, speaking

pytestmark = pytest.mark.django_db


def closed(actor: Actor, ref: Any, stage: str = "quote", **more: Any) -> gates.Missing:
    """What is missing, by the problem that a move raises."""
    before = held(ref)
    with pytest.raises(GateClosed) as gate:
        move(actor, ref, stage, **more)
    after = held(ref)
    assert (after.stage, after.version, after.amount) == (before.stage, before.version, before.amount)
    assert gate.value.status == 422
    return gate.value.missing


@pytest.fixture
def ref(boss: Actor) -> Any:
    """A deal in "Meeting", whose gate demands the amount."""
    made = deal(boss)
    move(boss, made, "meeting")
    return made


def test_a_field_is_demanded_and_filled_in_at_the_gate(boss: Actor, ref: Any) -> None:
    assert [spec.key for spec in closed(boss, ref).fields] == ["amount"]
    with pytest.raises(Invalid) as wrong:
        move(boss, ref, "quote", values={"amount": "much"})
    assert not isinstance(wrong.value, GateClosed) and list(wrong.value.fields) == ["amount"]
    closed(boss, ref, values={"about": "not what was asked for"})
    moved = move(boss, ref, "quote", values={"amount": "700"})
    card = held(ref)
    assert (card.stage, card.amount, card.about) == ("quote", 7_000_000, "")
    events = Event.objects.filter(pk__in=moved.events, primary_type="deal").order_by("id")
    assert [one.type for one in events] == ["record.updated", "deal.stage_changed"]
    assert Event.objects.get(pk=moved.event).type == "deal.stage_changed"
    run(boss, Undo(moved.event))
    assert (held(ref).stage, held(ref).amount) == ("meeting", 7_000_000)


def test_a_box_must_be_ticked_and_what_is_gone_is_not_asked_for(boss: Actor, ref: Any) -> None:
    from comity.changes.settings import SaveSetting

    made = run(boss, SaveSetting("field", {
        "type_key": "deal", "key": "own_checked", "kind": "bool", "label": {"en": "Checked"},
    }))  # fmt: skip
    set_stage("meeting", gate={"fields": ["own_checked", "own_gone"], "steps": ["gone"], "files": ["gone"]})
    boss = again(boss)
    assert [spec.key for spec in closed(boss, ref).fields] == ["own_checked"]
    move(boss, ref, "quote", values={"own_checked": "1"})
    assert held(ref).stage == "quote" and made.event


def test_only_the_gate_of_the_stage_left_is_asked_and_only_forwards(boss: Actor) -> None:
    ref = deal(boss)
    move(boss, ref, "quote")  # past "Meeting", which it never stood in
    move(boss, ref, "meeting")
    move(boss, ref, "qualified")
    assert held(ref).stage == "qualified"


def test_to_be_won_is_to_go_forwards_to_be_lost_is_not(boss: Actor, ref: Any) -> None:
    with pytest.raises(GateClosed):
        win(boss, ref)
    won = win(boss, ref, values={"amount": "5"})
    assert held(ref).state == "won" and held(ref).amount == 50_000
    run(boss, Undo(won.event))
    other = deal(boss)
    move(boss, other, "meeting")
    lose(boss, other)
    assert held(other).state == "lost"


def test_a_step_is_demanded_until_it_is_done(boss: Actor) -> None:
    set_stage("qualified", steps=[step("call"), step("letter")], gate={"steps": ["call"]})
    ref = deal(boss)
    move(boss, ref, "qualified")
    missing = closed(boss, ref, "meeting")
    assert [(one.key, one.text["en"]) for one in missing.steps] == [("call", "Do call")]
    task = missing.steps[0].task
    assert task is not None
    run(boss, FinishTask(task, 0, "Agreed"))
    move(boss, ref, "meeting")
    assert held(ref).stage == "meeting"


def test_a_step_nobody_has_planned_is_named_without_a_task(boss: Actor) -> None:
    ref = deal(boss)
    set_stage("new", steps=[step("late")], gate={"steps": ["late"]})
    assert [one.task for one in closed(boss, ref, "qualified").steps] == [None]


def test_a_file_of_a_kind_is_demanded(boss: Actor, ref: Any) -> None:
    set_stage("meeting", gate={"files": ["quote", "contract"]})

    def add(kind: str) -> str:
        new = NewFile("a.pdf", "0" * 64, 1, "application/pdf")
        return str(run(again(boss), AddFiles("deal", ref.id, [new], kind)).data["files"][0])

    add("")
    first = add("quote")
    assert [one.key for one in closed(boss, ref).files] == ["contract"]
    run(boss, RemoveFile(StoredFile.objects.get(pk=first).pk))
    add("contract")
    assert [one.key for one in closed(boss, ref).files] == ["quote"]
    add("quote")
    move(boss, ref, "quote")
    assert held(ref).stage == "quote"


def test_the_words_say_what_no_field_of_a_form_can(boss: Actor, ref: Any) -> None:
    set_stage("meeting", steps=[step("call")], gate={"fields": ["amount"], "steps": ["call"], "files": ["quote"]})
    mira = colleague("Mira", "all", {"deal": {"amount": "read", "source": "hide"}}, language="en")
    set_stage("meeting", gate={"fields": ["amount", "source", "about"], "steps": ["call"], "files": ["quote"]})
    with pytest.raises(GateClosed) as gate:
        move(mira, ref, "quote")
    fields = {key: [str(text) for text in found] for key, found in gate.value.fields.items()}
    assert list(fields) == ["about", "stage"] and len(fields["stage"]) == 4
    assert "Do call" in fields["stage"][0] and "Amount" in fields["stage"][2]
    assert "Source" not in str(gate.value.as_dict()) and not gate.value.may_override


def test_a_field_he_may_not_write_needs_who_may_let_it_pass(boss: Actor, ref: Any) -> None:
    mira = colleague("Mira", "all", {"deal": {"amount": "mask"}})
    missing = closed(mira, ref)
    assert (missing.fields, [one.key for one in missing.locked], missing.hidden) == ([], ["amount"], [])
    with pytest.raises(Invalid):
        move(mira, ref, "quote", values={"amount": "700"})
    hidden = colleague("Nils", "all", {"deal": {"amount": "hide"}})
    missing = closed(hidden, ref)
    assert (missing.fields, missing.locked, missing.hidden) == ([], [], ["amount"])
    permit(hidden, "gates")
    moved = move(hidden, ref, "quote", override="agreed by telephone")
    assert held(ref).stage == "quote"
    assert "Amount" not in said(hidden, moved) and "agreed by telephone" in said(hidden, moved)
    told = tell(again(hidden), [Event.objects.get(pk=moved.event)])[0].payload
    assert told["without"]["fields"] == []


def test_passing_takes_the_right_and_a_reason_and_is_told(boss: Actor, ref: Any) -> None:
    mira = colleague("Mira", "all", language="en")
    with pytest.raises(Refused):
        move(mira, ref, "quote", override="please")
    closed(boss, ref, override="   ")
    with pytest.raises(Invalid) as wrong:
        move(boss, ref, "quote", override="x" * 301)
    assert list(wrong.value.fields) == ["override"]
    permit(mira, "gates")
    moved = move(mira, ref, "quote", override="the  boss agreed")
    payload = Event.objects.get(pk=moved.event).payload
    assert payload["override"] == "the boss agreed" and payload["without"]["fields"] == ["amount"]
    text = said(mira, moved)
    assert "moved this to “Quote sent”" in text and "without: Amount; reason: the boss agreed" in text
    assert not GatePass.objects.exists()


def test_nothing_is_passed_where_nothing_is_missing(boss: Actor, ref: Any) -> None:
    moved = move(boss, ref, "quote", values={"amount": "1"}, override="just in case", until=policy.today(boss))
    payload = Event.objects.get(pk=moved.event).payload
    assert "without" not in payload and payload["override"] == "" and not GatePass.objects.exists()


def test_a_permission_for_a_client_lets_his_other_deals_pass_until_its_day(boss: Actor, stopped_clock: Any) -> None:
    firm, anna = company(boss, "Acme"), person(boss, "Anna", "Sample")
    mira = colleague("Mira", "all", language="en")
    until = policy.today(boss) + timedelta(days=3)
    pipeline("service", "asked")
    deals = [deal(boss, company=str(firm.id), person=str(anna.id)) for _n in range(3)]
    other = deal(boss, person=str(anna.id))
    for one in (*deals, other):
        move(boss, one, "meeting")
    given = move(boss, deals[0], "quote", override="old client", until=until)
    row = GatePass.objects.get()
    assert (row.client_type, row.client_id, row.until, row.reason) == ("company", firm.id, until, "old client")
    moved = move(mira, deals[1], "quote")
    assert "13 March 2026" in said(mira, moved) and "without: Amount; reason: old client" in said(mira, moved)
    assert "13 March 2026" in said(mira, given)
    closed(mira, other)  # another client
    stopped_clock.tick(days=3)
    run(boss, Undo(move(mira, deals[2], "quote").event))
    stopped_clock.tick(days=1)
    closed(mira, deals[2])


def test_undo_of_the_move_takes_its_permission_back(boss: Actor, ref: Any) -> None:
    ref = deal(boss, person=str(person(boss, "Anna", "Sample").id))
    move(boss, ref, "meeting")
    moved = move(boss, ref, "quote", override="old client", until=policy.today(boss))
    assert GatePass.objects.get().client_type == "person"
    run(boss, Undo(moved.event))
    assert not GatePass.objects.exists() and held(ref).stage == "meeting"


def standing_pass(boss: Actor) -> Any:
    """A permission for the company of a deal, and another deal of that company that waits before the gate."""
    firm = company(boss, "Acme")
    first, second = (deal(boss, company=str(firm.id)) for _n in range(2))
    for one in (first, second):
        move(boss, one, "meeting")
    move(boss, first, "quote", override="old client", until=policy.today(boss) + timedelta(days=3))
    return GatePass.objects.get(), firm, second


def test_a_permission_is_withdrawn_where_it_is_shown_and_given_back(boss: Actor) -> None:
    row, firm, waiting = standing_pass(boss)
    window = browser(speaking(boss, "en"))
    asked = window.get(f"/deals/{waiting.id}/move?stage=quote", headers={"HX-Request": "true"}).content.decode()
    address = f"/deals/passes/{row.pk}/withdraw"
    assert "reason: old client" in asked and address in asked
    answer = window.post(address, {"next": f"/deals/{waiting.id}", "idempotency": "w1"})
    assert answer.status_code == 302 and answer["Location"] == f"/deals/{waiting.id}"
    assert not GatePass.objects.exists()
    closed(boss, waiting)
    asked = window.get(f"/deals/{waiting.id}/move?stage=quote", headers={"HX-Request": "true"}).content.decode()
    assert address not in asked
    event = Event.objects.filter(type="deal.pass_withdrawn").get()
    assert (event.primary_type, event.primary_id) == ("company", firm.id)
    assert "withdrew the permission" in window.get(f"/companies/{firm.id}").content.decode()
    assert window.post(address, {"next": "/today"}).status_code == 302  # it stands no more: said, not an error
    back = run(boss, Undo(event.pk))
    again_there = GatePass.objects.get()
    assert (again_there.pk, again_there.until, again_there.reason, again_there.created_by) == (
        row.pk, row.until, "old client", boss.user_id,
    )  # fmt: skip
    assert again_there.created_at == row.created_at
    with pytest.raises(Refused):
        run(boss, Undo(event.pk))  # it stands already
    run(boss, Undo(back.event))
    closed(boss, waiting)


def test_the_page_of_a_pipeline_names_the_permissions_in_force(boss: Actor, stopped_clock: Any) -> None:
    row, _firm, _waiting = standing_pass(boss)
    window = browser(speaking(boss, "en"))
    page = window.get(f"/settings/pipelines/{row.pipeline.key}").content.decode()
    assert "Acme" in page and "old client" in page and "may pass the gates" in page
    address = f"/settings/pipelines/{row.pipeline.key}/do/withdraw?pass={row.pk}"
    assert window.post(address).status_code == 302 and not GatePass.objects.exists()
    assert "may pass the gates" not in window.get(f"/settings/pipelines/{row.pipeline.key}").content.decode()
    run(boss, Undo(Event.objects.filter(type="deal.pass_withdrawn").get().pk))
    stopped_clock.tick(days=4)
    assert "may pass the gates" not in window.get(f"/settings/pipelines/{row.pipeline.key}").content.decode()


def test_only_who_may_open_gates_withdraws_a_permission_and_only_of_a_client_he_sees(boss: Actor) -> None:
    row, firm, waiting = standing_pass(boss)
    mira = colleague("Mira", "all", language="en")
    with pytest.raises(Refused):
        run(mira, WithdrawPass(row.pk))
    shown = browser(again(mira)).get(f"/deals/{waiting.id}/move?stage=quote", headers={"HX-Request": "true"})
    assert "old client" in shown.content.decode() and "/withdraw" not in shown.content.decode()
    otto = colleague("Otto", "own", language="en")
    permit(otto, "gates")
    with pytest.raises(NotFound):
        run(again(otto), WithdrawPass(row.pk))
    run(boss, WithdrawPass(row.pk))
    event = Event.objects.filter(type="deal.pass_withdrawn").get()
    with pytest.raises(Refused):
        run(again(mira), Undo(event.pk))
    blind = colleague("Blind", "all", fields={"deal": {"stage": "hide"}}, language="en")
    assert not tell(blind, [event], RecordRef("company", firm.id))
    assert not GatePass.objects.exists()


def test_a_permission_needs_a_client_and_a_day_to_come(boss: Actor, ref: Any) -> None:
    today = policy.today(boss)
    with pytest.raises(Invalid) as wrong:
        move(boss, ref, "quote", override="why", until=today)
    assert list(wrong.value.fields) == ["until"]
    named = deal(boss, company=str(company(boss, "Acme").id))
    move(boss, named, "meeting")
    with pytest.raises(Invalid) as wrong:
        move(boss, named, "quote", override="why", until=today - timedelta(days=1))
    assert list(wrong.value.fields) == ["until"] and held(named).stage == "meeting"


def test_values_filled_in_meanwhile_conflict_field_by_field(boss: Actor, ref: Any) -> None:
    from comity.changes import commands

    mira = colleague("Mira", "all")
    seen = held(ref).version
    run(again(mira), commands.update("deal", ref.id, 0, {"amount": "900"}))
    with pytest.raises(Conflict) as clash:
        move(boss, ref, "quote", version=seen, values={"amount": "700"})
    assert "amount" in clash.value.current["theirs"]  # type: ignore[index]
    assert (held(ref).stage, held(ref).amount) == ("meeting", 9_000_000)
