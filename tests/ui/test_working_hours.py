"""The company's working hours and holidays in the settings."""

import re
from typing import Any

import pytest
from django.test import Client

from comity.access.actors import user_actor
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.identity.models import Organization, User
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.kernel.worktime import work_hours

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def company() -> Organization:
    return Organization.objects.get(pk=1)


def save(root: Client, **more: Any) -> Any:
    values = {"work_days": ["", "0", "1", "5"], "work_from": "8:30", "work_to": "24.00", "answer_minutes": "45"}
    return root.post("/settings/company/do/hours", values | more, headers=HTMX)


def test_hours_are_saved_in_their_tidy_form(root: Client) -> None:
    assert save(root).status_code == 200
    row = company()
    assert (row.work_days, row.work_from, row.work_to, row.answer_minutes) == ([0, 1, 5], "08:30", "24:00", 45)
    assert work_hours(row).end == 24 * 60


@pytest.mark.parametrize(("country", "days"), [("DE", "0123456"), ("US", "6012345"), ("EG", "5601234")])
def test_the_week_begins_as_it_does_in_the_country(root: Client, country: str, days: str) -> None:
    run(user_actor(User.objects.get(administrator=True).pk), SaveSetting("organization", {"country": country}, 1))
    html = root.get("/settings/company").content.decode()
    assert "".join(re.findall(r'name="work_days" value="(\d)"', html)) == days
    assert sorted(re.findall(r'name="work_days" value="(\d)" checked', html)) == list("01234")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"work_days": [""]}, "Choose at least one day."),
        ({"work_days": ["", "9"]}, "Choose at least one day."),
        ({"work_from": "nine"}, "Enter a time such as 09:00."),
        ({"work_to": "25:00"}, "Enter a time such as 09:00."),
        ({"work_from": "18:00", "work_to": "18:00"}, "Work ends after it begins."),
        ({"answer_minutes": "0"}, "Enter minutes from 1 to"),
        ({"answer_minutes": "20000"}, "Enter minutes from 1 to"),
    ],
)
def test_hours_that_cannot_be_are_refused(root: Client, wrong: dict[str, Any], words: str) -> None:
    answer = save(root, **wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert company().work_from == "09:00"


def test_holidays_come_one_by_one_or_in_a_row(root: Client) -> None:
    root.post("/settings/company/do/add-holidays", {"holidays": "2026-05-01"})
    root.post("/settings/company/do/add-holidays", {"holidays": "2025-12-31", "until": "2026-01-02"})
    assert company().holidays == ["2025-12-31", "2026-01-01", "2026-01-02", "2026-05-01"]
    assert "Friday, May 1, 2026" in root.get("/settings/company").content.decode()
    root.post("/settings/company/do/remove-holiday?day=2026-01-01")
    assert company().holidays == ["2025-12-31", "2026-01-02", "2026-05-01"]


@pytest.mark.parametrize(
    ("first", "last"),
    [("", ""), ("31.12.2025", ""), ("2026-05-02", "2026-05-01"), ("2026-05-01", "soon"), ("2026-01-01", "2027-01-01")],
)
def test_bad_days_are_refused(root: Client, first: str, last: str) -> None:
    answer = root.post("/settings/company/do/add-holidays", {"holidays": first, "until": last})
    assert answer.status_code == 422
    assert company().holidays == []


@pytest.mark.parametrize("days", [["2026-02-30"], "2026-05-01", [7], [None]])
def test_bad_days_are_refused_at_the_command_too(root: Client, users: dict[str, Any], days: Any) -> None:
    with pytest.raises(Invalid) as problem:
        run(user_actor(users["root"]), SaveSetting("organization", {"holidays": days}, 1))
    assert "holidays" in problem.value.fields


def test_public_holidays_of_a_country_join_those_that_are_there(root: Client) -> None:
    url = "/settings/company/do/public-holidays"
    assert 'value="DE" selected' in root.get(url).content.decode()
    root.post("/settings/company/do/add-holidays", {"holidays": "2026-03-31"})
    assert root.post(url, {"country": "ZZ", "year": "2026"}).status_code == 422
    assert root.post(url, {"country": "DE", "year": "1999"}).status_code == 422
    year = str(now().year)
    root.post(url, {"country": "DE", "year": year})
    assert {"2026-03-31", f"{year}-12-25", f"{year}-05-01"} <= set(company().holidays)
    before = company().holidays
    root.post(url, {"country": "DE", "year": year})
    assert company().holidays == before
