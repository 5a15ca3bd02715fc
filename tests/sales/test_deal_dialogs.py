"""What a user sees of a deal: won and lost, lines, who decides, clients’ cards, kinds of files."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import Link, ShareRecord
from comity.identity.models import ExchangeRate
from comity.records.models import RecordRef, Relation, StoredFile
from comity.sales.deals.commands import LoseDeal, WinDeal
from comity.sales.deals.model import DealLine
from support.browser import browser
from support.deal_pages import FRAGMENT, QUERIES, at, card, deal, euros, gate, post, text
from support.forms import read_form
from support.house import administrator, again, colleague, company, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> Actor:
    """The administrator of a company that reads English."""
    from comity.identity.models import Organization

    Organization.objects.create(name="House", country="DE", language="en", currency="EUR")
    return administrator()


def test_losing_takes_a_reason(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/lost")))
    refused = client.post(f"/deals/{ref.id}/lost", form | {"note": "They fell silent"})
    assert refused.status_code == 422
    assert "Choose why it was lost." in text(refused)
    assert read_form(text(refused))["note"] == ["They fell silent"]
    assert card(boss, ref).state == "open"
    client.post(f"/deals/{ref.id}/lost", read_form(text(refused)) | {"reason": "silent"})
    held = card(boss, ref)
    assert (held.state, held.lost_reason, held.close_note) == ("lost", "silent", "They fell silent")
    page = text(client.get(f"/deals/{ref.id}"))
    assert re.search(r'class="pill bad">.{,200}Lost', page)
    assert "They stopped answering" in page
    assert f"/deals/{ref.id}/reopen" in page and f"/deals/{ref.id}/won" not in page


def test_winning_asks_what_decided_it_and_for_what_the_gate_wants(boss: Actor) -> None:
    gate("new", fields=["amount"])
    ref, client = deal(boss), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/won")))
    assert "amount-amount" in form
    refused = client.post(f"/deals/{ref.id}/won", form | {"reason": "trust"})
    assert refused.status_code == 422
    kept = read_form(text(refused))
    assert kept["reason"] == ["trust"]
    client.post(f"/deals/{ref.id}/won", kept | {"amount-amount": "90"})
    held = card(boss, ref)
    assert (held.state, held.won_reason, held.amount) == ("won", "trust", 900_000)
    assert re.search(r'class="pill good">.{,200}Won', text(client.get(f"/deals/{ref.id}")))


def test_an_ended_deal_is_reopened_where_it_stood(boss: Actor) -> None:
    ref, client = at(boss, deal(boss), "meeting"), browser(boss)
    run(again(boss), WinDeal(ref.id, 0, "price", override="for the test"))
    form = read_form(text(client.get(f"/deals/{ref.id}/reopen")))
    assert form["stage"] == ["meeting"]
    client.post(f"/deals/{ref.id}/reopen", form | {"stage": "quote"})
    assert (card(boss, ref).state, card(boss, ref).stage) == ("open", "quote")
    assert client.get(f"/deals/{ref.id}/reopen").status_code == 302


def test_a_stage_that_ends_deals_leads_to_its_question(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    asked = post(client, ref, "move", stage="lost", version=card(boss, ref).version)
    assert asked.status_code == 200
    assert f'action="/deals/{ref.id}/lost"' in text(asked)
    assert card(boss, ref).state == "open"


def filled(*rows: tuple[str, str, str]) -> dict[str, str]:
    found = {"lines-count": str(len(rows))}
    for n, (name, quantity, price) in enumerate(rows):
        found |= {f"lines-{n}-name": name, f"lines-{n}-quantity": quantity, f"lines-{n}-price": price}
    return found


def test_lines_are_summed_exactly(boss: Actor) -> None:
    ref, client = deal(boss, amount=euros("1")), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/lines")))
    assert form["lines-count"] == ["3"]
    rows = filled(("Machine", "3", "0.10"), ("Fitting", "1.5", "199.99"), ("", "", ""))
    answer = client.post(f"/deals/{ref.id}/lines", form | rows)
    assert answer.status_code == 302
    assert card(boss, ref).amount == 3_000 + 2_999_850
    page = text(client.get(f"/deals/{ref.id}"))
    panel = page.split('id="l-lines"')[1].split("</div>")[0]
    assert "Machine" in panel and "€300.285" in panel
    kept = read_form(text(client.get(f"/deals/{ref.id}/lines")))
    assert [kept[f"lines-{n}-name"] for n in range(2)] == [["Machine"], ["Fitting"]]
    client.post(f"/deals/{ref.id}/lines", kept | filled(("Machine", "1", "5"), ("", "", "")))
    assert [one.name for one in DealLine.objects.all()] == ["Machine"]


def test_lines_that_cannot_be_read_stay_in_the_form(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/lines")))
    wrong = client.post(f"/deals/{ref.id}/lines", form | filled(("Machine", "many", "5"), ("", "1", "7")))
    assert wrong.status_code == 422
    kept = read_form(text(wrong))
    assert (kept["lines-0-quantity"], kept["lines-1-price"]) == (["many"], ["7"])
    assert text(wrong).count('aria-invalid="true"') == 2
    assert not DealLine.objects.exists()


def test_lines_written_by_two_people_are_not_lost_unseen(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/lines")))
    assert client.post(f"/deals/{ref.id}/lines", form | filled(("Theirs", "1", "5"))).status_code == 302
    late = client.post(f"/deals/{ref.id}/lines", form | {"idempotency": "other"} | filled(("Mine", "1", "6")))
    assert late.status_code == 409
    assert "Theirs" in text(late)
    client.post(f"/deals/{ref.id}/lines", read_form(text(late)))
    assert [one.name for one in DealLine.objects.all()] == ["Mine"]


def test_lines_are_as_hidden_as_the_amount(boss: Actor) -> None:
    one = colleague("One", "all", {"deal": {"amount": "hide"}})
    ref = deal(boss)
    client = browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/lines")))
    client.post(f"/deals/{ref.id}/lines", form | filled(("Machine", "1", "5")))
    page = text(browser(one).get(f"/deals/{ref.id}"))
    assert 'id="l-lines"' not in page and "€5" not in page
    assert browser(one).get(f"/deals/{ref.id}/lines").status_code == 403
    reader = colleague("Reader", "all", {"deal": {"amount": "read"}})
    page = text(browser(reader).get(f"/deals/{ref.id}"))
    assert "€5.00" in page and f"/deals/{ref.id}/lines" not in page


def test_a_deal_where_nobody_decides_says_so(boss: Actor) -> None:
    mara, ref, client = person(boss, "Mara", "Sample"), deal(boss), browser(boss)
    warning = "Nobody here decides."
    page = text(client.get(f"/deals/{ref.id}"))
    assert warning in page
    url = re.findall(r'href="(/deals/[^"]+/links\?kind=deal_person[^"]+decider)"', page)[0].replace("&amp;", "&")
    form = read_form(text(client.get(url)))
    assert "decider" in form["roles"]
    client.post(url, form | {"other-person": str(mara.id)})
    assert Relation.objects.get(kind="deal_person").roles == "|decider|"
    assert warning not in text(client.get(f"/deals/{ref.id}"))
    run(again(boss), WinDeal(deal(boss, "Other").id, 0, "price"))
    assert warning not in text(client.get(f"/deals/{deal_named(boss, 'Other')}"))


def deal_named(actor: Actor, title: str) -> UUID:
    actor = again(actor)
    found: UUID = policy.visible(actor, actor.state.record_types["deal"]).get(title=title).pk
    return found


def test_a_hidden_person_who_decides_is_not_betrayed(boss: Actor) -> None:
    one, mara = colleague("One"), person(boss, "Mara", "Sample")
    ref = deal(one)
    run(again(boss), Link("deal_person", ref, mara, ("decider",)))
    page = text(browser(one).get(f"/deals/{ref.id}"))
    assert "Nobody here decides." in page and "Mara" not in page
    assert "Nobody here decides." not in text(browser(boss).get(f"/deals/{ref.id}"))


def linked_deals(page: str, key: str) -> list[tuple[str, str]]:
    """(title, second line) of the deals on a client's card."""
    panel = page.split(f'id="l-{key}"')[1].split('<div class="pan"')[0]
    return re.findall(r'<b>([^<]+)</b></a>.*?<span class="sub" dir="auto">([^<]*)</span>', panel, re.DOTALL)


