"""Tasks on pages: planned from a card, done, moved, given, repeated in dialogs that are pages too; hidden ones 404."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.kernel import clock
from comity.records.models import RecordRef
from comity.timeline.models import Event
from comity.work.models import Task
from comity.work.tasks.commands import ChangeChecklist, FinishTask, HelpTask, RepeatTask
from support.acts import card
from support.browser import browser
from support.forms import read_form
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # a Tuesday
HTMX = {"HX-Request": "true"}
PAGES = ("finish", "later", "give", "drop", "help", "checklist", "repeat")


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.stopped(NOON):
        yield


@pytest.fixture
def anna(boss: Actor) -> Actor:
    """She works in English and sees everything."""
    return colleague("Anna", "all", language="en", timezone="UTC")


def plan(actor: Actor, about: RecordRef | None = None, **more: Any) -> UUID:
    values = {"name": "Call", "due_at": "2026-03-04T10:00Z", **({"about": str(about)} if about else {}), **more}
    return run(again(actor), commands.create("task", values)).record.id


def task(key: UUID) -> Any:
    return Task.unguarded.get(pk=key)


def posted(client: Client, url: str, **values: Any) -> Any:
    """What a browser sends from the page's own form, with these fields filled in."""
    form = read_form(client.get(url).content.decode()) | values
    return client.post(url.partition("?")[0], form)


def test_the_next_step_stands_on_the_card(anna: Actor) -> None:
    ref = company(anna, "Lotus")
    page = browser(anna)
    url = f"/companies/{ref.id}"
    text = page.get(url).content.decode()
    assert "No next step" in text and f"/tasks/plan?about=company:{ref.id}" in text
    key = plan(anna, ref, name="Call <b>")
    text = page.get(url).content.decode()
    assert "Next step, tomorrow 10:00" in text and "Call &lt;b&gt;" in text and "<b>Call <b>" not in text
    assert f"/tasks/{key}/finish?next={url}" in text
    with clock.stopped(datetime(2026, 3, 6, tzinfo=UTC)):
        text = page.get(url).content.decode()
        assert 'class="next bad"' in text and "Late: 4 Mar, 10:00" in text
    run(again(anna), FinishTask(key, 0, "They <agree>"))
    text = page.get(url).content.decode()
    assert "They &lt;agree&gt;" in text and "finished the task" in text and "No next step" in text


def test_a_closed_card_wants_no_next_step(anna: Actor) -> None:
    values = {"name": "Lamps", "due_at": "2026-03-04T10:00Z"}
    key = run(anna, commands.create("task", values)).record.id
    assert "No next step" not in browser(anna).get(f"/tasks/{key}").content.decode()


def test_planned_from_the_composer_and_from_the_dialog(anna: Actor) -> None:
    ref = company(anna, "Lotus")
    page, url = browser(anna), f"/companies/{ref.id}"
    form = {"about": str(ref), "kind": "meeting", "name": "Meet", "due_at": "2026-03-05T10:00", "next": url,
            "composer": "meeting", "idempotency": "one"}  # fmt: skip
    for _again in range(2):
        answer = page.post("/tasks/plan", form, headers=HTMX)
        assert (answer.status_code, answer["HX-Redirect"]) == (200, url)
    assert [(one.name, one.kind, one.about_id) for one in Task.unguarded.all()] == [("Meet", "meeting", ref.id)]
    empty = page.post("/tasks/plan", form | {"name": "", "idempotency": "two"}, headers=HTMX)
    assert empty.status_code == 422 and 'id="ct-meeting"' in empty.content.decode()
    answer = posted(page, f"/tasks/plan?about={ref}&kind=call", name="Ring")
    assert (answer.status_code, answer["Location"]) == (302, url)
    assert card(ref).next_text == "Ring"  # the next working morning is before the meeting
    assert task(Task.unguarded.get(name="Ring").pk).due_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    answer = posted(page, "/tasks/plan", name="On its own")
    assert (answer["Location"], Task.unguarded.get(name="On its own").about_id) == ("/tasks/", None)
    assert posted(page, "/tasks/plan", name="").status_code == 422


