"""The calendar in a browser: tasks dragged, stretched and moved by keys, in both directions; Today in many tabs."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from browser.pages import listening

SAME = {"Sec-Fetch-Site": "same-origin"}
HOUR = 48  # pixels: two slots of half an hour
ON = "() => document.activeElement.closest('.ec-event')?.innerText.includes('Ring the bell')"
TALL = """([name, least, most]) => {
  const one = [...document.querySelectorAll('.ec-event')].find(e => e.innerText.includes(name));
  const tall = one?.getBoundingClientRect().height;
  return tall >= least && tall <= most;
}"""


def wednesday() -> date:
    """A day of a week nobody else has anything in."""
    day = date.today() + timedelta(days=400)
    return day - timedelta(days=day.weekday() - 2)


def planned(page: Any, name: str, clock: str = "11:00", **more: str) -> str:
    """A task of that person's on that day; the address of its week."""
    me = page.get_attribute("html", "data-me")
    form = {"name": name, "kind": "meeting", "due_at": f"{wednesday()}T{clock}", "owner": me, **more}
    assert page.request.post("/tasks/plan", form=form, headers=SAME).ok
    return f"/calendar?view=week&day={wednesday()}"


def event(page: Any, name: str) -> Any:
    return page.locator(f".ec-event:has-text('{name}'):not(.ec-ghost, .ec-preview)")


def drag(page: Any, one: Any, right: float, down: float, *, edge: bool = False) -> None:
    """By pointer, from its top or (`edge`) its lower edge."""
    one.scroll_into_view_if_needed()
    one.hover()
    box = one.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + (box["height"] - 3 if edge else 8)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def because(page: Any) -> None:
    """Give the reason the dialog asks for and save."""
    page.select_option("#dlg [name=move_reason]", index=1)
    page.click("#dlg .pri")
    page.wait_for_selector("#dlg:not([open])", state="attached")


@pytest.mark.parametrize(("who", "towards"), [("north", 1), ("south", -1)], ids=["en", "ar"])
def test_a_task_is_dragged_asked_why_and_taken_back(open_as: Callable[..., Any], who: str, towards: int) -> None:
    page = open_as(who, "/calendar")
    page.goto(planned(page, "Look at the lamps"))
    one = event(page, "Look at the lamps")
    width = page.locator(".ec-header .ec-col-head").first.bounding_box()["width"]
    drag(page, one, towards * width, HOUR)
    page.wait_for_selector("#dlg[open] form")
    assert page.input_value("#dlg [name=due_at]") == f"{wednesday() + timedelta(days=1)}T12:00"
    page.keyboard.press("Escape")
    event(page, "11:00").wait_for()
    drag(page, event(page, "Look at the lamps"), 0, 2 * HOUR)
    page.wait_for_selector("#dlg[open] form")
    because(page)
    event(page, "13:00").wait_for()
    page.click(".toast button")
    event(page, "11:00").wait_for()


def test_a_task_is_made_longer_by_its_edge(open_as: Callable[..., Any]) -> None:
    page = open_as("head", "/calendar")
    page.goto(planned(page, "Go through the list", minutes="60"))
    drag(page, event(page, "Go through the list"), 0, HOUR, edge=True)
    page.wait_for_selector(".toast")
    page.wait_for_function(TALL, arg=["Go through the list", 70, 1000])
    page.reload()
    assert event(page, "Go through the list").bounding_box()["height"] > 70


def test_an_empty_place_plans_a_step_there(open_as: Callable[..., Any]) -> None:
    page = open_as("head", f"/calendar?view=week&day={wednesday()}")
    page.locator(".ec-body .ec-day.ec-wed").click(position={"x": 40, "y": 2 * HOUR + 4})
    page.wait_for_selector("#dlg[open] form")
    assert page.input_value("#dlg [name=due_at]").startswith(f"{wednesday()}T")
    page.fill("#dlg [name=name]", "Planned on the grid")
    with page.expect_navigation():
        page.click("#dlg .acts .pri")
    event(page, "Planned on the grid").wait_for()
    assert "/calendar" in page.url


