"""The board in a real browser: cards moved by mouse, keys, menu and form; what goes wrong puts them back."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from browser.boards import ARMED, card, drop, kept, made, opened, stands, take
from browser.pages import listening

KB = 1024
HEAD = 850  # bytes of one answer's head
FORWARD = {"north": "Shift+ArrowRight", "south": "Shift+ArrowLeft"}  # south reads Arabic


@pytest.mark.parametrize("who", FORWARD)
def test_a_card_is_dragged_by_the_mouse_and_taken_back(open_as: Callable[..., Any], who: str) -> None:
    page, name = opened(open_as, who)
    before = page.inner_text("#n-new")
    take(page, name)
    drop(page, page.locator("#col-qualified .cards"))
    stands(page, name, "qualified")
    assert page.is_hidden("#zones")
    page.wait_for_function("before => document.querySelector('#n-new').innerText !== before", arg=before)
    page.click(".toast button")
    stands(page, name, "new")
    kept(page, name, "new")


def test_a_drag_is_no_click(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    take(page, name)
    drop(page, page.locator("#col-new header"))
    page.wait_for_selector("#zones", state="hidden")
    assert "/deals/board" in page.url
    stands(page, name, "new")
    card(page, name).locator("a").click()
    page.wait_for_selector(".who")


def test_the_ends_show_while_a_card_is_held_and_ask(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    assert page.is_hidden("#zones")
    take(page, name)
    drop(page, page.locator(".zone.bad"))
    page.wait_for_selector("#dlg[open] [name=reason]")
    stands(page, name, "new")
    page.keyboard.press("Escape")
    page.wait_for_selector("#dlg:not([open])", state="attached")
    take(page, name)
    drop(page, page.locator(".zone.bad"))
    page.select_option("#dlg [name=reason]", "price")
    with page.expect_navigation():
        page.click("#dlg .acts button")
    assert "/deals/board" in page.url
    assert card(page, name).count() == 0


def test_a_closed_gate_gives_the_card_back_and_asks(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "about:blank")
    name = made(page, **{"amount-amount": ""})
    page.goto("/deals/board?pipeline=sales&view=mine")
    card(page, name).locator("a").focus()
    page.keyboard.press("3")
    stands(page, name, "meeting")
    page.keyboard.press("4")
    page.wait_for_selector("#dlg[open] [name=amount-amount]")
    stands(page, name, "meeting")
    page.fill("#dlg [name=amount-amount]", "900")
    with page.expect_navigation():
        page.click("#dlg .acts button.pri")
    assert "/deals/board" in page.url
    stands(page, name, "quote")


@pytest.mark.parametrize("who", FORWARD)
def test_keys_move_cards_and_go_between_them(open_as: Callable[..., Any], who: str) -> None:
    page, name = opened(open_as, who)
    focused = f"document.activeElement.closest('.kc')?.innerText.includes('{name}')"
    card(page, name).locator("a").focus()
    page.keyboard.press(FORWARD[who])
    stands(page, name, "qualified")
    assert page.evaluate(focused)
    page.wait_for_function("name => document.querySelector('#say').innerText.includes(name)", arg=name)
    page.keyboard.press("3")
    stands(page, name, "meeting")
    page.keyboard.press("Shift+ArrowLeft" if who == "north" else "Shift+ArrowRight")
    stands(page, name, "qualified")
    page.keyboard.press("m")
    page.wait_for_selector("#move:popover-open [data-to=new]:focus")
    page.keyboard.press("Enter")
    stands(page, name, "new")
    assert page.evaluate(focused)
    other = made(page)
    page.reload()
    card(page, name).locator("a").focus()
    seen = set()
    for key in ("j", "k", "k", "j", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.closest('.kc')?.id"))
    assert None not in seen and len(seen) >= 2, other


def test_two_moves_in_a_row_go_both(open_as: Callable[..., Any]) -> None:
    """The second key is pressed while the first move is on its way."""
    page, name = opened(open_as)
    card(page, name).locator("a").focus()
    page.keyboard.press("2")
    page.keyboard.press("3")
    stands(page, name, "meeting")
    kept(page, name, "meeting")


def test_letters_can_be_switched_off(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    card(page, name).locator("a").focus()
    page.keyboard.press("2")
    page.keyboard.press("m")
    page.keyboard.press("Shift+ArrowRight")
    stands(page, name, "qualified")
    assert not page.is_visible("#move")


def test_what_is_pressed_while_the_script_is_on_its_way_counts(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    held: list[Any] = []
    page.route("**/ui/board.*.js", lambda route: held.append(route))
    with page.expect_request("**/ui/board.*.js"):
        card(page, name).locator(".more").click()
    assert not page.is_visible("#move")
    held[0].continue_()
    page.wait_for_selector("#move:popover-open")


def test_who_comes_second_is_shown_where_the_card_is(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    late = open_as("north", "about:blank")
    late.route("**/live*", lambda route: route.abort())
    open_as.visit.allow("net::ERR_FAILED")  # type: ignore[attr-defined]
    late.goto("/deals/board?pipeline=sales&view=mine")
    card(page, name).locator("a").focus()
    page.keyboard.press("3")
    stands(page, name, "meeting")
    card(late, name).locator("a").focus()
    late.keyboard.press("2")
    stands(late, name, "meeting")
    late.wait_for_selector(".toast.bad")


def test_a_lost_line_gives_the_card_back_and_tries_again(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    open_as.visit.allow("net::ERR_FAILED", "htmx:error: Failed to fetch")  # type: ignore[attr-defined]
    page.route("**/board/move", lambda route: route.abort())
    card(page, name).locator("a").focus()
    page.keyboard.press("2")
    page.wait_for_selector(".toast.bad button")
    stands(page, name, "new")
    page.unroute("**/board/move")
    page.click(".toast.bad button")
    stands(page, name, "qualified")
    kept(page, name, "qualified")


def test_other_tabs_follow_and_nothing_that_is_held_is_lost(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    other = listening(open_as("owner", "about:blank"), "/deals/board?pipeline=sales&view=all")
    other.wait_for_selector(f"#col-new .kc:has-text('{name}')")
    mine = made(page)
    other.wait_for_selector(f".kc:has-text('{mine}')")
    take(other, mine)
    card(page, name).locator("a").focus()
    page.keyboard.press("2")
    stands(page, name, "qualified")
    drop(other, other.locator("#col-meeting .cards"))
    stands(other, mine, "meeting")
    other.wait_for_selector(f"#col-qualified .kc:has-text('{name}')")


def test_without_scripts_the_dots_open_a_page_of_forms(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "about:blank")
    name = made(page)
    plain = open_as("north", "/deals/board?pipeline=sales&view=mine", java_script_enabled=False)
    plain.locator(f".kc:has-text('{name}') .more").click()
    plain.click("form:has([value=qualified]) button")
    plain.wait_for_selector(f"#col-qualified .kc:has-text('{name}')")
    plain.wait_for_selector(".toast")


def test_a_new_deal_comes_from_the_board_and_leads_back(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/deals/board?pipeline=sales")
    name = f"Deal {uuid4().hex[:8]}"
    page.keyboard.press("n")
    page.fill("#dlg[open] [name=name]", name)
    with page.expect_navigation():
        page.click("#dlg .pri")
    assert "/deals/board" in page.url
    stands(page, name, "new")


def test_more_cards_are_shown_on_the_cards_by_choice(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/deals/board?pipeline=sales&view=mine")
    page.click("a[href*='/board/show']")
    page.select_option("#pop #i-field-0", "stage_since")
    with page.expect_navigation():
        page.click("#pop .pri")
    page.wait_for_selector(".kc .ex")
    page.click("a[href*='/board/show']")
    page.select_option("#pop #i-field-0", "")
    with page.expect_navigation():
        page.click("#pop .pri")
    assert page.locator(".kc .ex").count() == 0


@pytest.mark.parametrize("who", ["owner", "head", "south"])
def test_what_the_board_takes(open_as: Callable[..., Any], who: str) -> None:
    """Its scripts come when somebody begins to use it, dragging with the first hold."""
    page = open_as(who, "/companies/")
    taken: dict[str, int] = {}
    page.on("response", lambda answer: taken.update({answer.url.rpartition("/")[2]: len(answer.body())}))
    page.goto("/deals/board?pipeline=sales&view=all")
    page.wait_for_selector(".fig")
    assert not [name for name in taken if name.startswith(("board.", "drag.")) and name.endswith(".js")]
    page.hover(".kc >> nth=0")
    page.wait_for_function("() => document.querySelector('#board').dataset.begun === 'on'")
    page.wait_for_function(ARMED)
    assert page.evaluate("document.querySelectorAll('*').length") <= 2500
