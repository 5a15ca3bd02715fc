"""The board in a real browser: cards moved by mouse, touch, keys, menu and form; what goes wrong puts them back."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from browser.pages import listening

KB = 1024
HEAD = 850  # bytes of one answer's head
# The script of dragging has come and taken the columns in hand.
ARMED = "() => Object.keys(document.querySelector('.cards')).some(key => key.startsWith('Sortable'))"
FORWARD = {"north": "Shift+ArrowRight", "south": "Shift+ArrowLeft"}  # south reads Arabic


def made(page: Any, **fields: str) -> str:
    """A new deal of the page's person in the first column; its name."""
    name = f"Deal {uuid4().hex[:8]}"
    form = {"name": name, "pipeline": "sales", "amount-amount": "500", "amount-currency": "EUR", **fields}
    answer = page.request.post("/deals/new", form=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.ok, answer.text()
    return name


def opened(open_as: Callable[..., Any], who: str = "north", **more: Any) -> tuple[Any, str]:
    """A board with a new card in its first column."""
    page = open_as(who, "about:blank", **more)
    name = made(page)
    page.goto("/deals/board?pipeline=sales&view=mine")
    page.wait_for_selector(".fig")
    return page, name


def card(page: Any, name: str) -> Any:
    return page.locator(f".kc:has-text('{name}')").first


def stands(page: Any, name: str, column: str) -> None:
    """Wait until the card is in that column, and the server knows it there."""
    page.wait_for_selector(f"#col-{column} .kc[data-c={column}]:not(.sent):has-text('{name}')")


def kept(page: Any, name: str, column: str) -> None:
    """It is there after a reload too."""
    page.reload()
    stands(page, name, column)


def middle(part: Any) -> tuple[float, float]:
    box = part.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"], 200) / 2


def rest(page: Any, name: str) -> tuple[float, float]:
    """Where a card may be taken, once it stands still: what column and server had to change has been shown."""
    page.evaluate("() => { window.still = 0; }")
    page.wait_for_function(
        """name => {
          const card = [...document.querySelectorAll('.kc')].find(kc => kc.textContent.includes(name));
          const co = card.querySelector('.co'), { x, y } = co.getBoundingClientRect(), at = `${x} ${y}`;
          const there = window.at === at && card.contains(document.elementFromPoint(x + 4, y + 4));
          window.still = there ? window.still + 1 : 0;
          window.at = at;
          return window.still > 5;
        }""",
        arg=name,
    )
    return middle(card(page, name).locator(".co"))


def take(page: Any, name: str) -> None:
    """Press the mouse on a card and begin to pull."""
    card(page, name).scroll_into_view_if_needed()
    page.mouse.move(*middle(card(page, name).locator(".co")))
    page.wait_for_function(ARMED)
    x, y = rest(page, name)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 12, steps=4)
    page.wait_for_selector("#zones:not([hidden])")


def drop(page: Any, part: Any) -> None:
    x, y = middle(part)
    page.mouse.move(x, y, steps=12)
    page.mouse.move(x + 2, y + 2, steps=2)
    page.mouse.up()


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


class Finger:
    """One finger on the glass."""

    def __init__(self, page: Any) -> None:
        self.session = page.context.new_cdp_session(page)
        self.page = page

    def _touch(self, kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, x: float, y: float) -> None:
        self._touch("touchStart", x, y)

    def move(self, x: float, y: float) -> None:
        self._touch("touchMove", x, y)

    def up(self) -> None:
        self._touch("touchEnd")


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
