"""The calendar: whose tasks stand on which day by the reader's own clock; moved, made longer, taken back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes import commands
from comity.changes.bus import run
from comity.identity.models import Organization, Team, User
from comity.kernel import clock
from comity.work.calendar import feed
from comity.work.models import Task
from comity.work.tasks.commands import GiveTask, HelpTask
from support.browser import browser
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 25, 12, tzinfo=UTC)  # a Wednesday; the clocks of Europe go forward on the Sunday after
SCRIPT = {"HX-Request": "true"}
WEEK = "/calendar/feed?from=2026-03-23&to=2026-03-30"


@pytest.fixture(autouse=True)
def _noon(db: None) -> Iterator[None]:
    Organization.objects.create(
        name="House", country="DE", timezone="Europe/Berlin", language="en", currency="EUR", work_from="08:30",
        work_to="17:00",
    )  # fmt: skip
    with clock.stopped(NOON):
        yield


@pytest.fixture
def ann() -> Actor:
    return colleague("Ann")


def plan(actor: Actor, name: str = "Call", due: str = "2026-03-26T10:00", about: Any = None, **more: Any) -> UUID:
    """A task planned through the ordinary door; its time is one of the planner's wall clock."""
    values = {"name": name, "due_at": due, **({"about": str(about)} if about else {}), **more}
    return run(again(actor), commands.create("task", values)).record.id


def task(key: UUID) -> Any:
    return Task.unguarded.get(pk=key)


def events(actor: Actor, path: str = WEEK) -> dict[str, dict[str, Any]]:
    """What the feed tells him, by title."""
    answer = browser(again(actor)).get(path)
    assert answer.status_code == 200
    return {one["title"]: one for one in answer.json()["events"]}


def listed(page: str) -> dict[str, list[str]]:
    """The titles of the list's lines by day."""
    parts = re.split(r'<section aria-labelledby="d-([\d-]+)"', page)
    found = {
        day: [unescape(text) for text in re.findall(r"<b>([^<]*)</b></a>", body)]
        for day, body in zip(parts[1::2], parts[2::2], strict=True)
    }  # fmt: skip
    return {day: titles for day, titles in found.items() if titles}


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# --- when -------------------------------------------------------------------------------------------------------------


def test_times_are_those_of_the_readers_wall_clock(ann: Actor) -> None:
    plan(ann, "Meeting", "2026-03-26T10:00", kind="meeting", minutes=90)
    told = events(ann)["Meeting"]
    assert (told["start"], told["end"], told["allDay"]) == ("2026-03-26T10:00", "2026-03-26T11:30", False)
    assert told["classNames"] == ["h3"]
    User.objects.filter(pk=ann.user_id).update(timezone="Asia/Tokyo")
    changed()
    assert events(ann)["Meeting"]["start"] == "2026-03-26T18:00"


def test_the_week_the_clocks_go_forward_and_back_keeps_every_clock_time(ann: Actor) -> None:
    for day in range(27, 32):
        plan(ann, f"Morning {day}", f"2026-03-{day}T09:00", minutes=60)
    told = events(ann, "/calendar/feed?from=2026-03-27&to=2026-04-01")
    assert [one["start"] for one in told.values()] == [f"2026-03-{day}T09:00" for day in range(27, 32)]
    assert {one["end"][11:] for one in told.values()} == {"10:00"}
    plan(ann, "Over the gap", "2026-03-29T01:30", minutes=60)
    gap = events(ann)["Over the gap"]
    assert (gap["start"], gap["end"]) == ("2026-03-29T01:30", "2026-03-29T03:30"), "an hour that shows as two"
    plan(ann, "Through the double hour", "2026-10-25T00:30Z", minutes=60)  # 02:30 in summer, an hour later 02:30 again
    told = events(ann, "/calendar/feed?from=2026-10-24&to=2026-10-27")
    assert told["Through the double hour"]["start"] < told["Through the double hour"]["end"]


def test_a_task_for_any_time_of_a_day_stands_on_that_day_wherever_the_reader_is(ann: Actor) -> None:
    far = colleague("Toshi", "all", timezone="Asia/Tokyo")
    plan(ann, "Some time", "2026-03-26", whole_day=True)
    for one, scope in ((ann, ""), (far, "&scope=team")):
        told = events(one, WEEK + scope)["Some time"]
        assert (told["start"], told["end"]) == ("2026-03-26T00:00", "2026-03-27T00:00")
        assert told["allDay"] is True
        assert told["durationEditable"] is False


