"""What a user sees of a deal: its way along the stages, gates as forms, conflicts."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Trash
from comity.records.models import StoredFile
from comity.sales.deals.commands import LoseDeal, MoveDeal
from comity.sales.pipelines.model import GatePass
from support.browser import browser
from support.deal_pages import ADDRESSES, FRAGMENT, at, card, deal, gate, post, steps, text
from support.forms import read_form
from support.house import administrator, again, colleague, company

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> Actor:
    """The administrator of a company that reads English."""
    from comity.identity.models import Organization

    Organization.objects.create(name="House", country="DE", language="en", currency="EUR")
    return administrator()


def test_the_bar_shows_the_way_and_each_stage_moves_there(boss: Actor) -> None:
    ref = at(boss, deal(boss), "qualified")
    page = text(browser(boss).get(f"/deals/{ref.id}"))
    assert steps(page) == ["done", "here", "ahead", "ahead", "ahead"]
    assert page.count('<button name="stage"') == 4
    assert page.count('aria-current="step"') == 1
    form = read_form(page.split('<ol class="steps"')[0] + "</form>")
    answer = post(browser(boss), ref, "move", stage="meeting", version=form["version"][0], idempotency="k")
    assert answer["Location"] == f"/deals/{ref.id}"
    assert card(boss, ref).stage == "meeting"
    page = text(browser(boss).get(f"/deals/{ref.id}"))
    assert steps(page) == ["done", "done", "here", "ahead", "ahead"]


def test_the_message_after_a_move_takes_it_back(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    post(client, ref, "move", stage="qualified", version=card(boss, ref).version, idempotency="k")
    page = text(client.get(f"/deals/{ref.id}"))
    assert "Moved to “Qualified”." in page
    (undo,) = re.findall(r'<div class="toast">.*?action="(/undo/\d+)"', page)
    client.post(undo)
    assert card(boss, ref).stage == "new"


def test_who_may_only_read_gets_the_bar_without_buttons(boss: Actor) -> None:
    ref = deal(boss)
    reader = colleague("Reader", "none")
    run(again(boss), ShareRecord("deal", ref.id, user_id=reader.user_id, level="view"))
    page = text(browser(reader).get(f"/deals/{ref.id}"))
    assert steps(page)[0] == "here"
    assert '<button name="stage"' not in page
    assert f"/deals/{ref.id}/won" not in page
    for what in ADDRESSES:
        assert browser(reader).get(f"/deals/{ref.id}/{what}").status_code == 403
        assert post(browser(reader), ref, what, stage="qualified", reason="price").status_code == 403
    assert card(boss, ref).stage == "new"


@pytest.mark.parametrize("what", ADDRESSES)
def test_a_hidden_deal_is_not_there_at_any_address(boss: Actor, what: str) -> None:
    ref, stranger = deal(boss), colleague("Stranger")
    for answer in (
        browser(stranger).get(f"/deals/{ref.id}/{what}"),
        browser(stranger).get(f"/deals/{ref.id}/{what}", headers=FRAGMENT),
        post(browser(stranger), ref, what, stage="qualified", reason="price", version=1),
    ):
        assert answer.status_code == 404
        assert "Packaging" not in text(answer)
    run(again(boss), Trash("deal", ref.id))
    assert browser(boss).get(f"/deals/{ref.id}/{what}").status_code == 404


def test_who_may_not_see_the_stage_sees_no_way_and_no_dialogs(boss: Actor) -> None:
    blind = colleague("Blind", "all", {"deal": {"stage": "hide"}})
    ref = deal(blind)
    assert 'class="steps"' not in text(browser(blind).get(f"/deals/{ref.id}"))
    assert browser(blind).get(f"/deals/{ref.id}/move").status_code == 404


def test_a_long_stay_and_going_back_are_told(boss: Actor, stopped_clock: Any) -> None:
    ref = deal(boss)
    stopped_clock.tick(days=2)
    assert "2 days here; usual 3" in text(browser(boss).get(f"/deals/{ref.id}"))
    stopped_clock.tick(days=3)
    page = text(browser(boss).get(f"/deals/{ref.id}"))
    assert re.search(r'class="pill warn">.{,200}5 days here; usual 3', page)
    at(boss, ref, "qualified")
    at(boss, ref, "new")
    page = text(browser(boss).get(f"/deals/{ref.id}"))
    assert "here since today" in page
    assert "went back 1 time" in page


def test_without_a_stage_in_the_address_one_is_chosen(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/move")))
    answer = client.post(f"/deals/{ref.id}/move", form | {"stage": ""})
    assert answer.status_code == 422
    client.post(f"/deals/{ref.id}/move", form | {"stage": "quote"})
    assert card(boss, ref).stage == "quote"


def test_a_gate_asks_for_what_is_missing_and_keeps_what_was_typed(boss: Actor) -> None:
    gate("new", fields=["amount", "expected_on"])
    ref, client = deal(boss), browser(boss)
    asked = post(client, ref, "move", stage="qualified", version=card(boss, ref).version, idempotency="k")
    assert asked.status_code == 422
    form = read_form(text(asked))
    assert {"amount-amount", "expected_on", "stage", "version"} <= form.keys()
    half = client.post(f"/deals/{ref.id}/move", form | {"amount-amount": "1200.50", "expected_on": ""})
    assert half.status_code == 422
    again_form = read_form(text(half))
    assert again_form["amount-amount"] == ["1,200.5"]
    assert card(boss, ref).amount is None  # nothing is saved until it moves
    wrong = client.post(f"/deals/{ref.id}/move", again_form | {"amount-amount": "many", "expected_on": "2026-12-01"})
    assert wrong.status_code == 422
    assert 'value="many"' in text(wrong)
    client.post(f"/deals/{ref.id}/move", read_form(text(wrong)) | {"amount-amount": "1200.50"})
    held = card(boss, ref)
    assert (held.stage, held.amount, held.expected_on) == ("qualified", 12_005_000, date(2026, 12, 1))


def test_the_gate_is_shown_before_it_is_met(boss: Actor) -> None:
    gate("new", fields=["amount"])
    ref = deal(boss)
    form = read_form(text(browser(boss).get(f"/deals/{ref.id}/move?stage=qualified")))
    assert "amount-amount" in form
    dialog = text(browser(boss).get(f"/deals/{ref.id}/move?stage=qualified", headers=FRAGMENT))
    assert 'id="dlg-t"' in dialog and "<html" not in dialog


def test_a_gate_names_no_field_that_is_hidden_and_edits_none_that_is_only_read(boss: Actor) -> None:
    gate("new", fields=["amount", "expected_on", "source"])
    one = colleague("One", "all", {"deal": {"amount": "hide", "expected_on": "read"}})
    ref = deal(one)
    asked = text(browser(one).get(f"/deals/{ref.id}/move?stage=qualified"))
    inside = asked.split('<form class="form"')[1].split("</form>")[0]
    assert "amount" not in inside.lower()
    assert "something is missing that you may not see" in inside.lower()
    assert "“Expected” is missing." in inside
    assert 'name="source"' in inside
    assert 'name="expected_on"' not in inside
    sent = post(
        browser(one), ref, "move", stage="qualified", version=1, source="website", **{"amount-amount": "5"},
    )  # fmt: skip
    assert sent.status_code == 422
    assert card(boss, ref).amount is None


def test_steps_lead_to_their_tasks_and_files_are_taken_in_the_form(boss: Actor) -> None:
    gate("new", steps=["first_call"], files=["contract"])
    ref, client = deal(boss), browser(boss)
    page = text(client.get(f"/deals/{ref.id}/move?stage=qualified"))
    assert re.search(r'href="/tasks/[0-9a-f-]{36}"[^>]*>Call and find out', page)
    assert 'name="file-contract"' in page
    gate("new", files=["contract"])
    contract = SimpleUploadedFile("Signed.pdf", b"%PDF-1.4")
    answer = post(client, ref, "move", stage="qualified", version=1, idempotency="k", **{"file-contract": contract})
    assert answer.status_code == 302
    row = StoredFile.objects.get()
    assert (row.name, row.kind, row.record_id) == ("Signed.pdf", "contract", ref.id)
    assert card(boss, ref).stage == "qualified"
    assert "Contract" in text(client.get(f"/deals/{ref.id}"))


def test_who_may_lets_it_pass_with_a_reason_and_for_the_client_until_a_day(boss: Actor) -> None:
    gate("new", fields=["amount"])
    client_card = company(boss, "Lotus")
    ref, client = deal(boss, company=str(client_card.id)), browser(boss)
    asked = text(client.get(f"/deals/{ref.id}/move?stage=qualified"))
    assert "Move anyway" in asked
    past = client.post(f"/deals/{ref.id}/move", read_form(asked) | {"override": "Old client", "until": "2001-01-01"})
    assert past.status_code == 422
    form = read_form(text(past))
    assert form["override"] == ["Old client"]
    until = date.today() + timedelta(days=30)
    client.post(f"/deals/{ref.id}/move", form | {"until": until.isoformat()})
    assert card(boss, ref).stage == "qualified"
    (given,) = GatePass.objects.all()
    assert (given.client_id, given.until, given.reason) == (client_card.id, until, "Old client")
    assert "Old client" in text(client.get(f"/deals/{ref.id}"))


def test_where_the_client_may_pass_nothing_is_asked(boss: Actor) -> None:
    gate("new", fields=["amount"])
    firm, client = company(boss, "Lotus"), browser(boss)
    first, second = deal(boss, company=str(firm.id)), deal(boss, "Second", company=str(firm.id))
    run(again(boss), MoveDeal(first.id, 0, "qualified", override="Old client", until=date.today()))
    form = read_form(text(client.get(f"/deals/{second.id}/move?stage=qualified")))
    assert "amount-amount" not in form
    client.post(f"/deals/{second.id}/move", form)
    assert card(boss, second).stage == "qualified"


@pytest.mark.parametrize(("wanted", "led"), [("/deals/?view=board", True), ("https://bad.example/", False)])
def test_the_answer_leads_back_to_where_the_question_was_asked(boss: Actor, wanted: str, led: bool) -> None:
    ref, client = deal(boss), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/move", {"stage": "qualified", "next": wanted})))
    answer = client.post(f"/deals/{ref.id}/move", form)
    assert answer["Location"] == (wanted if led else f"/deals/{ref.id}")


def test_without_the_right_there_is_no_way_past_a_gate(boss: Actor) -> None:
    gate("new", fields=["amount"])
    one = colleague("One", "all")
    ref = deal(one)
    assert "Move anyway" not in text(browser(one).get(f"/deals/{ref.id}/move?stage=qualified"))
    sent = post(browser(one), ref, "move", stage="qualified", version=1, override="Let me")
    assert sent.status_code == 403
    assert card(one, ref).stage == "new"


@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_who_comes_second_is_told_who_moved_it_and_may_move_it_now(boss: Actor, headers: dict[str, str]) -> None:
    anna, ref = colleague("Anna", "all"), deal(boss)
    version = card(boss, ref).version
    at(boss, ref, "new")
    run(again(anna), MoveDeal(ref.id, version, "meeting"))
    client = browser(boss)
    late = client.post(f"/deals/{ref.id}/move", {"stage": "quote", "version": version}, headers=headers)
    assert late.status_code == 409
    assert "Anna moved this deal to “Meeting” meanwhile" in text(late)
    assert card(boss, ref).stage == "meeting"
    form = read_form(text(late))
    form["amount-amount"] = ["10"]
    client.post(f"/deals/{ref.id}/move", form)
    assert card(boss, ref).stage == "quote"


def test_what_others_change_besides_the_stage_holds_nobody_up(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    version = card(boss, ref).version
    client.post(f"/deals/{ref.id}/fields/about", {"about": "Three machines", "version": version})
    assert card(boss, ref).version != version
    assert post(client, ref, "move", stage="qualified", version=version).status_code == 302
    assert card(boss, ref).stage == "qualified"


def test_a_deal_ended_meanwhile_is_shown_and_not_moved(boss: Actor) -> None:
    anna, ref = colleague("Anna", "all"), deal(boss)
    version = card(boss, ref).version
    run(again(anna), LoseDeal(ref.id, version, "price"))
    for what in ("move", "won"):
        late = post(browser(boss), ref, what, stage="quote", reason="price", version=version)
        assert late.status_code == 409
        assert "Anna moved this deal to “Lost” meanwhile" in text(late)
    assert card(boss, ref).state == "lost"
