"""Goals: who sets and sees which, in what money, and nothing lost when two work at once."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from comity.access import snapshot
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.identity.models import ExchangeRate, Membership, Organization, Team
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.kernel.money import Money
from comity.sales.pipelines.goals import COMPANY, CopyGoals, SetGoals, Whose, goals, month_after, month_before, version
from comity.sales.pipelines.model import Goal
from comity.timeline.models import Event
from support.browser import browser
from support.house import again, colleague

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
HTMX = {"HX-Request": "true"}


def units(amount: int) -> int:
    return amount * 10_000


def do(actor: Actor, command: Any, key: str = "") -> Any:
    return run(again(actor), command, key=key)


def seen(actor: Actor, month: date = MARCH) -> dict[Whose, int]:
    return {whose: int(money.amount) for whose, money in goals(again(actor), month).items()}


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def house(boss: Actor) -> dict[str, Any]:
    """A team with one below it, its head, a colleague in each, and one elsewhere."""
    top = Team.objects.create(name="Продажи")
    low = Team.objects.create(name="Север", parent=top)
    other = Team.objects.create(name="Юг")
    found: dict[str, Any] = {"boss": boss, "top": top.pk, "low": low.pk, "other": other.pk}
    found["head"] = colleague("head", "team", team=top, lead=True)
    found["mira"] = colleague("mira", "own", team=low)
    found["nina"] = colleague("nina", "own", team=other)
    return found


def of(actor: Actor) -> Whose:
    return ("user", actor.user_id)


def fill(house: dict[str, Any], month: date = MARCH) -> None:
    amounts: dict[Whose, int | None] = {
        COMPANY: units(900), ("team", house["top"]): units(600), ("team", house["low"]): units(300),
        ("team", house["other"]): units(200), of(house["head"]): units(100), of(house["mira"]): units(60),
        of(house["nina"]): units(50),
    }  # fmt: skip
    do(house["boss"], SetGoals(month, amounts))


def test_each_sees_what_concerns_him(house: dict[str, Any]) -> None:
    fill(house)
    assert len(seen(house["boss"])) == 7
    assert seen(house["mira"]) == {of(house["mira"]): 60}
    assert seen(house["nina"]) == {of(house["nina"]): 50}
    assert seen(house["head"]) == {
        ("team", house["top"]): 600, ("team", house["low"]): 300, of(house["head"]): 100, of(house["mira"]): 60,
    }  # fmt: skip
    assert seen(house["boss"], APRIL) == {}
    assert seen(house["boss"], date(2026, 3, 17))[COMPANY] == 900


def test_a_head_sets_goals_of_his_branch_only(house: dict[str, Any]) -> None:
    head = house["head"]
    mine: dict[Whose, int | None] = {("team", house["low"]): units(5), of(house["mira"]): units(7)}
    do(head, SetGoals(MARCH, mine))
    assert seen(head) == {("team", house["low"]): 5, of(house["mira"]): 7}
    for whose in (COMPANY, ("team", house["other"]), of(house["nina"]), of(house["boss"]), ("user", None)):
        with pytest.raises(NotFound):
            do(head, SetGoals(MARCH, {whose: units(1), of(house["mira"]): units(9)}))
    with pytest.raises(Refused):
        do(head, SaveSetting("goal", {"month": "2026-03-01", "amount": units(1), "team": str(house["other"])}))
    for whose in (of(house["mira"]), COMPANY):
        with pytest.raises(NotFound):
            do(house["mira"], SetGoals(MARCH, {whose: units(1)}))
    assert seen(head)[of(house["mira"])] == 7


def test_a_goal_is_changed_and_taken_away(house: dict[str, Any]) -> None:
    boss = house["boss"]
    for amount in (100, 120):
        do(boss, SetGoals(MARCH, {COMPANY: units(amount)}))
        assert seen(boss) == {COMPANY: amount}
    changes = Event.objects.filter(type="setting.changed").order_by("-id")[0].payload["changes"]
    assert changes == {"amount": [units(100), units(120)]}
    before = Event.objects.count()
    do(boss, SetGoals(MARCH, {COMPANY: units(120)}))
    assert Event.objects.count() == before
    for nothing in (0, None):
        do(boss, SetGoals(MARCH, {COMPANY: nothing}))
        assert seen(boss) == {}
    assert not Goal.objects.exists()


def test_one_goal_for_each_and_month(house: dict[str, Any]) -> None:
    boss, mira = house["boss"], str(house["mira"].user_id)
    do(boss, SaveSetting("goal", {"month": "2026-03-20", "amount": units(1), "user": mira}))
    row = Goal.objects.get()
    assert (row.month, row.amount_currency) == (MARCH, "RUB")
    for values in (
        {"month": "2026-03-01", "amount": units(2), "user": mira},
        {"month": "2026-04-01", "amount": units(2), "user": mira, "team": str(house["low"])},
        {"month": "2026-04-01", "amount": -5, "user": mira}, {"month": "2026-04-01", "user": mira},
        {"month": "soon", "amount": 5}, {"amount": 5}, {"month": "2026-04-01", "amount": 5, "user": "nobody"},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            do(boss, SaveSetting("goal", values))
    for values in ({"month": "2026-05-01"}, {"user": str(boss.user_id)}):
        with pytest.raises(Invalid):
            do(boss, SaveSetting("goal", values, row.pk))
    with pytest.raises(Refused):
        do(house["mira"], DeleteSetting("goal", row.pk))
    assert Goal.objects.count() == 1


def test_goals_are_counted_in_the_companys_money(house: dict[str, Any]) -> None:
    boss = house["boss"]
    do(boss, SetGoals(MARCH, {COMPANY: units(100), of(house["mira"]): units(50)}))
    Goal.objects.filter(user=None).update(amount_currency="USD")
    Goal.objects.exclude(user=None).update(amount_currency="EUR")
    ExchangeRate.objects.create(currency="USD", day=MARCH, rate=Decimal("80.5"))
    snapshot.changed()
    assert goals(again(boss), MARCH) == {COMPANY: Money(Decimal("8050"), "RUB")}
    page = browser(boss)
    answer = page.post("/settings/goals/2026-03/do/people", {f"user-{house['nina'].user_id}": "10"}, headers=HTMX)
    assert answer.status_code == 200
    assert Goal.objects.get(user=house["mira"].user_id).amount == units(50)  # not shown, not lost
    page.post("/settings/goals/2026-03/do/company", {"company": "8 050"})
    assert Goal.objects.get(user=None).amount_currency == "USD"  # what stays the same stays as it was kept
    page.post("/settings/goals/2026-03/do/company", {"company": "9 000"})
    assert goals(again(boss), MARCH)[COMPANY] == Money(Decimal("9000"), "RUB")


def test_last_months_goals_are_copied_where_there_are_none(house: dict[str, Any]) -> None:
    fill(house)
    boss, head = house["boss"], house["head"]
    do(boss, SetGoals(APRIL, {of(house["mira"]): units(1)}))
    assert do(head, CopyGoals(APRIL)).data["goals"] == 3
    assert seen(boss, APRIL) == {
        ("team", house["top"]): 600, ("team", house["low"]): 300, of(head): 100, of(house["mira"]): 1,
    }  # fmt: skip
    answer = browser(boss).post("/settings/goals/2026-04/do/copy")
    assert answer.status_code == 302
    assert seen(boss, APRIL)[COMPANY] == 900
    assert seen(boss, APRIL)[of(house["mira"])] == 1
    with pytest.raises(Refused):
        do(house["mira"], CopyGoals(APRIL))
    assert browser(house["mira"]).post("/settings/goals/2026-04/do/copy").status_code == 404


def test_who_left_is_not_copied(house: dict[str, Any]) -> None:
    from comity.identity.models import User

    fill(house)
    User.objects.filter(pk=house["nina"].user_id).update(active=False)
    Membership.objects.filter(user=house["mira"].user_id).delete()
    snapshot.changed()
    do(house["boss"], CopyGoals(APRIL))
    assert of(house["nina"]) not in seen(house["boss"], APRIL)
    assert seen(house["head"]).keys() == {("team", house["top"]), ("team", house["low"]), of(house["head"])}


def test_months_follow_each_other() -> None:
    assert (month_before(date(2026, 1, 1)), month_after(date(2025, 12, 1))) == (date(2025, 12, 1), date(2026, 1, 1))
    assert (month_before(date(2026, 3, 1)), month_after(date(2026, 3, 1))) == (date(2026, 2, 1), date(2026, 4, 1))


def test_the_page_shows_to_each_his_own(house: dict[str, Any]) -> None:
    fill(house)
    page = text(browser(house["boss"]).get("/settings/goals/2026-03"))
    for name in ("Продажи / Север", "Юг", "mira", "nina"):
        assert f">{name}</label>" in page
    client = browser(house["head"])
    page = text(client.get("/settings/goals/2026-03"))
    assert '"/settings/goals"' in page
    assert ">mira</label>" in page
    assert ">nina</label>" not in page
    assert ">Юг</label>" not in page
    assert 'id="c-company"' not in page
    assert client.post("/settings/goals/2026-03/do/company", {"company": "1"}).status_code == 404
    assert seen(house["boss"])[COMPANY] == 900
    assert client.get("/settings/lists").status_code == 404
    assert browser(house["mira"]).get("/settings/goals").status_code == 404


def test_goals_are_typed_as_people_write_numbers(house: dict[str, Any], stopped_clock: Any) -> None:
    boss, mira = house["boss"], house["mira"].user_id
    client = browser(boss)
    assert client.get("/settings/goals").status_code == 200
    url = "/settings/goals/2026-03/do/people"
    assert client.post(url, {f"user-{mira}": "1 200,50"}).status_code == 302
    assert goals(again(boss), MARCH)[of(house["mira"])] == Money(Decimal("1200.50"), "RUB")
    for wrong in ("many", "-5", "1" * 25):
        answer = client.post(url, {f"user-{mira}": wrong}, headers=HTMX)
        assert answer.status_code == 422
        assert f'value="{wrong}"' in text(answer)
    assert client.post(url, {f"user-{mira}": ""}, headers=HTMX).status_code == 200
    assert seen(boss) == {}
    assert client.get(url).status_code == 404


def test_two_who_plan_at_once_lose_nothing(house: dict[str, Any]) -> None:
    boss, mira, nina = house["boss"], house["mira"].user_id, house["nina"].user_id
    client = browser(boss)
    page = text(client.get("/settings/goals/2026-03"))
    found = re.search(r'id="c-people".*?name="version" value="(\w+)"', page, re.DOTALL)
    assert found
    do(house["head"], SetGoals(MARCH, {of(house["mira"]): units(70)}))
    given = {f"user-{mira}": "", f"user-{nina}": "10", "version": found[1]}
    for one in (house["head"], boss):
        given.setdefault(f"user-{one.user_id}", "")
    answer = client.post("/settings/goals/2026-03/do/people", given, headers=HTMX)
    assert answer.status_code == 409
    assert seen(boss) == {of(house["mira"]): 70}
    with pytest.raises(Conflict):
        do(boss, SetGoals(MARCH, {COMPANY: units(1)}, version(boss, APRIL, [of(house["mira"])]) + "x"))


def test_the_audit_tells_of_goals(house: dict[str, Any]) -> None:
    boss: Actor = house["boss"]
    do(boss, SetGoals(MARCH, {of(house["mira"]): units(1500)}))
    client: Client = browser(boss)
    page = text(client.get("/settings/audit"))
    assert "2026-03: mira" in page
    assert "1\u00a0500" in page
    Organization.objects.update(language="en")
    snapshot.changed()
    assert "1,500" in text(client.get("/settings/audit"))
