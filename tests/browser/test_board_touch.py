"""The board under a finger: held cards are dragged, swipes scroll, and nothing comes between."""

from collections.abc import Callable
from typing import Any

from browser.boards import Finger, card, made, middle, opened, stands, take
from browser.pages import listening


def test_a_quick_hand_lets_go_where_it_points(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as)
    take(page, name)
    column = middle(page.locator("#col-qualified .cards"))
    page.mouse.move(*column)
    page.mouse.up()
    stands(page, name, "qualified")


def test_a_held_finger_drags_and_a_swipe_scrolls(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as, phone=True)
    finger = Finger(page)
    card(page, name).scroll_into_view_if_needed()
    # A swipe across the card: the page scrolls, the card stays.
    x, y = middle(card(page, name).locator(".co"))
    finger.down(x, y)
    for n in range(1, 11):
        finger.move(x - 14 * n, y)
    finger.up()
    page.wait_for_function("() => document.querySelector('#board').scrollLeft > 40")
    assert page.is_hidden("#zones")
    page.evaluate("document.querySelector('#board').scrollLeft = 0")
    page.wait_for_function("() => document.querySelector('#board').scrollLeft === 0")
    stands(page, name, "new")
    # A finger that rests takes the card along, to an end: the zones lie above the columns.
    card(page, name).scroll_into_view_if_needed()
    x, y = middle(card(page, name).locator(".co"))
    finger.down(x, y)
    page.wait_for_selector(f".kc.sortable-chosen:has-text('{name}')")
    finger.move(x + 8, y + 8)
    finger.move(x + 16, y + 16)
    page.wait_for_selector("#zones:not([hidden])")
    to = middle(page.locator(".zone.good"))
    for n in range(1, 11):
        finger.move(x + (to[0] - x) * n / 10, y + (to[1] - y) * n / 10)
    finger.move(to[0] + 2, to[1] + 2)
    finger.up()
    page.wait_for_selector("#dlg[open] [name=reason]")
    stands(page, name, "new")


def test_neither_news_nor_a_message_comes_between_a_finger_and_its_card(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "about:blank", phone=True)
    name = made(page)
    listening(page, "/deals/board?pipeline=sales&view=mine")
    beside = page.context.new_page()  # hears by the first one's stream
    beside.goto("/deals/board?pipeline=sales&view=mine")
    beside.wait_for_selector(".fig")
    page.bring_to_front()
    card(page, name).locator(".more").tap()
    page.locator("#move:popover-open [data-to=qualified]").tap()
    stands(page, name, "qualified")
    page.wait_for_selector(".toast button")  # it lies where the ends will be
    finger = Finger(page)
    card(page, name).evaluate("e => e.scrollIntoView({block: 'center'})")
    x, y = middle(card(page, name).locator(".co"))
    finger.down(x, y)
    news = made(page)
    beside.wait_for_selector(f".kc:has-text('{news}')")
    page.wait_for_selector(f".kc.sortable-chosen:has-text('{name}')")
    finger.move(x + 8, y + 8)
    finger.move(x + 16, y + 16)
    page.wait_for_selector("#zones:not([hidden])")
    finger.move(*middle(page.locator(".zone.good")))
    finger.up()
    page.wait_for_selector("#dlg[open] [name=reason]")


def test_on_the_phone_chips_lead_to_columns_and_dots_move(open_as: Callable[..., Any]) -> None:
    page, name = opened(open_as, phone=True)
    page.click(".stages a[href='#col-quote']")
    page.wait_for_function(
        "() => Math.abs(document.querySelector('#col-quote').getBoundingClientRect().left - 16) < 24"
    )
    card(page, name).locator(".more").click()
    page.click("#move:popover-open [data-to=qualified]")
    stands(page, name, "qualified")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
