"""The live stream: one for all tabs of a browser; lists, cards and the bell follow without a reload."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from browser.pages import first_row, listening


def shared_card(open_as: Callable[..., Any], who: str = "north") -> tuple[Any, str]:
    """A card of that person's, open; its address."""
    page = open_as(who, "/people/")
    address = first_row(page)
    page.goto(address)
    return page, address


def change(page: Any, key: str, value: str) -> None:
    """Change one field of the open card in place."""
    page.click(f"#f-{key} dd")
    page.fill(f"#i-{key}", value)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#f-{key} .v:has-text('{value}')")


def mention(writer: Any, reader: Any, text: str) -> None:
    """Write a note on the open card that names the one who looks at the other page."""
    name = reader.inner_text("[popovertarget=m-me] .lbl")
    writer.locator("#note-text").press_sequentially(f"{text}, @{name[:3]}")
    writer.click(f"#mention-list .o:has-text('{name}')")
    writer.click("#note .pri")
    writer.wait_for_selector(f"#story .box:has-text('{text}')")


def test_eight_tabs_share_one_stream_and_another_takes_over(open_as: Callable[..., Any]) -> None:
    browser, streams = open_as.profile("north"), []  # type: ignore[attr-defined]
    browser.on("request", lambda request: "/live" in request.url and streams.append(request))
    page = listening(browser.new_page(), "/people/")
    tabs = [browser.new_page() for _ in range(7)]
    for tab in tabs:
        tab.goto("/people/")
    _mine, address = shared_card(open_as)
    writer = open_as("head", address)
    tabs[-1].goto(address)
    change(writer, "position", "Keeper of one stream")
    tabs[-1].wait_for_selector("#f-position .v:has-text('Keeper of one stream')", state="attached")
    assert len(streams) == 1
    with browser.expect_event("request", lambda request: "/live?after=" in request.url):
        page.close()
    change(writer, "position", "Keeper of the next stream")
    tabs[-1].wait_for_selector("#f-position .v:has-text('Keeper of the next stream')", state="attached")
    assert len(streams) == 2


def test_eight_tabs_on_different_pages_all_follow_what_another_does(open_as: Callable[..., Any]) -> None:
    """Today, board, the deal's card and the lists, each in the state it was opened in, by one stream."""
    browser, streams = open_as.profile("north"), []  # type: ignore[attr-defined]
    browser.on("request", lambda request: "/live" in request.url and streams.append(request))
    today = listening(browser.new_page(), "/today")
    mark = uuid4().hex[:8]
    old, new, task = f"Old {mark}", f"New {mark}", f"Task {mark}"
    deal = _sent(today, "/deals/new", name=old, pipeline="sales").url
    pages = {
        "/today": f"#list tr:has-text('{task}')",
        "/deals/board?pipeline=sales&view=mine": f".kc:has-text('{new}')",
        deal: f"#f-name .v:has-text('{new}')",
        "/deals/?view=all&sort=-created_at": f"tbody .nm:has-text('{new}')",
        "/tasks/": f"tbody .nm:has-text('{task}')",
        f"/calendar?view=list&day={date.today()}": f"#agenda :text('{task}')",
        "/deals/board?pipeline=sales&view=all": f".kc:has-text('{new}')",
    }
    tabs = [(today, pages["/today"])]
    for path, follows in pages.items():
        tabs.append((browser.new_page(), follows))
        tabs[-1][0].goto(path)
    assert len(tabs) == 8
    writer, north = open_as("owner", deal), today.get_attribute("html", "data-me")
    about = f"deal:{deal.rpartition('/')[2]}"
    _sent(writer, "/tasks/plan", name=task, kind="call", about=about, due_at=f"{date.today()}T00:01", owner=north)
    _sent(writer, f"{deal}/fields/name", name=new, version="1")
    for tab, follows in tabs:
        tab.bring_to_front()
        tab.wait_for_selector(follows, state="attached")
    assert len(streams) == 1


def _sent(page: Any, url: str, **form: str) -> Any:
    """A form of that person's, posted; the page it led to."""
    answer = page.request.post(url, form=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.ok, answer.text()
    return answer


def test_a_list_and_an_open_card_follow_and_nothing_half_typed_is_lost(open_as: Callable[..., Any]) -> None:
    writer, address = shared_card(open_as)
    reader = listening(open_as("head", "about:blank"), address)
    watcher = listening(open_as("head", "about:blank"), "/people/")
    reader.fill("#note-text", "Half a th")
    reader.click("#f-patronymic dd")
    reader.locator("#i-patronymic").press_sequentially("Half a na")
    change(writer, "position", "Reader of dials")
    reader.wait_for_selector("#story :text('Reader of dials')")
    watcher.wait_for_selector("tbody :text('Reader of dials')")
    assert reader.input_value("#note-text") == "Half a th"
    assert reader.input_value("#i-patronymic") == "Half a na"
    assert reader.evaluate("document.activeElement.id") == "i-patronymic"
    # Once the editor is closed, the details follow too.
    reader.keyboard.press("Escape")
    change(writer, "position", "Maker of dials")
    reader.wait_for_selector("#f-position .v:has-text('Maker of dials')")
    reader.wait_for_selector("#story :text('Maker of dials')")
    assert reader.input_value("#note-text") == "Half a th"


def test_a_mention_rings_the_bell_of_another_browser_at_once(open_as: Callable[..., Any]) -> None:
    writer, address = shared_card(open_as)
    reader = listening(open_as("head", "about:blank"), "/companies/")
    before = reader.inner_text("#bell")
    mention(writer, reader, "Please look at this")
    assert writer.input_value("#note-text") == ""
    reader.wait_for_function("before => document.querySelector('#bell').innerText !== before", arg=before)
    reader.click("nav.nav a[href='/notices']")
    reader.click(f"#pop a[href^='{address}'] >> nth=0")
    reader.wait_for_selector("#story .box:has-text('Please look at this')")


def test_who_missed_too_much_looks_at_everything_again(open_as: Callable[..., Any]) -> None:
    """A browser far behind is told `all`, not what: every part that listens reloads itself."""
    writer, address = shared_card(open_as)
    reader = open_as("head", "about:blank")
    word = ["retry: 50\n\n"]
    stream = {"content_type": "text/event-stream", "headers": {"Cache-Control": "no-store"}}
    reader.context.route("**/live", lambda route: route.fulfill(body=word[0], **stream))
    card, people = reader, reader.context.new_page()
    people.goto("/people/")
    card.goto(address)
    card.fill("#note-text", "Half a th")
    before = card.inner_text("#bell")
    change(writer, "patronymic", "Everymannovich")
    mention(writer, card, "To be seen")
    word[0] = 'retry: 600000\ndata: {"topics": ["all"], "seq": 1}\n\n'
    card.wait_for_selector("#f-patronymic .v:has-text('Everymannovich')", state="attached")
    card.wait_for_selector("#story .box:has-text('To be seen')")
    card.wait_for_function("before => document.querySelector('#bell').innerText !== before", arg=before)
    people.wait_for_selector("tbody .nm:has-text('Everymannovich')")
    assert card.input_value("#note-text") == "Half a th"
