"""A formula tells what it is made from: who may not read that reads no formula over it, at any door."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.api.webhooks import payloads, samples
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.records import conditions
from leaks.test_fields_of_sales import digits
from support.browser import browser
from support.deals import deal
from support.formulas import formula, settle
from support.house import EVERY, again, colleague, company

pytestmark = pytest.mark.django_db
TRACES = ("22962963", "7654321", "8181818", "16363636")  # 3 % of the amount, the amount, the turnover, twice that
KEYS = ("own_fee", "own_more", "own_far")
CASES = {
    "the amount hidden": ({"deal": {"amount": "hide"}, "company": {"turnover": "hide"}}, "hide"),
    "the amount masked": ({"deal": {"amount": "mask"}, "company": {"turnover": "mask"}}, "mask"),
    "the link hidden": ({"deal": {"amount": "hide", "company": "hide"}, "company": {"turnover": "hide"}}, "hide"),
}


@pytest.fixture
def card(boss: Actor) -> str:
    """A deal with formulas over its amount and its client's turnover."""
    firm = company(boss, "Plain firm", turnover={"amount": "8181818", "currency": "EUR"})
    formula(boss, "deal", "fee", "amount * percent(3)", indexed=True)
    formula(boss, "deal", "more", "own_fee * 2", indexed=True)
    formula(boss, "deal", "far", "company.turnover * 2", indexed=True)
    made = deal(boss, "Plain deal", company=str(firm.id), amount={"amount": "7654321", "currency": "EUR"})
    settle()
    run(again(boss), commands.update("deal", made.id, 0, {"amount": {"amount": "76543210", "currency": "EUR"}}))
    run(again(boss), commands.update("deal", made.id, 0, {"amount": {"amount": "7654321", "currency": "EUR"}}))
    settle()
    return str(made.id)


def blind(case: str) -> Actor:
    reader = colleague("Blind", "all", CASES[case][0])
    role = Role.objects.get(key="role-Blind")
    role.grants["*"]["export"] = "all"
    role.save()
    changed()
    return again(reader)


def urls(card: str) -> list[str]:
    found = ["/deals/?view=all", "/deals/totals?view=all", "/deals/columns", "/deals/sort", "/deals/board?view=all",
             "/api/v1/deals", "/api/v1/types/deals", "/api/v1/openapi.json", "/api/docs/deals", "/today",
             "/reports/sales", "/exports/new/deals", "/search?q=plain"]  # fmt: skip
    found += [f"/deals/{card}{path}" for path in ("", "/edit", "/story", "/history", "/won", "/lost")]
    found += [f"/deals/{card}/history?field={key}" for key in KEYS]
    return [
        *found,
        f"/api/v1/deals/{card}",
        f"/api/v1/deals/{card}/story",
        "/api/v1/hooks/samples/record.updated?type=deal",
    ]


@pytest.mark.parametrize("case", list(CASES))
def test_no_door_tells_it(boss: Actor, card: str, case: str) -> None:
    reader, level = blind(case), CASES[case][1]
    client, seer, seen = browser(reader), browser(again(boss)), 0
    for url in urls(card):
        text = digits(client.get(url).content.decode())
        assert not [one for one in TRACES if one in text], url
        assert level == "mask" or not [key for key in KEYS if key in text.replace(url, "")], url
        seen += any(one in digits(seer.get(url).content.decode()) for one in TRACES)
    assert seen > 8
    form = {"columns": "all", "format": "jsonl"}
    for who, told in ((client, False), (seer, True)):
        made = who.post("/exports/new/deals?view=all", form)
        assert made.status_code == 302, made.content.decode()
        text = digits(b"".join(who.get(made["Location"]).streaming_content).decode())
        assert any(one in text for one in TRACES) == told
    record_type = reader.state.record_types["deal"]
    told_of = json.dumps(samples.samples(reader, "record.updated", record_type))
    assert not [one for one in TRACES if one in digits(told_of)]
    sent = payloads.encoded(samples.samples(again(boss), "record.updated", record_type)[0])
    assert any(one in digits(sent) for one in TRACES)
    assert not [one for one in TRACES if one in digits(payloads.cut(reader, sent))]


