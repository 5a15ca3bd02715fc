"""Two people on one card, a lost line, double presses, closed tabs: nothing is lost, nothing is written twice."""

from collections.abc import Callable
from typing import Any

from browser.pages import first_row, listening
from browser.test_live import change

LINE = "Failed to load resource: net::ERR_INTERNET_DISCONNECTED"


def two(open_as: Callable[..., Any], tail: str = "") -> tuple[Any, Any]:
    """The same card in two people's browsers; the first has his editor open, or the page below the card."""
    mine = open_as("north", "/companies/")
    address = first_row(mine)
    listening(mine, address + tail)
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


def test_both_versions_stand_until_one_is_chosen_while_others_go_on(open_as: Callable[..., Any]) -> None:
    """What others save meanwhile is heard by the page, but takes nobody's words away; afterwards it shows."""
    mine, theirs = two(open_as)
    mine.click("#f-legal_name dd")
    mine.wait_for_selector("#i-legal_name")
    change(theirs, "legal_name", "Gears of theirs")
    mine.fill("#i-legal_name", "Gears of mine")
    mine.keyboard.press("Enter")
    mine.wait_for_selector("#f-legal_name .clash")
    change(theirs, "discount", "7.25")
    mine.wait_for_selector("#story :text('7.25')")
    shown = mine.inner_text("#f-legal_name .clash")
    assert "Gears of mine" in shown
    assert "Gears of theirs" in shown
    mine.click("#f-legal_name .clash a")
    mine.wait_for_selector("#f-discount .v:has-text('7.25')")
    assert mine.text_content("#f-legal_name .v").strip() == "Gears of theirs"


def test_a_cell_of_a_list_leads_to_both_versions(open_as: Callable[..., Any]) -> None:
    mine = open_as("north", "/companies/")
    row = mine.locator("tbody tr").first
    theirs = open_as("owner", row.locator(".nm a").get_attribute("href"))
    row.locator("td[data-e=turnover]").click(position={"x": 3, "y": 3})
    mine.wait_for_selector("td.editing [name=turnover-amount]")
    theirs.click("#f-turnover dd")
    theirs.fill("#f-turnover [name=turnover-amount]", "1111")
    theirs.keyboard.press("Enter")
    theirs.wait_for_selector("#f-turnover .v:has-text('1,111')")
    mine.fill("td.editing [name=turnover-amount]", "2222")
    mine.keyboard.press("Enter")
    mine.wait_for_selector("fieldset.clash")
    shown = mine.inner_text("fieldset.clash")
    assert "1,111" in shown
    assert "2,222" in shown
    with mine.expect_navigation():
        mine.click("form.form .pri")
    assert "2,222" in mine.text_content("#f-turnover .v")


def cut(page: Any, visit: Any) -> None:
    """Take the line away."""
    visit.allow(LINE, "Failed to fetch")
    page.context.set_offline(True)


def minute(page: Any) -> None:
    """A minute passes for the scripts of the page."""
    page.clock.run_for(60_000)


def test_a_field_typed_without_a_line_meets_what_the_other_saved(open_as: Callable[..., Any], visit: Any) -> None:
    mine, theirs = two(open_as)
    mine.clock.install()
    mine.click("#f-legal_name dd")
    mine.wait_for_selector("#i-legal_name")
    cut(mine, visit)
    mine.fill("#i-legal_name", "Typed in a tunnel")
    mine.keyboard.press("Enter")
    mine.wait_for_selector("#toasts .bad")
    change(theirs, "legal_name", "Typed in the sun")
    minute(mine)
    assert mine.input_value("#i-legal_name") == "Typed in a tunnel"
    mine.context.set_offline(False)
    minute(mine)
    mine.focus("#i-legal_name")
    mine.keyboard.press("Enter")
    mine.wait_for_selector("#f-legal_name .clash")
    shown = mine.inner_text("#f-legal_name .clash")
    assert "Typed in a tunnel" in shown
    assert "Typed in the sun" in shown
    mine.click("#f-legal_name .clash .pri")
    mine.wait_for_selector("#f-legal_name .v:has-text('Typed in a tunnel')")
    mine.goto(f"{theirs.url}/history")
    for words in ("Typed in a tunnel", "Typed in the sun"):
        assert mine.locator("tbody tr", has_text=words).count() >= 1