@pytest.mark.parametrize(("who", "forward"), [("north", "ArrowRight"), ("south", "ArrowLeft")], ids=["en", "ar"])
def test_by_the_keyboard_alone(open_as: Callable[..., Any], who: str, forward: str) -> None:
    page = open_as(who, "/calendar")
    page.goto(planned(page, "Ring the bell", "15:00"))
    event(page, "Ring the bell").wait_for()
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"({ON})()"):
            break
    page.keyboard.press(f"Shift+{forward}")
    page.wait_for_selector("#dlg[open] form")
    assert page.input_value("#dlg [name=due_at]") == f"{wednesday() + timedelta(days=1)}T15:00"
    page.keyboard.press("Escape")
    page.wait_for_function(ON)
    page.keyboard.press("Shift+ArrowDown")
    page.wait_for_selector("#dlg[open] form")
    assert page.input_value("#dlg [name=due_at]") == f"{wednesday()}T15:30"
    page.keyboard.press("Escape")
    page.wait_for_function(ON)
    page.keyboard.press("Enter")
    page.wait_for_selector("#dlg[open] .brief")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("j")
    page.wait_for_selector(".ec-main")
    assert f"day={wednesday() + timedelta(days=7)}" in page.url


def test_the_phone_opens_the_list_and_no_grid(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/calendar", phone=True)
    page.wait_for_selector("#agenda h2:visible")
    assert page.locator(".ec").count() == 0
    page.goto("/calendar?view=day")
    page.wait_for_selector(".ec-main")


def test_without_scripts_the_list_stands_there(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/calendar", java_script_enabled=False)
    assert page.is_visible("#agenda")
    page.goto("/calendar?view=month")
    page.click(".nogrid a")
    assert page.is_visible("#agenda")


# --- Today ------------------------------------------------------------------------------------------------------------


def test_a_line_done_in_one_of_eight_tabs_goes_in_all_of_them(open_as: Callable[..., Any]) -> None:
    browser, streams = open_as.profile("head"), []  # type: ignore[attr-defined]
    browser.on("request", lambda request: "/live" in request.url and streams.append(request))
    page = listening(browser.new_page(), "/today")
    planned(page, "Feed the office cat", due_at=f"{date.today() - timedelta(days=30)}T09:00")
    tabs = [page, *(browser.new_page() for _ in range(7))]
    for tab in tabs[1:]:
        tab.goto("/today")
    line = "#list tr:has-text('Feed the office cat')"
    for tab in tabs:
        tab.wait_for_selector(line)
    page.bring_to_front()
    page.click(f"{line} [form='line-done']")
    page.fill("#do [name=result]", "Fed")
    page.click("#do .pri")
    for tab in tabs:
        tab.bring_to_front()
        tab.wait_for_selector(line, state="detached")
    assert len(streams) == 1


def test_an_open_form_is_not_lost_when_something_happens(open_as: Callable[..., Any]) -> None:
    page = listening(open_as("north", "about:blank"), "/today")
    watcher = listening(open_as("north", "about:blank"), "/today")
    page.locator("#list [form='line-done']").first.click()
    page.wait_for_selector("#do :focus")
    page.keyboard.type("Half a res")
    planned(page, "Come from elsewhere", due_at=f"{date.today() - timedelta(days=40)}T09:00")
    line = "#list tr:has-text('Come from elsewhere')"
    watcher.wait_for_selector(line)
    assert page.input_value("#do [name=result]") == "Half a res"
    page.keyboard.press("Escape")
    page.wait_for_selector(line)


def test_a_stretch_the_server_refuses_goes_back(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/calendar")
    page.goto(planned(page, "Stay as you are", minutes="60"))
    one = event(page, "Stay as you are")
    before = one.bounding_box()["height"]
    page.route("**/calendar/length", lambda route: route.abort())
    open_as.visit.allow("net::ERR_FAILED", "htmx:error")  # type: ignore[attr-defined]
    drag(page, one, 0, HOUR, edge=True)
    page.wait_for_selector(".toast.bad")
    page.wait_for_function(TALL, arg=["Stay as you are", before, before])


def test_lines_by_the_keyboard_the_focus_goes_on_to_the_next(open_as: Callable[..., Any]) -> None:
    page = open_as("south", "/today")
    second = page.locator("#list tbody tr").nth(1).get_attribute("id")
    page.keyboard.press("j")
    page.focus("#list tbody tr:first-child [form='line-done']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#do :focus")
    page.keyboard.type("Done by keys")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("id => document.activeElement.closest('tr')?.id === id", arg=second)
