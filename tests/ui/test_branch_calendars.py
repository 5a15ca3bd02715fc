"""A branch's own working calendar, whom it holds for, and which branch sells a deal."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from comity.access.actors import user_actor
from comity.access.branches import hours_of, of_user
from comity.changes.bus import run
from comity.changes.commands import create, update
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.identity.models import Branch, Team
from comity.sales.leads.commands import AnswerLead
from comity.sales.models import Deal, Lead
from comity.work.tasks.moments import next_morning

pytestmark = pytest.mark.django_db
HOURS = {"own_hours": "1", "work_days": ["0", "1", "2", "3", "6"], "work_from": "10:00", "work_to": "14:00",
         "timezone": "Asia/Dubai"}  # fmt: skip


@pytest.fixture
def dubai(root: Client, users: dict[str, Any]) -> Branch:
    """A branch with a calendar of its own; Mira works in a team below the one that belongs to it."""
    root.post("/settings/branches/do/new", {"name": "Dubai", "legal_name": "Example FZE", "country": "AE"})
    row = Branch.objects.get()
    head = Team.objects.create(name="Gulf")
    team = Team.objects.create(name="Gulf sales", parent=head)
    assert root.post(f"/settings/teams/{head.pk}/do/team", {"name": "Gulf", "branch": str(row.pk)}).status_code == 302
    root.post(f"/settings/teams/{team.pk}/do/join", {"user": str(users["mira"])})
    assert root.post(f"/settings/branches/{row.pk}/do/hours", HOURS).status_code == 302
    row.refresh_from_db()
    return row


def test_a_branch_chooses_its_calendar_by_clicks(root: Client, dubai: Branch) -> None:
    assert (dubai.own_hours, dubai.work_days, dubai.work_from) == (True, [0, 1, 2, 3, 6], "10:00")
    url = f"/settings/branches/{dubai.pk}"
    page = root.get(url).content.decode()
    assert "Gulf" in page and "Holidays" in page
    assert 'value="AE" selected' in root.get(f"{url}/do/public-holidays").content.decode()
    year = str(datetime.now(UTC).year)
    root.post(f"{url}/do/public-holidays", {"country": "AE", "year": year})
    dubai.refresh_from_db()
    assert f"{year}-12-02" in dubai.holidays
    root.post(f"{url}/do/remove-holiday?day={year}-12-02")
    root.post(f"{url}/do/add-holidays", {"holidays": "2030-05-05", "until": "2030-05-06"})
    dubai.refresh_from_db()
    assert f"{year}-12-02" not in dubai.holidays and {"2030-05-05", "2030-05-06"} <= set(dubai.holidays)
    for wrong in ({"work_to": "09:00"}, {"timezone": "Mars/Olympus"}, {"work_days": [""]}):
        assert root.post(f"{url}/do/hours", HOURS | wrong).status_code == 422
    assert "Keeps working hours of its own" in root.get("/settings/audit").content.decode()


def test_whose_hours_hold(root: Client, users: dict[str, Any], dubai: Branch) -> None:
    state = user_actor(users["mira"]).state
    assert of_user(state, users["mira"]).pk == dubai.pk and of_user(state, users["root"]) is None
    mira, boss = hours_of(state, users["mira"]), hours_of(state, users["root"])
    assert (mira.start, str(mira.zone)) == (600, "Asia/Dubai") and (boss.start, str(boss.zone)) == (
        540,
        "Europe/Berlin",
    )
    root.post(f"/settings/branches/{dubai.pk}/do/hours", {"own_hours": "0"})
    assert hours_of(user_actor(users["mira"]).state, users["mira"]) == boss
    root.post(f"/settings/branches/{dubai.pk}/do/archive")
    assert of_user(user_actor(users["mira"]).state, users["mira"]) is None


def test_the_first_answer_is_due_in_the_hours_of_who_answers(
    root: Client, users: dict[str, Any], dubai: Branch, stopped_clock: Any
) -> None:
    stopped_clock.move(datetime(2026, 3, 12, 9, 30, tzinfo=UTC))  # Thursday, 13:30 in Dubai, 10:30 in Berlin
    found = {}
    for name in ("root", "mira"):
        actor = user_actor(users[name])
        found[name] = run(actor, create("lead", {"contact_name": name, "owner": str(users[name])})).record.id
    due = {name: Lead.unguarded.get(pk=key).answer_due_at for name, key in found.items()}
    assert due["root"] == datetime(2026, 3, 12, 10, 30, tzinfo=UTC)
    assert due["mira"] == datetime(2026, 3, 15, 6, 30, tzinfo=UTC)  # half an hour on Thursday, half on Sunday
    stopped_clock.move(datetime(2026, 3, 15, 6, 10, tzinfo=UTC))
    run(user_actor(users["mira"]), AnswerLead(found["mira"]))
    assert Lead.unguarded.get(pk=found["mira"]).answer_minutes == 40


def test_tasks_and_the_calendar_follow_the_branch(
    mira: Client, users: dict[str, Any], dubai: Branch, stopped_clock: Any
) -> None:
    stopped_clock.move(datetime(2026, 3, 12, 12, 0, tzinfo=UTC))  # a Thursday: the next working day is Sunday
    morning = next_morning(user_actor(users["mira"]))
    assert morning.date().isoformat() == "2026-03-15"
    assert next_morning(user_actor(users["root"])).date().isoformat() == "2026-03-13"
    assert "[1, 2, 3, 4, 0]" in mira.get("/calendar").content.decode().replace("&quot;", '"')


def test_a_deal_is_sold_by_the_branch_of_who_is_responsible(root: Client, users: dict[str, Any], dubai: Branch) -> None:
    boss = user_actor(users["root"])
    mine = run(boss, create("deal", {"name": "Here"})).record.id
    theirs = run(boss, create("deal", {"name": "There", "owner": str(users["mira"])})).record.id
    chosen = run(boss, create("deal", {"name": "Chosen", "branch": str(dubai.pk)})).record.id

    def branch(key: UUID) -> str:
        return str(Deal.unguarded.get(pk=key).branch)

    assert (branch(mine), branch(theirs), branch(chosen)) == ("", str(dubai.pk), str(dubai.pk))
    run(boss, update("deal", theirs, 0, {"owner": str(users["root"])}))
    assert branch(theirs) == str(dubai.pk)  # it stays who sold it
    page = root.get("/deals/", {"match": "all", "f-0": "branch", "op-0": "any", "v-0": str(dubai.pk)}).content.decode()
    assert "There" in page and "Here" not in page and "Dubai" in page
    assert root.get(f"/api/v1/deals/{theirs}").json()["branch"] == str(dubai.pk)
    run(user_actor(users["root"]), DeleteSetting("branch", dubai.pk))
    form = root.get("/deals/new").content.decode()
    assert str(dubai.pk) not in form  # it is offered no more
    assert "Dubai" in root.get(f"/deals/{theirs}").content.decode()


def test_without_branches_there_is_nothing_to_choose(root: Client, users: dict[str, Any]) -> None:
    assert 'name="branch"' not in root.get("/deals/new").content.decode()
    team = Team.objects.create(name="All")
    run(user_actor(users["root"]), SaveSetting("team", {"name": "Everybody"}, team.pk))
    assert 'name="branch"' not in root.get(f"/settings/teams/{team.pk}").content.decode()