def test_clients_cards_tell_stage_and_amount_of_their_deals(boss: Actor, stopped_clock: Any) -> None:
    firm, mara = company(boss, "Lotus"), person(boss, "Mara", "Sample")
    of = {"company": str(firm.id), "person": str(mara.id)}
    first = deal(boss, "First", amount=euros("100"), **of)
    stopped_clock.tick(days=1)
    deal(boss, "Second", **of)
    stopped_clock.tick(days=1)
    third = deal(boss, "Third", amount=euros("7"), **of)
    run(again(boss), LoseDeal(third.id, 0, "price"))
    at(boss, first, "quote")
    for path, key in ((f"/companies/{firm.id}", "deal_company-from"), (f"/people/{mara.id}", "deal_person-from")):
        told = linked_deals(text(browser(boss).get(path)), key)
        assert told == [("Second", "New"), ("First", "Quote sent, €100.00"), ("Third", "Lost, €7.00")]
    blind = colleague("Blind", "all", {"deal": {"amount": "hide", "stage": "mask"}})
    page = text(browser(blind).get(f"/companies/{firm.id}"))
    assert "First" in page and "€100" not in page and "Quote sent" not in page


def test_a_new_deal_begins_on_the_clients_card(boss: Actor) -> None:
    firm = company(boss, "Lotus")
    mara = person(boss, "Mara", "Sample", company=str(firm.id))
    client = browser(boss)
    for path in (f"/companies/{firm.id}", f"/people/{mara.id}"):
        url = re.findall(r'href="(/deals/new\?[^"]+)"', text(client.get(path)))[0].replace("&amp;", "&")
        dialog = text(client.get(url, headers=FRAGMENT))
        form = read_form(dialog)
        assert form["company"] == [str(firm.id)]
        if "people" in path:
            assert form["person"] == [str(mara.id)]
    client.post("/deals/new", form | {"name": "Begun here"})
    assert card(boss, RecordRef("deal", deal_named(boss, "Begun here"))).person_id == mara.id
    guest = colleague("Guest", "none")
    run(again(boss), ShareRecord("company", firm.id, user_id=guest.user_id))
    assert "/deals/new" not in text(browser(guest).get(f"/companies/{firm.id}"))