def test_a_call_is_written_down_with_what_comes_next(anna: Actor) -> None:
    ref = company(anna, "Lotus")
    page, url = browser(anna), f"/companies/{ref.id}"
    form = {"about": str(ref), "kind": "call", "result": "", "next": url, "composer": "call", "idempotency": "one",
            "next-name": "Send the offer", "next-due_at": "2026-03-05T10:00"}  # fmt: skip
    refused = page.post("/tasks/log", form, headers=HTMX)
    assert refused.status_code == 422 and "Send the offer" in refused.content.decode()
    assert not Task.unguarded.exists()
    answer = page.post("/tasks/log", form | {"result": "They asked for a price", "idempotency": "two"}, headers=HTMX)
    assert answer["HX-Redirect"] == url
    done = Task.unguarded.get(kind="call")
    assert (done.state, done.result, done.due_at, done.name) == ("done", "They asked for a price", NOON, "Call")
    assert card(ref).next_text == "Send the offer"
    answer = posted(page, f"/tasks/log?about={ref}", result="Again")
    assert (answer.status_code, answer["Location"]) == (302, url)


def test_done_with_a_result_and_taken_back(anna: Actor) -> None:
    ref = company(anna, "Lotus")
    key = plan(anna, ref)
    page, url = browser(anna), f"/tasks/{key}/finish"
    refused = posted(page, url, result="")
    assert refused.status_code == 422 and "Write what came of it." in refused.content.decode()
    answer = posted(page, f"{url}?next=/today", **{"result": "Agreed", "next-name": "Send it"})
    assert (answer.status_code, answer["Location"]) == (302, "/today")
    assert (task(key).state, card(ref).next_text) == ("done", "Send it")
    said = page.get(f"/companies/{ref.id}").content.decode()
    assert "Done: Call" in said
    undo = f"/undo/{Event.objects.get(type='task.finished').pk}"
    assert undo in said and page.post(undo).status_code == 302
    assert (task(key).state, card(ref).next_text) == ("open", "Call")
    outside = posted(page, f"{url}?next=https://evil.example", result="Agreed")
    assert outside["Location"] == f"/companies/{ref.id}"


