"""Field rights in sales: who may not read amounts sees no money of deals, masked phones of leads stay masked."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from comity.access import defaults
from comity.access.actors import Actor
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.identity.models import Organization
from comity.kernel.clock import now
from comity.records import conditions
from comity.sales.deals.commands import MoveDeal, SetLines, WinDeal
from comity.sales.pipelines.goals import COMPANY, SetGoals
from leaks.sales_surfaces import boards, reports
from leaks.tries import ask
from support.browser import browser
from support.house import again, colleague, company

SUM = "7654321"
TRACES = ("765432", "1530864", "2296296", "3827160")  # a tenth of it too, and some of them together
DIGITS = "9990088"
UNREAD = {"mask": {"amount": "mask"}, "hide": {"amount": "hide"}}


class Sales:
    """A firm with deals of SUM each: open with lines, moved on, won."""

    def __init__(self, boss: Actor) -> None:
        Organization.objects.update(language="en", currency="EUR")
        self.boss = again(boss)
        self.firm = company(self.boss, "Plain firm")
        amount = {"amount": SUM, "currency": "EUR"}
        values = {"company": str(self.firm.id), "amount": amount, "expected_on": now().date().isoformat()}
        self.open, self.won, self.bare = (
            self.made("deal", values | {"name": f"Plain {word}"}) for word in ("open", "won", "bare")
        )
        run(self.boss, commands.update("deal", self.bare, 0, {"amount": {"amount": "", "currency": "EUR"}}))
        run(self.boss, SetLines(self.open, 0, [{"name": "Pump", "quantity": "1", "price": SUM}]))
        run(self.boss, commands.update("deal", self.won, 0, {"amount": {"amount": f"{SUM}0", "currency": "EUR"}}))
        run(self.boss, commands.update("deal", self.won, 0, {"amount": amount}))
        run(self.boss, MoveDeal(self.open, 0, "meeting"))
        run(self.boss, MoveDeal(self.bare, 0, "meeting"))
        run(self.boss, WinDeal(self.won, 0, "price"))
        phones = [{"label": "work", "value": f"+7495{DIGITS}"}]
        points = {"phones": phones, "emails": ["zqxsecret@firm.example"]}
        self.lead = self.made("lead", {"contact_name": "Plain lead", "budget": amount, **points})
        due = (now() - timedelta(hours=1)).isoformat()
        self.task = self.made("task", {"name": "Plain call", "about": f"lead:{self.lead}", "due_at": due})
        goals = {COMPANY: 10**12, ("user", self.boss.user_id): 10**12}
        run(self.boss, SetGoals(now().date(), goals))
        dispatcher.drain()

    def made(self, key: str, values: dict[str, object]) -> UUID:
        return run(again(self.boss), commands.create(key, values)).record.id

    def pages(self) -> list[str]:
        """Everything that could tell what deals are worth."""
        found = ["/deals/", "/deals/?sort=-amount", "/deals/totals?view=all", "/deals/?view=all", "/api/v1/deals"]
        found += ["/today", "/today?scope=team", "/deals/new"]
        found += [f"/companies/{self.firm.id}", f"/companies/{self.firm.id}/story"]
        for one in (self.open, self.won, self.bare):
            base = f"/deals/{one}"
            found.append(base)
            found += [f"{base}/{path}" for path in ("edit", "story", "history", "move?stage=agreement", "won", "lost")]
            found += [f"/api/v1{base}", f"/api/v1{base}/story", f"{base}/history?field=amount", f"{base}/fields/name"]
        found += ["/search?q=plain", f"/search?q={SUM}", f"/palette?q={SUM}"]
        return found


@pytest.fixture
def sales(boss: Actor) -> Sales:
    return Sales(boss)


def digits(text: str) -> str:
    """A page with its figures written without anything between their digits."""
    text = re.sub(r"01[0-9a-f]{6}-[0-9a-f]{4}-[0-9a-f-]{22}|\b[0-9a-f]{32}\d?\b", "", text)
    return re.sub(r"(?<=\d)(?:[\s.,'\u00a0\u202f\u066c]|&nbsp;)(?=\d)", "", text)


def told(client: Client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code in (200, 302, 403, 404), url
    text = answer.content.decode().replace(url, "")
    return digits(text.replace(f'value="{SUM}"', "") if f"q={SUM}" in url else text)


@pytest.mark.parametrize("level", list(UNREAD))
def test_no_page_tells_what_deals_are_worth(sales: Sales, level: str) -> None:
    blind = browser(colleague("Blind", "all", {"deal": UNREAD[level], "lead": {"budget": level}}))
    reader = browser(sales.boss)
    seen = 0
    for url in sales.pages():
        assert not [trace for trace in TRACES if trace in told(blind, url)], url
        seen += any(trace in told(reader, url) for trace in TRACES)
    assert seen > 15
    names = set()
    for one in (*boards(), *reports()):
        text = digits(ask(blind, one).content.decode())
        assert not [trace for trace in TRACES if trace in text], (one.method, one.url)
        if any(trace in digits(ask(reader, one).content.decode()) for trace in TRACES):
            names.add(one.name)
    assert {"board", "board sums", "report", "report as a file", "records of a figure"} <= names
    for url in (f"/leads/{sales.lead}", f"/leads/{sales.lead}/convert", f"/api/v1/leads/{sales.lead}", "/leads/"):
        assert SUM not in told(blind, url) and told(blind, url)
    assert blind.get(f"/deals/{sales.open}/lines").status_code in (403, 404)
    assert blind.get("/reports/plan").status_code == 404


@pytest.mark.parametrize("level", list(UNREAD))
def test_nothing_matches_or_sorts_by_an_amount_he_may_not_read(sales: Sales, level: str) -> None:
    blind = browser(colleague("Blind", "all", {"deal": UNREAD[level]}))
    for op in conditions.operators("money"):
        for value in ("1", "99999999"):
            page = blind.get(f"/deals/?view=all&match=all&f-0=amount&op-0={op}&v-0={value}").content.decode()
            assert page.count("<tr data-id") == 3, op
        where = f'{{"all": [{{"field": "amount", "op": "{op}", "value": "1"}}]}}'
        assert blind.get("/api/v1/deals", {"where": where}).status_code == 422
    refused = [blind.get(f"/api/v1/deals?sort={order}").json() for order in ("amount", "-amount", "no_such_field")]
    assert {(one["status"], str(one["fields"])) for one in refused} == {(422, str(refused[-1]["fields"]))}
    assert len(blind.get("/api/v1/deals?sort=title").json()["items"]) == 3


def test_a_gate_asks_no_one_for_what_he_may_not_read(sales: Sales) -> None:
    """The deal without an amount stands before a gate that wants one."""
    for level, says in (("mask", "“Amount” is missing"), ("hide", "Something is missing that you may not see")):
        blind = browser(colleague(f"Blind {level}", "all", {"deal": UNREAD[level]}))
        page = blind.get(f"/deals/{sales.bare}/move?stage=agreement").content.decode()
        assert says in page and 'name="amount-amount"' not in page
        data = {"stage": "agreement", "version": "0", "amount-amount": "5", "amount-currency": "EUR"}
        assert blind.post(f"/deals/{sales.bare}/move", data).status_code == 422
    assert browser(sales.boss).get(f"/api/v1/deals/{sales.bare}").json()["amount"] is None


def test_the_shipped_assistant_sees_phones_of_leads_masked(sales: Sales) -> None:
    role = next(one for one in defaults.ROLES if one.key == "assistant")
    ann = colleague("Ann", "all", role.fields)
    run(again(sales.boss), commands.update("task", sales.task, 0, {"owner": str(ann.user_id)}))
    client, base = browser(again(ann)), f"/leads/{sales.lead}"
    pages = ["/leads/", base, f"{base}/edit", f"{base}/story", f"{base}/history", f"{base}/convert", f"{base}/refuse"]
    pages += [f"/api/v1{base}", f"/api/v1{base}/story", "/api/v1/leads", "/today", f"/tasks/{sales.task}", "/calendar"]
    pages += [f"/search?q={DIGITS[:5]}", f"/palette?q={DIGITS[:5]}", "/lookup/lead", "/search?q=plain"]
    for url in pages:
        answer = client.get(url, headers={"HX-Request": "true"} if "lookup" in url or "palette" in url else {})
        assert answer.status_code == 200, url
        text = answer.content.decode().lower()
        assert DIGITS not in digits(text.replace(url, "")) and "zqxsecret" not in text, url
    assert "•" in client.get(base).content.decode() and "•" in client.get("/today").content.decode()
    assert "Plain lead" not in client.get(f"/search?q={DIGITS}").content.decode().split("</head>")[-1]
    twin = {"contact_name": "Other", "phones-0-value": f"+7495{DIGITS}", "phones-count": "1"}
    asked = client.get("/leads/duplicates", twin, headers={"HX-Request": "true"}).content.decode()
    assert str(sales.lead) not in asked
    assert str(sales.lead) in browser(sales.boss).get(
        "/leads/duplicates", twin, headers={"HX-Request": "true"}
    ).content.decode()  # fmt: skip


def test_converting_carries_over_no_phone_he_may_not_read(sales: Sales) -> None:
    """Where he reads phones of people, a lead's masked one does not come to light by converting it."""
    ann = colleague("Ann", "all", {"lead": {"phones": "mask", "emails": "mask", "budget": "hide"}})
    client = browser(ann)
    data = {"person": "new", "company": "", "deal": "1", "deal-name": "Plain deal", "version": "0"}
    assert client.post(f"/leads/{sales.lead}/convert", data).status_code == 302
    made = client.get(f"/api/v1/leads/{sales.lead}").json()
    assert made["state"] == "converted"
    assert not client.get(f"/api/v1/people/{made['person']}").json()["phones"]
    assert client.get(f"/api/v1/deals/{made['deal']}").json()["amount"] is None