def test_the_days_asked_for_and_no_others(ann: Actor) -> None:
    for moment in ("2026-03-22T23:59", "2026-03-23T00:00", "2026-03-29T23:45", "2026-03-30T00:00"):
        plan(ann, moment, moment)
    plan(ann, "Whole day before", "2026-03-22", whole_day=True)
    plan(ann, "Whole day after", "2026-03-30", whole_day=True)
    assert list(events(ann)) == ["2026-03-23T00:00", "2026-03-29T23:45"]


@pytest.mark.parametrize(
    "query", ["", "from=2026-03-23", "from=x&to=y", "from=2026-03-30&to=2026-03-23", "from=2026-01-01&to=2027-01-01"]
)
def test_a_feed_of_no_days_or_too_many_is_refused(ann: Actor, query: str) -> None:
    assert browser(ann).get(f"/calendar/feed?{query}", headers=SCRIPT).status_code == 422


def test_more_than_it_holds_is_told(ann: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "CAP", 3)
    for n in range(4):
        plan(ann, f"Step {n}")
    told = browser(again(ann)).get(WEEK).json()
    assert (len(told["events"]), told["more"]) == (3, True)


# --- whose ------------------------------------------------------------------------------------------------------------


def test_the_feed_holds_what_he_sees_and_nothing_else() -> None:
    north = Team.objects.create(name="North")
    head = colleague("Hedda", "team", team=north, lead=True)
    ann, bo = colleague("Ann", team=north), colleague("Bo")
    for one in (head, ann, bo):
        plan(one, f"Of {one.member.name}")
    assert list(events(ann)) == ["Of Ann"]
    assert list(events(ann, f"{WEEK}&scope=team&who={bo.user_id}")) == ["Of Ann"], "he may choose nobody"
    assert list(events(head)) == ["Of Hedda"]
    assert sorted(events(head, f"{WEEK}&scope=team")) == ["Of Ann", "Of Hedda"]
    one = events(head, f"{WEEK}&scope=team&who={ann.user_id}")
    assert list(one) == ["Of Ann"]
    assert one["Of Ann"]["classNames"] == [f"h{again(ann).member.hue}"]
    assert one["Of Ann"]["extendedProps"]["who"] == "Ann"
    assert "Of Bo" not in events(head, f"{WEEK}&scope=team&who={bo.user_id}")


def test_a_hidden_cards_title_is_not_told(ann: Actor) -> None:
    bo = colleague("Bo")
    firm = company(ann, "Hidden Harbour")
    plan(ann, "Help", about=firm, owner=str(bo.user_id))
    assert events(bo)["Help"]["extendedProps"]["about"] == ""
    for view in ("", "list"):
        assert "Hidden Harbour" not in page(browser(again(bo)), f"/calendar?view={view}")
    key = Task.unguarded.get().pk
    assert "Hidden Harbour" not in page(browser(again(bo)), f"/calendar/{key}")


def test_what_one_helps_with_is_ones_own_what_one_gave_away_is_not(ann: Actor) -> None:
    bo = colleague("Bo")
    helped, given = plan(ann, "Helped"), plan(ann, "Given")
    run(again(ann), HelpTask(helped, bo.user_id, True))  # type: ignore[arg-type]
    run(again(ann), GiveTask(given, 0, bo.user_id))
    assert sorted(events(bo)) == ["Given", "Helped"]
    assert list(events(ann)) == ["Helped"]


def test_what_he_may_only_look_at_cannot_be_dragged(ann: Actor) -> None:
    reader = colleague("Rita", "all")
    role = Role.objects.get(key="role-Rita")
    role.grants["*"]["edit"] = "none"
    role.save()
    changed()
    key = plan(ann)
    told = events(reader, f"{WEEK}&scope=team")["Call"]
    assert (told["editable"], told["durationEditable"]) == (False, False)
    client = browser(again(reader))
    assert client.get(f"/calendar/{key}/move").status_code == 403
    assert client.post("/calendar/length", {"id": str(key), "minutes": "60"}).status_code == 403
    assert f"/calendar/{key}/move" not in page(client, "/calendar?view=list&scope=team")


