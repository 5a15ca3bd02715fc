"""Formulas on the settings pages: tried before they are kept, with and without scripts; nothing hidden is told."""

from typing import Any

import pytest

from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.identity.models import User
from comity.records.models import CustomField, CustomType
from comity.timeline.models import Event
from support import fields
from support.browser import browser
from support.deals import deal
from support.formulas import custom, formula, settle
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NEW = "/settings/fields/do/formula?type=deal"
CHECK = "/settings/fields/do/check?type=deal"


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_formula_is_made_by_clicks(boss: Any) -> None:
    one = company(boss, "One")
    ref = deal(boss, "Pumps", company=str(one.id), amount=["1000", "RUB"])
    page = browser(boss)
    form = page.get(NEW)
    assert form.status_code == 200
    assert 'hx-post="/settings/fields/do/check?type=deal"' in text(form)
    assert "company.name" in text(form) and "amount" in text(form)
    tried = page.post(NEW, {"label-en": "Fee", "formula": "amount * percent(3)", "check": "1"})
    assert tried.status_code == 200
    assert "Pumps" in text(tried) and "30" in text(tried) and 'value="Fee"' in text(tried)
    assert not CustomField.objects.exists()
    made = page.post(NEW, {"label-en": "Fee", "formula": "amount * percent(3)"})
    row = CustomField.objects.get()
    assert made.status_code == 302 and made["Location"].endswith(f"/settings/fields/{row.pk}")
    assert (row.key, row.kind, row.formula) == ("own_fee", "money", "amount * percent(3)")
    settle()
    assert custom(boss, ref) == {"fee": [300_000, "RUB"]}


def test_counted_money_is_shown_as_one_pays_it_and_kept_exactly(boss: Any) -> None:
    """In a list, on a card, on the board; programs and files get it whole."""
    fields.kind(boss)
    fields.field(boss, "own_property", "state", "choice", choices=[{"key": "free", "label": {"en": "Free"}}])
    fields.field(boss, "own_property", "rent", "money")
    formula(boss, "own_property", "third", "own_rent / 3", position=-1)
    run(again(boss), SaveSetting("type", {"board_by": "own_state"}, CustomType.objects.get().pk))
    ref = fields.card(boss, "own_property", "Flat 4", own_state="free", own_rent=["100.1234", "EUR"])
    settle()
    page = browser(again(boss))
    for url in ("/properties/", f"/properties/{ref.id}", "/properties/board"):
        shown = text(page.get(url))
        assert "33,37" in shown and "33,3745" not in shown, url
    assert "100,1234" in text(page.get("/properties/")), "what was typed is shown as it was typed"
    assert custom(boss, ref)["third"] == [333_745, "EUR"]
    told = page.get(f"/api/v1/properties/{ref.id}").json()
    assert told["own_third"] == {"amount": "33.3745", "currency": "EUR"}


def test_the_list_of_kinds_leads_there(boss: Any) -> None:
    page = browser(boss)
    assert 'value="formula"' in text(page.get("/settings/fields/do/new?type=deal"))
    led = page.post("/settings/fields/do/new?type=deal", {"kind": "formula", "label-en": "Fee"})
    assert led.status_code == 200
    assert 'value="Fee"' in text(led) and 'name="formula"' in text(led)
    assert not CustomField.objects.exists()


def test_what_is_wrong_stays_on_the_form(boss: Any) -> None:
    page = browser(boss)
    answer = page.post(NEW, {"label-en": "Fee", "formula": "amount + 1"})
    assert answer.status_code == 422
    assert "amount + 1" in text(answer) and "money(100" in text(answer)