@pytest.mark.parametrize("case", list(CASES))
def test_nothing_matches_or_sorts_by_it(card: str, case: str) -> None:
    client = browser(blind(case))

    def refused(query: str) -> tuple[int, Any]:
        answer = client.get(f"/api/v1/deals?{query}")
        return answer.status_code, sorted(answer.json().get("fields", {}))

    for key in KEYS:
        for order in (key, f"-{key}"):
            assert refused(f"sort={order}") == refused("sort=own_nothing") == (422, ["sort"])
        for op in conditions.operators("money"):
            where = urlencode({"where": json.dumps({"all": [{"field": key, "op": op, "value": "1"}]})})
            assert refused(where) == (422, ["where"])
            page = client.get(f"/deals/?view=all&match=all&f-0={key}&op-0={op}&v-0=99999999").content.decode()
            assert page.count("<tr data-id") == 1, "the condition is not his: it counts as not given"
        assert refused(f"{key}__more=1")[0] == 422


def test_a_sum_over_cards_that_point_here_is_for_an_administrator_to_say(boss: Actor) -> None:
    """Its reader is told the sum, whatever he sees of the parts, until an administrator closes it."""
    firm = company(boss, "Plain firm")
    formula(boss, "company", "sum", "sum(deal.amount)")
    deal(boss, "Plain deal", company=str(firm.id), amount={"amount": "7654321", "currency": "EUR"})
    settle()
    reader = colleague("Blind", "all", {"deal": {"amount": "hide"}})
    assert "7654321" in digits(browser(reader).get(f"/companies/{firm.id}").content.decode())
    closed = colleague("Closed", "all", {"deal": {"amount": "hide"}, "company": {"own_sum": "hide"}})
    for url in (f"/companies/{firm.id}", f"/api/v1/companies/{firm.id}", "/companies/", "/api/v1/companies"):
        assert "7654321" not in digits(browser(closed).get(url).content.decode()), url


def test_who_sees_less_than_a_sum_is_made_of_reads_it_only_where_an_administrator_says_so(boss: Actor) -> None:
    """Whichever came first, the formula or the role; and whatever is new in either."""
    firm = company(boss, "Plain firm")
    own = formula(boss, "company", "sum", "turnover * 2")
    deal(boss, "Plain deal", company=str(firm.id), amount={"amount": "7654321", "currency": "EUR"})
    every, nina = colleague("Every", "all"), colleague("Nina", "own")
    for name in ("Every", "Nina"):
        Role.objects.filter(key=f"role-{name}").update(key=name.lower())
    run(again(boss), commands.update("company", firm.id, 0, {"owner": str(nina.user_id)}))

    def reads(reader: Actor) -> bool:
        told = browser(again(reader)).get(f"/api/v1/companies/{firm.id}").json()
        assert told["title"] == "Plain firm"
        return "own_sum" in told

    def save(key: str, **values: Any) -> None:
        run(again(boss), SaveSetting("role", values, Role.objects.get(key=key).pk))

    assert reads(every) and reads(nina), "what is made from his own card he reads"
    run(again(boss), SaveSetting("field", {"formula": "sum(deal.amount)"}, own.record.id))
    settle()
    assert reads(every) and not reads(nina), "the formula is another one"
    fields = {"company": {}}
    save("nina", fields=fields)
    assert reads(nina), "an administrator has said so"
    save("nina", name={"en": "Called otherwise"})
    assert reads(nina), "and that stands"
    save("every", grants={"*": dict.fromkeys(EVERY, "all"), "deal": dict.fromkeys(EVERY, "own")})
    assert not reads(every), "the role sees less"
    save("every", fields=fields)
    assert reads(every)
    made = {"key": "fresh", "name": {"en": "Fresh"}, "grants": {"*": dict.fromkeys(EVERY, "team")}}
    run(again(boss), SaveSetting("role", made))
    assert Role.objects.get(key="fresh").fields == {"company": {"own_sum": "hide"}}