def test_what_is_done_stays_where_it_was_and_what_was_dropped_goes(ann: Actor) -> None:
    done, dropped = plan(ann, "Done"), plan(ann, "Dropped")
    client = browser(again(ann))
    client.post(f"/today/{done}/done", {"result": "Fine"})
    client.post(f"/tasks/{dropped}/drop", {"reason": "Not needed"})
    told = events(ann)
    assert list(told) == ["Done"]
    assert told["Done"]["extendedProps"]["done"] is True
    assert told["Done"]["editable"] is False


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_list_is_the_same_without_scripts(ann: Actor) -> None:
    firm = company(ann, "Amber")
    plan(ann, "Visit", "2026-03-24T14:00", kind="visit", about=firm)
    plan(ann, "Some time", "2026-03-26", whole_day=True)
    plan(ann, "Next week", "2026-04-01T09:00")
    client = browser(again(ann))
    shown = page(client, "/calendar?view=list")
    assert listed(shown) == {"2026-03-24": ["Visit"], "2026-03-26": ["Some time"]}
    assert ">Amber</a>" in shown
    both = page(client, "/calendar")
    assert listed(both) == listed(shown), "the page of everybody holds it too"
    twin = re.findall(r'<div class="([^"]+)" id="agenda"', both)
    part = client.get("/calendar", headers=SCRIPT).content.decode()
    assert (
        re.findall(r'<div class="([^"]+)" id="agenda"', part)
        == twin
        != re.findall(r'<div class="([^"]+)" id="agenda"', shown)
    )
    on = unescape(re.findall(r'href="([^"]+)" rel="next"', shown)[0])
    after = page(client, on)
    assert listed(after) == {"2026-04-01": ["Next week"]}
    back = unescape(re.findall(r'href="([^"]+)" rel="prev"', after)[0])
    assert listed(page(client, back)) == listed(shown)
    assert "<script" not in shown.split("<main", 1)[1]


@pytest.mark.parametrize(
    ("language", "country", "first"),
    [("en", "US", "2026-03-22"), ("ru", "RU", "2026-03-23"), ("ar", "EG", "2026-03-21")],
)
def test_a_week_begins_on_the_day_of_the_readers_place(ann: Actor, language: str, country: str, first: str) -> None:
    Organization.objects.update(country=country)
    User.objects.filter(pk=ann.user_id).update(language=language)
    changed()
    shown = page(browser(again(ann)), "/calendar?view=list")
    assert re.findall(r'aria-labelledby="d-([\d-]+)"', shown)[0] == first


@pytest.mark.parametrize("view", ["", "day", "week", "month", "list", "nonsense"])
@pytest.mark.parametrize("day", ["", "2026-03-31", "2026-02-29", "x", "9999-12-31", "0001-01-01"])
def test_every_view_of_every_day_has_a_page(ann: Actor, view: str, day: str) -> None:
    shown = page(browser(ann), f"/calendar?view={view}&day={day}")
    for way in ("prev", "next"):
        link = unescape(re.findall(rf'href="([^"]+)" rel="{way}"', shown)[0])
        assert browser(ann).get(link).status_code == 200


def test_the_grid_knows_the_working_hours(ann: Actor) -> None:
    shown = page(browser(ann), "/calendar?view=week")
    assert '"from": "07:30:00"' in shown
    assert '"to": "19:00:00"' in shown
    assert '"workDays": [1, 2, 3, 4, 5]' in shown


def test_a_full_week_asks_the_base_no_more_often_than_an_empty_one(ann: Actor) -> None:
    counts = []
    for number in (1, 40):
        for n in range(number):
            plan(ann, f"Step {n}", about=company(ann, f"Firm {number} {n}"))
        client = browser(again(ann))
        client.get("/calendar")
        with CaptureQueriesContext(connection) as seen:
            client.get("/calendar")
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1] <= 6


# --- moved ------------------------------------------------------------------------------------------------------------


def test_what_is_dropped_on_another_time_is_asked_why_and_goes_back(ann: Actor) -> None:
    key, client = plan(ann, "Meeting", kind="meeting"), browser(again(ann))
    form = client.get(f"/calendar/{key}/move?due=2026-03-27T15:30&whole_day=0", headers=SCRIPT).content.decode()
    assert 'value="2026-03-27T15:30"' in form
    hidden = dict(re.findall(r'type="hidden" name="(version|idempotency)" value="([^"]*)"', form))
    asked = client.post(f"/calendar/{key}/move", hidden | {"due_at": "2026-03-27T15:30"}, headers=SCRIPT)
    assert asked.status_code == 422
    assert 'value="2026-03-27T15:30"' in asked.content.decode()
    posted = hidden | {"due_at": "2026-03-27T15:30", "move_reason": "client_asked"}
    said = client.post(f"/calendar/{key}/move", posted, headers=SCRIPT).content.decode()
    assert events(ann)["Meeting"]["start"] == "2026-03-27T15:30"
    assert task(key).moves == 1
    undo = unescape(re.search(r'action="(/calendar/undo[^"]+)"', said)[1])  # type: ignore[index]
    assert "Taken back." in client.post(undo, headers=SCRIPT).content.decode()
    assert events(ann)["Meeting"]["start"] == "2026-03-26T10:00"


