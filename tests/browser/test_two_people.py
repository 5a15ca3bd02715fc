"""Two people on one card, a lost line, double presses, closed tabs: nothing is lost, nothing is written twice."""

from collections.abc import Callable
from typing import Any

from browser.pages import first_row
from browser.test_live import change

LINE = "Failed to load resource: net::ERR_INTERNET_DISCONNECTED"


def two(open_as: Callable[..., Any], tail: str = "") -> tuple[Any, Any]:
    """The same card in two people's browsers; the first has his editor open, or the page below the card."""
    mine = open_as("north", "/companies/")
    address = first_row(mine)
    mine.goto(address + tail)
    return mine, open_as("owner", address)


def clash(open_as: Callable[..., Any], here: str, there: str) -> Any:
    """Both versions of one field on the page of the one who saved second."""
    mine, theirs = two(open_as)
    mine.click("#f-legal_name dd")
    mine.wait_for_selector("#i-legal_name")
    change(theirs, "legal_name", there)
    mine.fill("#i-legal_name", here)
    mine.keyboard.press("Enter")
    mine.wait_for_selector("#f-legal_name .clash")
    shown = mine.inner_text("#f-legal_name .clash")
    assert here in shown
    assert there in shown
    return mine


def test_both_versions_stand_side_by_side_and_mine_can_be_kept(open_as: Callable[..., Any]) -> None:
    page = clash(open_as, "Dials of mine", "Dials of theirs")
    page.click("#f-legal_name .clash .pri")
    page.wait_for_selector("#f-legal_name .v:has-text('Dials of mine')")
    page.reload()
    assert page.text_content("#f-legal_name .v").strip() == "Dials of mine"


def test_theirs_can_be_taken(open_as: Callable[..., Any]) -> None:
    page = clash(open_as, "Clocks of mine", "Clocks of theirs")
    page.click("#f-legal_name .clash a")
    page.wait_for_selector("#f-legal_name .v:has-text('Clocks of theirs')")


def test_the_whole_form_asks_field_by_field_and_keeps_what_nobody_else_touched(open_as: Callable[..., Any]) -> None:
    mine, theirs = two(open_as, "/edit")
    change(theirs, "legal_name", "Whole of theirs")
    mine.fill("[name=legal_name]", "Whole of mine")
    mine.fill("[name=website]", "https://whole.example")
    mine.click("form.form .pri")
    mine.wait_for_selector("fieldset.clash")
    assert mine.locator("fieldset.clash").count() == 1
    mine.check("[name=take-legal_name][value=theirs]")
    with mine.expect_navigation():
        mine.click("form.form .pri")
    assert mine.text_content("#f-legal_name .v").strip() == "Whole of theirs"
    assert "whole.example" in mine.text_content("#f-website .v")


def test_without_a_line_the_typed_text_stays_and_is_saved_once_when_it_is_back(
    open_as: Callable[..., Any], visit: Any
) -> None:
    visit.allow(LINE, "Failed to fetch")
    page = open_as("north", "/companies/")
    address = first_row(page)
    page.goto(address)
    page.click("#f-legal_name dd")
    page.wait_for_selector("#i-legal_name")
    page.context.set_offline(True)
    page.fill("#i-legal_name", "Typed in a tunnel")
    page.keyboard.press("Enter")
    page.wait_for_selector("#toasts .bad")
    assert page.input_value("#i-legal_name") == "Typed in a tunnel"
    page.context.set_offline(False)
    page.focus("#i-legal_name")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f-legal_name .v:has-text('Typed in a tunnel')")
    page.goto(f"{address}/history")
    assert page.locator("tbody tr", has_text="Typed in a tunnel").count() == 1


def test_an_answer_lost_on_the_way_makes_no_second_note(open_as: Callable[..., Any], visit: Any) -> None:
    visit.allow("net::ERR_FAILED", "Failed to fetch")
    page = open_as("north", "/companies/")
    page.goto(first_row(page))
    sent = []

    def lose(route: Any) -> None:
        """The server hears and does it; its answer never arrives."""
        sent.append(route.fetch().status)
        route.abort()

    page.route("**/notes/**", lose, times=1)
    page.fill("#note-text", "Said once, sent twice")
    page.click("#note .pri")
    page.wait_for_selector("#toasts .bad")
    assert sent == [200]
    assert page.input_value("#note-text") == "Said once, sent twice"
    page.click("#note .pri")
    page.wait_for_function("() => document.querySelector('#note-text').value === ''")
    page.reload()
    assert page.locator("#story .box", has_text="Said once, sent twice").count() == 1


def test_a_double_press_makes_one_record(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/companies/new")
    page.fill("[name=name]", "Twice Pressed Dials")
    with page.expect_navigation(url="**/companies/*-*-*"):
        page.dblclick("form.form .pri")
    page.goto("/companies/?match=all&f-0=name&op-0=contains&v-0=Twice+Pressed")
    assert page.locator("tbody tr").count() == 1


def test_the_same_form_sent_twice_makes_one_record(open_as: Callable[..., Any]) -> None:
    """As a browser without scripts may do on a slow line."""
    page = open_as("north", "/companies/new")
    form = page.evaluate("() => Object.fromEntries(new FormData(document.querySelector('form.form')))")
    form["name"] = "Twice Sent Dials"
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": page.url.rsplit("/", 2)[0]}
    answers = [
        page.request.post("/companies/new", form=form, headers=headers, max_redirects=0).headers["location"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    page.goto("/companies/?match=all&f-0=name&op-0=contains&v-0=Twice+Sent")
    assert page.locator("tbody tr").count() == 1


def test_a_closed_tab_leaves_a_draft_that_can_be_thrown_away(open_as: Callable[..., Any]) -> None:
    page = open_as("south", "/people/new")
    browser = page.context
    page.fill("[name=given_name]", "Begun")
    page.fill("[name=phones-0-value]", "+44 20 7946 0777")
    with page.expect_response("**/drafts/*"):
        page.fill("[name=family_name]", "Yesterday")
    page.close()
    page = browser.new_page()
    page.goto("/people/new")
    assert page.input_value("[name=given_name]") == "Begun"
    assert page.input_value("[name=family_name]") == "Yesterday"
    assert page.input_value("[name=phones-0-value]") == "+44 20 7946 0777"
    with page.expect_navigation():
        page.click("form[action*='discard'] button")
    assert page.input_value("[name=given_name]") == ""
    assert page.locator(".note-bar").count() == 0