def test_the_palette_offers_a_new_deal(boss: Actor) -> None:
    page = text(browser(boss).get("/palette?q=deal", headers=FRAGMENT))
    assert 'data-href="/deals/new"' in page


def test_sums_of_deals_say_where_a_rate_is_missing(boss: Actor) -> None:
    deal(boss, "One", amount=euros("0.10"))
    deal(boss, "Two", amount=euros("0.20"))
    deal(boss, "Three", amount={"amount": "50", "currency": "USD"})

    def sums() -> str:
        return text(browser(boss).get("/deals/totals", headers=FRAGMENT))

    assert "€0.30" in sums() and "$50.00" in sums()
    assert "no rate for USD" in sums() and "50.30" not in sums()
    ExchangeRate.objects.create(currency="USD", day=date(2020, 1, 1), rate=Decimal("0.9"))
    changed()
    assert "€45.30" in sums()


def test_a_file_is_given_its_kind_and_loses_it_again(boss: Actor) -> None:
    ref, client = deal(boss), browser(boss)
    client.post(f"/deals/{ref.id}/files", {"file": SimpleUploadedFile("a.txt", b"text"), "idempotency": "k"})
    row = StoredFile.objects.get()
    assert row.kind == ""
    form = read_form(text(client.get(f"/files/{row.pk}/kind")))
    assert client.post(f"/files/{row.pk}/kind", form | {"kind": "nonsense"}).status_code == 422
    client.post(f"/files/{row.pk}/kind", form | {"kind": "quote"})
    row.refresh_from_db()
    assert row.kind == "quote"
    page = text(client.get(f"/deals/{ref.id}"))
    assert "named the kind of the file “a.txt”: Quote" in page
    (undo,) = re.findall(r'<div class="toast">.*?action="(/undo/\d+)"', page)
    client.post(undo)
    row.refresh_from_db()
    assert row.kind == ""
    stranger = colleague("Stranger")
    assert browser(stranger).get(f"/files/{row.pk}/kind").status_code == 404
    assert browser(stranger).post(f"/files/{row.pk}/kind", {"kind": "quote"}).status_code == 404


def test_the_card_of_a_deal_asks_the_base_a_fixed_number_of_times(
    boss: Actor, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    ref, client = deal(boss, amount=euros("5")), browser(boss)
    form = read_form(text(client.get(f"/deals/{ref.id}/lines")))
    client.post(f"/deals/{ref.id}/lines", form | filled(*((f"Line {n}", "1", "5") for n in range(20))))
    for n in range(10):
        run(again(boss), Link("deal_person", ref, person(boss, f"P{n}", "Sample"), ("decider",)))
    client.get(f"/deals/{ref.id}")
    with django_assert_max_num_queries(QUERIES):
        client.get(f"/deals/{ref.id}")
