"""The board's cards, and hands that take them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

# The script of dragging has come and taken the columns in hand.
ARMED = "() => Object.keys(document.querySelector('.cards')).some(key => key.startsWith('Sortable'))"


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
    """A card of the board by its name."""
    return page.locator(f".kc:has-text('{name}')").first


def stands(page: Any, name: str, column: str) -> None:
    """Wait until the card is in that column, and the server knows it there."""
    page.wait_for_selector(f"#col-{column} .kc[data-c={column}]:not(.sent):has-text('{name}')")


def kept(page: Any, name: str, column: str) -> None:
    """It is there after a reload too."""
    page.reload()
    stands(page, name, column)


def middle(part: Any) -> tuple[float, float]:
    """The middle of a part, where a hand takes it."""
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
    """Let go over a part."""
    x, y = middle(part)
    page.mouse.move(x, y, steps=12)
    page.mouse.move(x + 2, y + 2, steps=2)
    page.mouse.up()


class Finger:
    """One finger on the glass."""

    def __init__(self, page: Any) -> None:
        self.session = page.context.new_cdp_session(page)
        self.page = page

    def _touch(self, kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, x: float, y: float) -> None:
        """Touch."""
        self._touch("touchStart", x, y)

    def move(self, x: float, y: float) -> None:
        """Move what touches."""
        self._touch("touchMove", x, y)

    def up(self) -> None:
        """Let go."""
        self._touch("touchEnd")
