"""Someone new, with no help but the screen: `make run`, the owner's login, and his first deal stands on the board.

The time is counted as for the first client (test_newcomer.py): hands by keystrokes, eyes by every new word.
"""

from typing import Any

import pytest

from browser.conftest import PASSWORD, Company
from browser.test_newcomer import CLICK, KEY, POINT, TEN_MINUTES, THINK, Newcomer


class Seller(Newcomer):
    """Chooses from what a field offers while he types; reads each page he comes to."""

    def follow(self, role: str, name: str) -> None:
        """Press what leads to another page."""
        with self.page.expect_navigation():
            self.press(role, name)
        self.read()

    def pick(self, label: str, text: str, wanted: str) -> None:
        """Type the beginning and press the hit."""
        self.read()
        self.seconds += THINK + POINT + CLICK + KEY * len(text)
        self.page.get_by_role("combobox", name=label).locator("visible=true").first.press_sequentially(text)
        self.press("option", wanted, exact=False)

    def turn(self, name: str) -> None:
        """Press a tab by its word."""
        self.read()
        self.seconds += THINK + POINT + CLICK
        self.page.locator("label").get_by_text(name, exact=True).locator("visible=true").first.click()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_first_deal_of_a_newcomer(company: Company, phone: bool) -> None:
    shape: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
    if phone:
        shape = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = company.browser.new_context(base_url=company.url, reduced_motion="reduce", **shape)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto("/")
    new, deal = Seller(page), f"Reading lamps for the {'ferry' if phone else 'pier'}"

    new.write("Name or e-mail", "owner@demo.example")
    new.write("Password", PASSWORD)
    new.follow("button", "Log in")
    new.follow("link", "Deals")
    if phone:
        new.press("button", "New")
        new.press("link", "Deal")
    else:
        new.press("link", "New Deal")
    new.write("What is sold", deal)
    new.pick("Company", "amber anc", "Amber Anchor")
    new.write("Amount", "1800")
    new.follow("button", "Save")
    if not phone:  # the board shows it at once
        new.follow("link", deal)
    new.turn("Task")
    new.write("What to do", "Send two samples")
    new.follow("button", "Plan")
    new.sees("Send two samples")
    new.follow("link", "Deals")
    new.sees(deal)
    context.close()
    print(f"the first deal on the {'phone' if phone else 'desk'}: {new.seconds:.0f} seconds by the model")
    assert new.seconds < TEN_MINUTES