def test_onto_a_whole_day_and_back_to_a_time(ann: Actor) -> None:
    key, client = plan(ann), browser(again(ann))
    why = {"move_reason": "no_time"}
    client.post(f"/calendar/{key}/move", {"due_at": "2026-03-28T00:00", "whole_day": ["", "1"]} | why, headers=SCRIPT)
    assert task(key).whole_day
    assert task(key).due_at == datetime(2026, 3, 28, 22, 59, tzinfo=UTC)
    client.post(f"/calendar/{key}/move", {"due_at": "2026-03-27T09:00", "whole_day": ""} | why, headers=SCRIPT)
    assert not task(key).whole_day
    assert events(ann)["Call"]["start"] == "2026-03-27T09:00"


def test_moved_against_what_somebody_changed_meanwhile_is_told(ann: Actor) -> None:
    key, client = plan(ann), browser(again(ann))
    run(again(ann), commands.update("task", key, 0, {"name": "Renamed", "due_at": "2026-03-26T12:00",
                                                     "move_reason": "no_time"}))  # fmt: skip
    posted = {"version": "1", "due_at": "2026-03-27T09:00", "move_reason": "no_time"}
    answer = client.post(f"/calendar/{key}/move", posted, headers=SCRIPT)
    assert answer.status_code == 409
    assert events(ann)["Renamed"]["start"] == "2026-03-26T12:00"


def test_a_longer_one_needs_no_reason_and_goes_back(ann: Actor) -> None:
    key, client = plan(ann, minutes=30), browser(again(ann))
    said = client.post("/calendar/length", {"id": str(key), "version": "1", "minutes": "75"}, headers=SCRIPT)
    assert (task(key).minutes, task(key).moves) == (75, 0)
    undo = unescape(re.search(r'action="(/calendar/undo[^"]+)"', said.content.decode())[1])  # type: ignore[index]
    assert client.post(undo)["Location"] == "/calendar?view=list&day=2026-03-26"
    assert task(key).minutes == 30
    for wrong in ("0", "-5", "x", "999999"):
        assert client.post("/calendar/length", {"id": str(key), "minutes": wrong}, headers=SCRIPT).status_code == 422
    assert client.post("/calendar/length", {"id": "x", "minutes": "5"}, headers=SCRIPT).status_code == 404


def test_without_scripts_a_task_is_moved_by_the_form_of_the_list(ann: Actor) -> None:
    key, client = plan(ann), browser(again(ann))
    link = re.search(rf'href="(/calendar/{key}/move)"', page(client, "/calendar?view=list"))
    assert link
    form = page(client, link[1])
    assert "<html" in form
    posted = {"due_at": "2026-03-30T09:00", "move_reason": "ill", "version": "1"}
    answer = client.post(link[1], posted)
    assert answer["Location"] == "/calendar?view=list&day=2026-03-30"
    assert listed(page(client, answer["Location"])) == {"2026-03-30": ["Call"]}


def test_a_task_in_short_and_a_stranger_sees_none(ann: Actor) -> None:
    key = plan(ann, "Call", details="Ask for Ms Stone")
    shown = page(browser(again(ann)), f"/calendar/{key}")
    assert "Ask for Ms Stone" in shown
    assert f"/tasks/{key}/finish" in shown
    stranger = browser(colleague("Bo"))
    for path in (f"/calendar/{key}", f"/calendar/{key}/move"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/calendar/{key}/move", {"due_at": "2026-03-27T09:00"}).status_code == 404
    assert task(key).due_at == datetime(2026, 3, 26, 9, tzinfo=UTC)


def test_in_the_past_a_late_one_still_stands_on_its_day(ann: Actor) -> None:
    plan(ann, "Late", "2026-03-23T09:00")
    with clock.stopped(NOON + timedelta(days=30)):
        assert list(events(ann)) == ["Late"]