def test_someone_was_quicker(anna: Actor) -> None:
    key = plan(anna)
    page, url = browser(anna), f"/tasks/{key}/finish"
    stale = read_form(page.get(url).content.decode()) | {"result": "Mine"}
    run(again(anna), commands.update("task", key, 0, {"name": "Other"}))
    answer = page.post(url, stale, headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Someone changed this task meanwhile" in text and "Mine" in text
    assert page.post(url, read_form(text)).status_code == 302
    assert page.post(url, stale | {"idempotency": "new"}, headers=HTMX).status_code == 409


def test_moved_by_a_chip_or_to_another_time(anna: Actor) -> None:
    key = plan(anna, due_at="2026-03-02T10:00Z")
    page, url = browser(anna), f"/tasks/{key}/later"
    text = page.get(url).content.decode()
    assert all(word in text for word in ("In an hour", "Tomorrow", "On Monday", "In a week"))
    refused = posted(page, url, when="tomorrow")
    assert refused.status_code == 422 and "Choose why the deadline moves." in refused.content.decode()
    for when, expected in (
        ("hour", "03-03 13:00"), ("tomorrow", "03-04 13:00"), ("monday", "03-09 13:00"), ("week", "03-16 13:00"),
    ):  # fmt: skip
        answer = posted(page, url, when=when, move_reason="client_asked")
        assert (answer.status_code, f"{task(key).due_at:%m-%d %H:%M}") == (302, expected)
    answer = posted(page, url, due_at="2026-04-01T08:15", move_reason="no_time")
    assert (answer.status_code, task(key).due_at, task(key).moves) == (302, datetime(2026, 4, 1, 8, 15, tzinfo=UTC), 5)
    for wrong in ({"due_at": ""}, {"due_at": "2026-04-01T08:15"}, {"due_at": "soon"}):
        assert posted(page, url, move_reason="no_time", **wrong).status_code == 422


def test_a_whole_day_is_told_without_a_clock(anna: Actor) -> None:
    whole, timed = plan(anna, whole_day="1"), plan(anna)
    page = browser(anna)
    assert "23:59</time>" not in page.get(f"/tasks/{whole}").content.decode()
    assert "4 Mar, 10:00" in page.get(f"/tasks/{timed}").content.decode()


def test_a_whole_day_stays_one_when_it_is_put_off(anna: Actor) -> None:
    key = plan(anna, whole_day="1")
    page = browser(anna)
    assert posted(page, f"/tasks/{key}/later", when="tomorrow", move_reason="no_time").status_code == 302
    assert (task(key).whole_day, task(key).due_at) == (True, datetime(2026, 3, 5, 23, 59, tzinfo=UTC))


def test_given_helped_dropped_and_opened_again(anna: Actor) -> None:
    boris = colleague("Boris", "all")
    key = plan(anna)
    page = browser(anna)
    assert posted(page, f"/tasks/{key}/give", user=str(boris.user_id)).status_code == 302
    assert task(key).owner_id == boris.user_id
    for wrong in ("", "nobody", str(uuid4())):
        assert posted(page, f"/tasks/{key}/give", user=wrong).status_code == 422
    assert posted(page, f"/tasks/{key}/help", user=str(anna.user_id)).status_code == 302
    assert "Helping: Anna." in page.get(f"/tasks/{key}/help").content.decode()
    assert "Helpers: Anna" in page.get(f"/tasks/{key}").content.decode()
    assert posted(page, f"/tasks/{key}/help", off=str(anna.user_id)).status_code == 302
    assert "Nobody helps yet." in page.get(f"/tasks/{key}/help").content.decode()
    assert posted(page, f"/tasks/{key}/drop", reason="Too late").status_code == 302
    assert (task(key).state, task(key).result) == ("dropped", "Too late")
    assert f'action="/tasks/{key}/reopen"' in page.get(f"/tasks/{key}").content.decode()
    assert page.post(f"/tasks/{key}/reopen").status_code == 302
    assert task(key).state == "open"
    assert page.get(f"/tasks/{key}/reopen").status_code == 405


def test_the_checklist_is_ticked_where_it_stands(anna: Actor) -> None:
    key = plan(anna)
    page = browser(anna)
    assert posted(page, f"/tasks/{key}/checklist", items="Price <i>\n\nTerm\n").status_code == 302
    text = page.get(f"/tasks/{key}").content.decode()
    assert "Price &lt;i&gt;" in text and text.count('aria-checked="false"') == 2
    form = {"index": "1", "text": "Term", "done": "1"}
    answer = page.post(f"/tasks/{key}/tick", form, headers=HTMX).content.decode()
    assert answer.count('aria-checked="true"') == 1 and "Checklist: 1 of 2" in answer
    assert page.post(f"/tasks/{key}/tick", form | {"done": ""})["Location"] == f"/tasks/{key}"
    assert not any(one["done"] for one in task(key).checklist)
    assert page.post(f"/tasks/{key}/tick", form | {"text": "Else"}).status_code == 409
    too_many = posted(page, f"/tasks/{key}/checklist", items="\n".join("x" * 101))
    assert too_many.status_code == 422 and "At most 100 lines" in too_many.content.decode()


@pytest.mark.parametrize(
    ("form", "rule", "words"),
    [
        ({"repeat": "daily"}, "FREQ=DAILY", "every day"),
        ({"repeat": "working"}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every working day"),
        ({"repeat": "weekly", "days": ["MO", "FR"]}, "FREQ=WEEKLY;BYDAY=MO,FR", "every week: Monday, Friday"),
        ({"repeat": "weekly"}, "FREQ=WEEKLY;BYDAY=WE", "every week: Wednesday"),
        ({"repeat": "monthly"}, "FREQ=MONTHLY;BYMONTHDAY=4", "every month on day 4"),
        ({"repeat": "yearly"}, "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=4", "every year on 4 March"),
        ({"repeat": "daily", "until": "2026-05-01"}, "FREQ=DAILY;UNTIL=20260501", "every day until 1 May 2026"),
    ],
)
def test_repeating_in_words(anna: Actor, form: dict[str, Any], rule: str, words: str) -> None:
    key = plan(anna)
    page, url = browser(anna), f"/tasks/{key}/repeat"
    assert posted(page, url, **form).status_code == 302
    assert task(key).repeat == f"{rule};BYHOUR=10;BYMINUTE=0"
    assert f"Repeats: {words}" in page.get(f"/tasks/{key}").content.decode()
    assert posted(page, url).status_code == 302  # the form again as it is changes nothing
    assert task(key).repeat == f"{rule};BYHOUR=10;BYMINUTE=0"
    assert posted(page, url, repeat="once").status_code == 302
    assert task(key).repeat == ""


def test_a_rule_no_form_can_say_is_kept(anna: Actor) -> None:
    key = plan(anna)
    run(again(anna), RepeatTask(key, 0, "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"))
    before = task(key).repeat
    page = browser(anna)
    assert "every 2 months" in page.get(f"/tasks/{key}").content.decode()
    assert posted(page, f"/tasks/{key}/repeat").status_code == 302
    assert task(key).repeat == before
    for wrong in ({"repeat": "hourly"}, {"repeat": "daily", "until": "soon"}):
        assert posted(page, f"/tasks/{key}/repeat", **wrong).status_code == 422


def test_every_dialog_is_a_page_too_and_hidden_tasks_have_none(anna: Actor, boss: Actor) -> None:
    boris = colleague("Boris")
    key = plan(anna, company(anna, "Тайна"), name="Secret")
    run(again(anna), RepeatTask(key, 0, "FREQ=DAILY"))
    sees, blind = browser(anna), browser(boris)
    for name in PAGES:
        url = f"/tasks/{key}/{name}"
        whole = sees.get(url)
        part = sees.get(url, headers=HTMX)
        assert (whole.status_code, part.status_code) == (200, 200), name
        assert "<html" in whole.content.decode() and "<html" not in part.content.decode(), name
        for answer in (blind.get(url), blind.post(url, {"result": "x", "user": str(boris.user_id)})):
            assert answer.status_code == 404 and "Secret" not in answer.content.decode(), name
    for name in ("reopen", "tick"):
        assert blind.post(f"/tasks/{key}/{name}").status_code == 404
    hidden = blind.get(f"/tasks/plan?about=company:{task(key).about_id}").content.decode()
    assert "Тайна" not in hidden
    assert task(key).state == "open"


def test_who_may_plan_nothing_is_not_asked(anna: Actor, boss: Actor) -> None:
    ref = company(anna, "Lotus")
    guest = colleague("Guest", "none")
    run(again(boss), commands.ShareRecord(ref.type, ref.id, guest.user_id))
    page = browser(guest)
    text = page.get(f"/companies/{ref.id}").content.decode()
    assert "/tasks/" not in text.split("<main")[1] and "next warn" not in text
    assert page.get("/tasks/plan").status_code == 403
    assert page.post("/tasks/log", {"result": "x"}).status_code == 403


def test_who_sees_a_card_but_may_not_change_its_tasks_is_offered_nothing(anna: Actor, boss: Actor) -> None:
    ref = company(anna, "Lotus")
    key = plan(anna, ref)
    reader = colleague("Reader")
    run(again(boss), commands.ShareRecord(ref.type, ref.id, reader.user_id))
    page = browser(reader)
    text = page.get(f"/companies/{ref.id}").content.decode()
    assert f"/tasks/{key}" in text and f"/tasks/{key}/finish" not in text
    assert page.post(f"/tasks/{key}/finish", {"result": "x"}).status_code == 403
    run(again(anna), HelpTask(key, reader.user_id, True))  # type: ignore[arg-type]
    assert f"/tasks/{key}/finish" in page.get(f"/companies/{ref.id}").content.decode()


def test_a_hidden_card_leaves_no_trace_on_its_task(anna: Actor) -> None:
    boris = colleague("Boris", language="en")
    ref = company(anna, "Тайна")
    key = plan(anna, ref, owner=str(boris.user_id))
    page = browser(boris)
    for url in (f"/tasks/{key}", "/tasks/", f"/tasks/{key}/finish", f"/tasks/{key}/edit"):
        text = page.get(url).content.decode()
        assert "Тайна" not in text and str(ref.id) not in text, url
    answer = posted(page, f"/tasks/{key}/finish", result="Done")
    assert answer["Location"] == f"/tasks/{key}"


def test_the_list_shows_mine_to_do_the_earliest_first(anna: Actor) -> None:
    boris = colleague("Boris", "all")
    plan(anna, name="Second", due_at="2026-03-09T10:00Z")
    plan(anna, name="First", due_at="2026-03-04T10:00Z")
    plan(boris, name="His")
    run(again(anna), FinishTask(plan(anna, name="Closed"), 0, "x"))
    page = browser(anna)

    def names(url: str) -> list[str]:
        rows = page.get(url).content.decode().split("<tr data-id")[1:]
        return [row.split("</a>")[0].rpartition(">")[2] for row in rows]

    assert names("/tasks/") == ["First", "Second"]
    assert set(names("/tasks/?view=open")) == {"First", "Second", "His"}
    assert len(names("/tasks/?view=all")) == 4


def test_pages_ask_the_base_as_often_for_one_task_as_for_forty(anna: Actor) -> None:
    ref = company(anna, "Lotus")
    key = plan(anna, ref)
    run(again(anna), ChangeChecklist(key, 0, ["One"]))
    page = browser(anna)
    urls = (f"/companies/{ref.id}", f"/tasks/{key}", f"/tasks/{key}/finish", "/tasks/", f"/tasks/plan?about={ref}")

    def counts() -> list[int]:
        found = []
        for url in urls:
            page.get(url)
            with CaptureQueriesContext(connection) as seen:
                assert page.get(url).status_code == 200
            found.append(len(seen.captured_queries))
        return found

    few = counts()
    for n in range(40):
        plan(anna, ref, name=f"Step {n}")
    assert counts() == few
    assert max(few) <= 12