def test_an_editor_that_could_not_save_asks_before_the_page_is_left(open_as: Callable[..., Any], visit: Any) -> None:
    page = open_as("north", "/companies/")
    page.goto(first_row(page))
    page.click("#f-legal_name dd")
    page.wait_for_selector("#i-legal_name")
    cut(page, visit)
    page.fill("#i-legal_name", "Nowhere else")
    page.keyboard.press("Enter")
    page.wait_for_selector("#toasts .bad")
    with page.expect_event("dialog") as asked:
        page.evaluate("() => { setTimeout(() => location.reload()); }")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    assert page.input_value("#i-legal_name") == "Nowhere else"


def typed_in_a_tunnel(mine: Any, theirs: Any, visit: Any, name: str) -> None:
    """A whole form goes on without a line for a minute, while the other saves two fields."""
    mine.clock.install()
    cut(mine, visit)
    mine.fill("[name=legal_name]", f"{name} of mine")
    mine.fill("[name=website]", f"https://{name.lower()}.example")
    change(theirs, "legal_name", f"{name} of theirs")
    change(theirs, "employees", "77")
    minute(mine)
    assert mine.input_value("[name=legal_name]") == f"{name} of mine"


def meet(mine: Any, theirs: Any, name: str) -> None:
    """The form is sent: only the field both have changed is asked for; what each alone has changed stands."""
    mine.click("form.form .pri")
    mine.wait_for_selector("fieldset.clash")
    assert mine.locator("fieldset.clash").count() == 1
    shown = mine.inner_text("fieldset.clash")
    assert f"{name} of mine" in shown
    assert f"{name} of theirs" in shown
    with mine.expect_navigation():
        mine.click("form.form .pri")
    assert mine.url == theirs.url
    assert mine.text_content("#f-legal_name .v").strip() == f"{name} of mine"
    assert f"{name.lower()}.example" in mine.text_content("#f-website .v")
    assert mine.text_content("#f-employees .v").strip() == "77"
    mine.goto(f"{theirs.url}/edit")
    assert mine.locator(".note-bar").count() == 0
    assert mine.input_value("[name=employees]") == "77"


def test_a_form_typed_without_a_line_meets_what_the_other_saved(open_as: Callable[..., Any], visit: Any) -> None:
    mine, theirs = two(open_as, "/edit")
    typed_in_a_tunnel(mine, theirs, visit, "Tunnel")
    mine.click("form.form .pri")
    mine.wait_for_selector("#toasts .bad")
    assert mine.url == f"{theirs.url}/edit"
    assert mine.input_value("[name=legal_name]") == "Tunnel of mine"
    mine.context.set_offline(False)
    meet(mine, theirs, "Tunnel")


def test_a_tab_closed_without_a_line_loses_nothing(open_as: Callable[..., Any], visit: Any) -> None:
    mine, theirs = two(open_as, "/edit")
    typed_in_a_tunnel(mine, theirs, visit, "Night")
    context = mine.context
    mine.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{theirs.url}/edit")
    again.wait_for_selector(".note-bar")
    assert again.input_value("[name=legal_name]") == "Night of mine"
    assert again.input_value("[name=employees]") == "77"
    meet(again, theirs, "Night")


def test_what_is_typed_after_a_lost_answer_is_not_taken_for_the_first(open_as: Callable[..., Any], visit: Any) -> None:
    """The first words were saved, unknown to their writer; the second ones neither get lost nor replace them unseen."""
    visit.allow("net::ERR_FAILED", "Failed to fetch")
    page = open_as("north", "/companies/")
    page.goto(first_row(page))
    page.click("#f-legal_name dd")
    page.wait_for_selector("#i-legal_name")

    def lose(route: Any) -> None:
        """The server hears and does it; its answer never arrives."""
        route.fetch()
        route.abort()

    page.route("**/fields/legal_name", lose, times=1)
    page.fill("#i-legal_name", "Heard by the house")
    page.keyboard.press("Enter")
    page.wait_for_selector("#toasts .bad")
    page.fill("#i-legal_name", "Said in its place")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f-legal_name .clash:has-text('Heard by the house')")
    page.click("#f-legal_name .clash .pri")
    page.wait_for_selector("#f-legal_name .v:has-text('Said in its place')")


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
    with page.expect_response(lambda answer: "Yesterday" in (answer.request.post_data or "")):
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
