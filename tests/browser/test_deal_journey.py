"""From an inquiry to a won deal, as issue and interface promise it: by mouse, by touch, by the keyboard alone.

Every run takes one way of each kind; the long run takes all twelve: two widths, two languages, three hands.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.boards import card, stands
from browser.conftest import PHONE, WIDE
from browser.hands import HANDS, Mouse
from browser.test_journeys import names, part

SHORT = (("north", "wide", "mouse"), ("south", "phone", "touch"), ("north", "wide", "keys"))
WAYS = [(who, width, hand) for who in ("north", "south") for width in ("wide", "phone") for hand in HANDS]


def opened(open_as: Callable[..., Any], who: str, width: str, hand: str) -> Mouse:
    """The list of people, in the hand that is asked for."""
    shape: dict[str, Any] = {"viewport": WIDE if width == "wide" else PHONE}
    if hand == "touch":
        shape |= {"has_touch": True, "is_mobile": width == "phone"}
    return HANDS[hand](open_as(who, "/people/", **shape))


def dialog(page: Any) -> None:
    page.wait_for_selector("#dlg[open] #dlg-body form")


def saved(hand: Mouse, then: str) -> None:
    """Press the dialog's button; the page that follows shows it."""
    with hand.page.expect_navigation():
        hand.press("#dlg .acts button:not(.ghost)")
    hand.page.wait_for_selector(then, state="attached")


def to_the_board(hand: Mouse) -> None:
    if "/deals/board" not in hand.page.url:
        hand.go("/deals")
    hand.page.wait_for_selector(".fig")


def _marks(way: tuple[str, str, str]) -> tuple[pytest.MarkDecorator, ...]:
    """One journey is gone on each engine; other hands, widths and languages press the same server."""
    if way not in SHORT:
        return (pytest.mark.full,)
    return () if way == SHORT[0] else (pytest.mark.alike,)


@pytest.mark.parametrize(
    ("who", "width", "by", "number"),
    [pytest.param(*way, number, marks=_marks(way), id="-".join(way)) for number, way in enumerate(WAYS)],
)
def test_from_an_inquiry_to_a_won_deal(open_as: Callable[..., Any], who: str, width: str, by: str, number: int) -> None:
    # The browser's own word on a page that is left before its change of pages was shown.
    open_as.visit.allow("Transition was aborted")  # type: ignore[attr-defined]
    hand = opened(open_as, who, width, by)
    page = hand.page
    twin = names(page)[2]
    given, family, firm = "Ottilie", f"Journey{'abcdefghijkl'[number]}", f"Pier {who} {width} {by}"
    name, wish, other = f"{given} {family}", f"Twelve lanterns {number}", f"Small lamp {number}"
    phone, fragment = f"+44 113 496 07{number:02}", f"960 7{number:02}"

    # An inquiry comes: somebody of that name is here already, it is somebody else.
    hand.go("/leads/")
    hand.new("/leads/new")
    hand.write("#i-contact_name", twin)
    page.wait_for_selector(f"#quick-dup a:has-text('{twin}')")
    hand.write("#i-contact_name", name)
    hand.write("#i-phones-0", phone)
    hand.write("#i-need", wish)
    saved(hand, f".who h1:has-text('{name}')")

    # The firm is told in place, and the inquiry is worth going on with.
    part(page, "about")
    hand.edit("company_name")
    hand.write("#i-company_name", firm)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#f-company_name .v:has-text('{firm}')")
    hand.press("form[action*='/qualify'] button")
    page.wait_for_selector(".steps li:nth-child(3).here")

    # Person, company and deal come of it without a word typed again.
    hand.press("a[href$='/convert']")
    dialog(page)
    assert page.input_value("#dlg [name=person]:checked") == page.input_value("#dlg [name=company]:checked") == "new"
    assert page.input_value("#dlg [name=deal-name]") == wish
    saved(hand, f".who h1:has-text('{wish}')")
    assert firm in page.inner_text(".who p") and name in page.inner_text(".who p")

    # The next step.
    part(page, "rel")
    hand.press(".rel a[href^='/tasks/plan']")
    dialog(page)
    hand.write("#dlg [name=name]", "Show the lanterns")
    saved(hand, "#rel a:has-text('Show the lanterns')")

    # Along the stages; one move is taken back; the gate wants the amount.
    to_the_board(hand)
    hand.move(wish, "qualified")
    stands(page, wish, "qualified")
    hand.undo()
    stands(page, wish, "new")
    for column in ("qualified", "meeting"):
        hand.move(wish, column)
        stands(page, wish, column)
    hand.move(wish, "quote")
    page.wait_for_selector("#dlg[open] [name=amount-amount]")
    hand.write("#dlg [name=amount-amount]", "900")
    saved(hand, ".fig")
    stands(page, wish, "quote")

    # Another deal is lost, with a reason; this one is won, with what decided it.
    hand.new("/deals/new")
    hand.write("#dlg [name=name]", other)
    saved(hand, f":is(.who h1, .kc):has-text('{other}')")
    for deal, how in ((other, "lost"), (wish, "won")):
        to_the_board(hand)
        hand.end(deal, how)
        page.wait_for_selector("#dlg[open] [name=reason]")
        hand.choose("#dlg [name=reason]", 1)
        saved(hand, ".fig")
        card(page, deal).wait_for(state="detached")

    # Found by a piece of the phone number.
    hand.open_palette()
    found = page.locator("#pal-list .o[data-href^='/people/']", has_text=name)
    for _again in range(20):
        # The index follows what was written a moment later; the same text again would not be asked again.
        for text in (fragment[:-1], fragment):
            hand.write("#pal input", text)
        with suppress(AssertionError):
            # What is found for the shorter text is no answer to this one: Enter would open the page of all finds.
            expect(page.locator(f"#pal input[data-shown='{fragment}']:not(.htmx-request)")).to_be_visible(timeout=2000)
            expect(found.first).to_be_visible(timeout=2000)
            break
    hand.hit(str(found.first.get_attribute("data-href")))
    page.wait_for_selector(f".who h1:has-text('{name}')")
    part(page, "rel")
    page.wait_for_selector(f"#rel a:has-text('{wish}')")

    # The funnel of the month, and the deals behind what was won.
    hand.go("/reports")
    hand.press("#main a[href='/reports/funnel']")
    page.wait_for_url("**/reports/funnel")
    hand.press("a[href*='period=this_month']")
    page.wait_for_url("**period=this_month*")
    assert page.inner_text(".chart figcaption").strip()
    hand.press("table tbody tr:last-child td a")
    page.wait_for_selector(f"tbody .nm a:has-text('{wish}')")
    assert other not in page.inner_text("#main")
