"""Someone new, with no help but the screen: the first client of an empty base, and how long it takes.

The time is counted, not stopped: hands by the keystroke-level model (Card, Moran and Newell, "The Keystroke-Level
Model for User Performance Time with Interactive Systems", CACM 23(7), 1980), eyes by reading every word of each new
page once at 238 words a minute (Brysbaert, "How many words do we read per minute?", J. Memory and Language 109, 2019).
"""

from collections.abc import Callable
from typing import Any

import pytest

from support.installation import ADMINISTRATOR, PASSWORD, Installation

# Seconds: think what to do, point at it, press and release; a key of somebody who is no typist; read one word.
THINK, POINT, CLICK, KEY, WORD = 1.35, 1.1, 0.2, 0.28, 60 / 238
TEN_MINUTES = 600


class Newcomer:
    """Does what the words on the page offer: fields by their labels, links and buttons by their names."""

    def __init__(self, page: Any) -> None:
        self.page, self.seconds = page, 0.0
        self.seen: set[str] = set()

    def read(self) -> None:
        """Look at the page: only lines not met before take time."""
        lines = {line.strip() for line in self.page.inner_text("body").splitlines()}
        self.seconds += WORD * sum(len(line.split()) for line in lines - self.seen)
        self.seen |= lines

    def press(self, role: str, name: str, exact: bool = True) -> None:
        """Point at something by its name and click it."""
        self.read()
        self.seconds += THINK + POINT + CLICK
        self.page.get_by_role(role, name=name, exact=exact).locator("visible=true").first.click()

    def write(self, label: str, text: str) -> None:
        """Fill a field in by its label."""
        self.read()
        self.seconds += THINK + POINT + CLICK + KEY * len(text)
        boxes = self.page.locator("input:not([type=radio]), textarea")
        self.page.get_by_label(label).and_(boxes).locator("visible=true").first.fill(text)

    def sees(self, text: str) -> None:
        """The page shows it."""
        self.page.get_by_text(text).locator("visible=true").first.wait_for()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_first_client_of_a_newcomer(
    make_installation: Callable[..., Installation], browser: Any, phone: bool
) -> None:
    house = make_installation().init().start()
    shape = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True} if phone else {}
    context = browser.new_context(base_url=house.url, reduced_motion="reduce", **shape)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto("/")
    new = Newcomer(page)

    new.write("Name or e-mail", ADMINISTRATOR)
    new.write("Password", PASSWORD)
    new.press("button", "Log in")
    new.press("link", "New: Company")
    new.write("Name", "Blue Lantern")
    new.write("Phones", "+49 30 901820")
    new.press("button", "Save")
    page.wait_for_url("**/companies/*-*")
    new.write("Note", "Wants twelve desks before Easter.")
    new.press("button", "Save note")
    new.sees("Wants twelve desks before Easter.")
    if phone:
        new.press("radio", "Linked")
    new.press("link", "Add: People")
    new.press("link", "New: Person")
    new.write("Given name", "Mara")
    new.write("Family name", "Sample")
    new.press("button", "Save")
    new.sees("Mara Sample")
    new.press("link", "Search", exact=False)  # the desk's has its keys in its name
    new.write("Search", "9018")
    new.sees("Blue Lantern")
    context.close()
    assert new.seconds < TEN_MINUTES
