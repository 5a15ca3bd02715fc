"""The board of deals: sums of what is seen, moves and what hinders them, its price."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import update
from comity.identity.models import ExchangeRate, Organization, Team
from comity.sales.deals.commands import MoveDeal, WinDeal
from comity.sales.pipelines.model import Goal
from comity.ui import boards
from support.board import NOON, SCRIPT, deal, figure, head, move, of, page, part, put, step
from support.browser import browser
from support.house import administrator, again, colleague, company

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db: None) -> Actor:
    """The administrator of an English-speaking company in Berlin that counts in euros."""
    Organization.objects.create(name="House", country="DE", language="en", currency="EUR", timezone="Europe/Berlin")
    return administrator("Ann Archer")


@pytest.fixture
def noon(stopped_clock: Any) -> Any:
    """The clock stands at a moment of a known week."""
    stopped_clock.move(NOON)
    return stopped_clock


# --- sums ------------------------------------------------------------------------------------------------------------


def test_sums_are_by_currency_and_together_where_there_is_a_rate(chief: Actor) -> None:
    deal(chief, "a", "1000.50")
    deal(chief, "b", "200", "USD")
    deal(chief, "c", amount="", currency="EUR")
    client = browser(chief)
    text = part(client, "totals")
    assert head(text, "new") == ("3", "€1,000.50 + $200")
    assert "no rate for USD" in text
    assert figure(text, "Open").startswith("€1,000.50 + $200")
    ExchangeRate.objects.create(currency="USD", day=date(2026, 1, 1), rate=Decimal("0.5"))
    changed()
    text = part(browser(again(chief)), "totals")
    assert head(text, "new") == ("3", "€1,100.50")
    assert "€1,000.50 + $200" in text
    assert figure(text, "Likely").startswith("€110.05")  # a tenth of what is new


@pytest.mark.parametrize("scope", ["team", "own"])
def test_a_hidden_deal_changes_no_figure(chief: Actor, scope: str) -> None:
    ann = colleague("Ann", scope, team=Team.objects.create(name="North"))
    ref = deal(ann, "hers", "10")
    run(again(ann), WinDeal(deal(ann, "won", "7").id, 0, "price"))
    client = browser(again(ann))
    before = [part(client, "totals", f"view={key}") for key in ("mine", "attention", "all")]
    moved = move(client, ref, "qualified").content.decode()
    run(again(chief), MoveDeal(ref.id, 0, "new"))
    for stage in ("new", "qualified"):
        put(deal(chief, "hidden", "9999"), stage=stage, next_at=None)
    run(again(chief), WinDeal(deal(chief, "hidden and won", "9999").id, 0, "price"))
    ann = again(ann)
    ann.derived.clear()  # counts are kept for half a minute
    client = browser(ann)
    assert [part(client, "totals", f"view={key}") for key in ("mine", "attention", "all")] == before
    again_moved = move(client, ref, "qualified").content.decode()
    assert head(again_moved, "new") == head(moved, "new") == ("0", "")
    assert head(again_moved, "qualified") == head(moved, "qualified") == ("1", "€10")


def test_the_months_goal_and_what_was_won(chief: Actor, noon: Any) -> None:
    Goal.objects.create(month=date(2026, 11, 1), user_id=chief.user_id, amount=1000_0000, amount_currency="EUR")
    run(again(chief), WinDeal(deal(chief, "won", "250").id, 0, "price"))
    put(deal(chief, "won long ago", "999"), state="won", stage="won", closed_at=NOON - timedelta(days=40))
    text = part(browser(again(chief)), "totals")
    assert figure(text, "Goal for November") == "25 % €250 of €1,000"
    assert figure(text, "Won this month").startswith("1 deal")
    assert "€250" in figure(text, "Won this month")


# --- moves -----------------------------------------------------------------------------------------------------------


def test_a_move_answers_the_card_both_heads_and_the_way_back(chief: Actor) -> None:
    ref, _other = deal(chief, "Mover", "40"), deal(chief, "Stayer", "2")
    client = browser(chief)
    answer = move(client, ref, "qualified")
    text = answer.content.decode()
    assert answer.status_code == 200 and of(ref).stage == "qualified"
    assert 'data-c="qualified"' in text and f'<hx-partial id="{ref.id}" hx-swap="outerMorph">' in text
    assert (head(text, "new"), head(text, "qualified")) == (("1", "€2"), ("1", "€40"))
    assert "n-meeting" not in text
    assert "Moved to “Qualified”." in text
    undo = unescape(re.search(r'hx-post="(/deals/board/undo/[^"]+)"', text)[1])  # type: ignore[index]
    text = client.post(undo, headers=SCRIPT).content.decode()  # type: ignore[arg-type]
    assert of(ref).stage == "new" and 'data-c="new"' in text
    assert (head(text, "new"), head(text, "qualified")) == (("2", "€42"), ("0", ""))


def test_a_second_press_moves_once(chief: Actor) -> None:
    ref = deal(chief, "Mover")
    client = browser(chief)
    first = move(client, ref, "qualified", 1, idempotency="one")
    second = move(client, ref, "qualified", 1, idempotency="one")
    assert (first.status_code, second.status_code) == (200, 200)
    assert head(second.content.decode(), "qualified") == head(first.content.decode(), "qualified")
    assert of(ref).version == 2


def test_who_comes_second_sees_where_the_card_stands_now(chief: Actor) -> None:
    ref = deal(chief, "Contested", "5")
    before = of(ref).version
    run(again(chief), MoveDeal(ref.id, 0, "meeting"))
    answer = move(browser(chief), ref, "qualified", before)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert 'data-c="meeting"' in text and head(text, "meeting") == ("1", "€5")
    assert "Someone else has changed this card meanwhile" in text
    assert of(ref).stage == "meeting"


def test_other_changes_meanwhile_are_no_hindrance(chief: Actor) -> None:
    ref = deal(chief, "Changed")
    before = of(ref).version
    run(again(chief), update("deal", ref.id, 0, {"source": "fair"}))
    assert move(browser(chief), ref, "qualified", before).status_code == 200


def test_a_closed_gate_leads_to_its_question(chief: Actor) -> None:
    """A deal without an amount does not leave the meeting."""
    ref = put(deal(chief, "Gated", amount=""), stage="meeting")
    client = browser(chief)
    answer = move(client, ref, "quote")
    text = answer.content.decode()
    assert answer.status_code == 422 and of(ref).stage == "meeting"
    assert "This stage asks for something before the deal goes on." in text
    asked = unescape(re.search(r'hx-get="([^"]+)" hx-trigger="load" hx-target="#dlg-body"', text)[1])  # type: ignore[index]
    assert asked == f"/deals/{ref.id}/move?stage=quote&next=%2Fdeals%2Fboard"
    assert 'name="amount-amount"' in client.get(asked, headers=SCRIPT).content.decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("end", ["won", "lost"])
def test_the_ends_ask_for_their_reason(chief: Actor, end: str) -> None:
    ref = deal(chief, "Ending")
    client = browser(chief)
    text = move(client, ref, end).content.decode()
    asked = unescape(re.search(r'hx-get="([^"]+)" hx-trigger="load"', text)[1])  # type: ignore[index]
    assert 'name="reason"' in client.get(asked, headers=SCRIPT).content.decode()  # type: ignore[arg-type]
    assert of(ref).state == "open"


def test_without_scripts_a_page_of_forms_moves_cards(chief: Actor) -> None:
    ref = deal(chief, "Plain")
    client = browser(chief)
    text = client.get(f"/deals/board/move?id={ref.id}&query=view%3Dall").content.decode()
    form = re.search(r'<form method="post" action="/deals/board/move".*?value="qualified".*?</form>', text, re.S)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0].rpartition("<form")[2]))
    answer = client.post("/deals/board/move", {key: unescape(value) for key, value in fields.items()})
    assert answer["Location"] == "/deals/board?view=all"
    assert of(ref).stage == "qualified"
    assert "Moved to “Qualified”." in client.get(answer["Location"]).content.decode()
    assert client.post("/deals/board/move", {"id": str(ref.id), "to": "lost"})["Location"].startswith(
        f"/deals/{ref.id}/move?stage=lost"
    )


def test_nobody_moves_what_he_does_not_see(chief: Actor) -> None:
    ref = deal(chief, "Hidden")
    client = browser(colleague("Ann", "own"))
    for to in ("qualified", "won", "nowhere"):
        assert move(client, ref, to).status_code == 404
    assert client.get(f"/deals/board/move?id={ref.id}").status_code == 404
    assert client.get("/deals/board/move?id=x").status_code == 404
    assert move(browser(chief), ref, "nowhere").status_code == 404
    assert of(ref).stage == "new"


# --- the price -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [6, 40])
def test_the_page_asks_the_base_as_often_for_few_cards_as_for_many(chief: Actor, noon: Any, number: int) -> None:
    ann = colleague("Ann", "team", team=Team.objects.create(name="North"))
    firm = company(ann, "Firm")
    for n in range(number):
        at = (NOON - timedelta(days=1), None, NOON + timedelta(days=1))[n % 3]
        stage = ("new", "qualified")[n % 2]
        step(put(deal(ann, f"Deal {n}", company=str(firm.id)), stage=stage), at)
    client = browser(again(ann))
    asked = {}
    for query, headers in (("view=all", {}), ("view=all&part=totals", SCRIPT)):
        page(client, query, **headers)
        with CaptureQueriesContext(connection) as seen:
            page(client, query, **headers)
        asked[query] = len(seen.captured_queries)
    assert asked == {"view=all": 5, "view=all&part=totals": 3}


def test_a_board_of_150_cards_keeps_within_its_elements(chief: Actor, noon: Any) -> None:
    keys = ("new", "qualified", "meeting", "quote", "agreement")
    firm = company(chief, "Firm")
    for n in range(3):
        put(deal(chief, f"Deal {n}", company=str(firm.id)), stage_since=NOON - timedelta(days=90))
    text = page(browser(again(chief)))
    cards = re.findall(r"<article.*?</article>", text)
    each = len(re.findall(r"<[a-z]", cards[0]))
    frame = len(re.findall(r"<[a-z]", text)) - each * len(cards)
    assert frame + each * boards.PAGE * len(keys) <= 2500