def test_the_live_check(boss: Any) -> None:
    for name in ("A", "B", "C", "D"):
        deal(boss, f"Deal {name}", amount=["7", "RUB"])
    page = browser(boss)
    events = Event.objects.count()
    good = page.post(CHECK, {"formula": "amount / 2"}, headers=HTMX)
    assert good.status_code == 200
    assert all(f"Deal {name}" in text(good) for name in "BCD") and "Deal A" not in text(good)
    bad = page.post(CHECK, {"formula": "amount / "}, headers=HTMX)
    assert bad.status_code == 200
    assert 'class="err"' in text(bad)
    none = page.post(CHECK, {"formula": "amount / moves_back"}, headers=HTMX)
    assert text(none).count("mute") == 3
    assert page.post(CHECK, {"formula": ""}, headers=HTMX).status_code == 200
    markup = page.post(CHECK, {"formula": 'concat("<b>", name)'}, headers=HTMX)
    assert "<b>" not in text(markup) and "&lt;b&gt;" in text(markup)
    assert page.get(CHECK).status_code == 404
    assert Event.objects.count() == events


def test_the_check_tells_nothing_that_is_hidden(boss: Any) -> None:
    fred = colleague("Fred", "own")
    Role.objects.filter(key="role-Fred").update(permits=["fields"])
    one = company(again(fred), "Mine")
    deal(boss, "Secret", company=str(one.id), amount=["123456", "RUB"])
    url = "/settings/fields/do/check?type=company"
    told = text(browser(again(fred)).post(url, {"formula": "sum(deal.amount)"}, headers=HTMX))
    assert "123" not in told and "Mine" not in told
    assert "123" in text(browser(boss).post(url, {"formula": "sum(deal.amount)"}, headers=HTMX))


def test_the_page_of_the_field_follows_whoever_will_not_see_it(boss: Any) -> None:
    colleague("Mira", "own")
    page = browser(boss)
    url = "/settings/fields/do/formula?type=company"
    made = page.post(url, {"label-en": "Deals", "formula": "count(deal)"})
    assert made["Location"] == f"/settings/fields/{CustomField.objects.get().pk}"
    shown = text(page.get(made["Location"]))
    assert "count(deal)" in shown and "Mira" in shown


def test_who_will_not_see_it_is_named(boss: Any) -> None:
    colleague("Mira", "own")
    told = text(browser(boss).post(
        "/settings/fields/do/check?type=company", {"formula": "count(deal)"}, headers=HTMX))  # fmt: skip
    assert "Mira" in told


def test_a_formula_is_changed_on_its_page(boss: Any) -> None:
    made = formula(boss, "deal", "fee", "amount * percent(3)").record
    page = browser(boss)
    shown = text(page.get(f"/settings/fields/{made.id}"))
    assert "amount * percent(3)" in shown
    assert 'name="required"' not in shown and 'name="unit"' not in shown
    url = f"/settings/fields/{made.id}/do/formula-save"
    wrong = page.post(url, {"formula": "count(task[about])"}, headers=HTMX)
    assert wrong.status_code == 422
    saved = page.post(url, {"formula": "amount * percent(4)"}, headers=HTMX)
    assert saved.status_code == 200
    assert CustomField.objects.get().formula == "amount * percent(4)"


def test_without_the_right_it_is_not_there(boss: Any) -> None:
    page = browser(colleague("Mira", "all"))
    assert page.get(NEW).status_code == 404
    assert page.post(CHECK, {"formula": "amount"}).status_code == 404
    assert browser(boss).get("/settings/fields/do/formula?type=nonsense").status_code == 404


def test_lists_show_and_filter_by_it(boss: Any) -> None:
    formula(boss, "deal", "fee", "amount * percent(3)")
    deal(boss, "Small", amount=["100", "RUB"])
    deal(boss, "Large", amount=["100000", "RUB"])
    User.objects.filter(pk=boss.user_id).update(prefs={"columns": {"deal": ["own_fee"]}})
    changed()
    page = browser(again(boss))
    query = {"match": "all", "f-0": "own_fee", "op-0": "more", "v-0": "2000"}
    shown = text(page.get("/deals/", query))
    assert "Large" in shown and "Small" not in shown
    assert 'data-e="own_fee"' not in shown  # nobody edits it in its place
    assert "Small" in text(page.get("/deals/", query | {"op-0": "less"}))
    assert "fee" in text(page.get("/deals/?match=all"))
