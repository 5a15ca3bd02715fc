"""An administrator gives the base a kind of cards it never had, by clicks alone, and everybody works with it at once.

"Property": an address, an area, a price, a price per square metre that nobody fills in, whose it is, a stage with its
board. He goes where the screen leads. The time is counted as for the first client (test_newcomer.py): hands by
keystrokes, eyes by every new word. Neither the web process nor the worker is started anew.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import gettext, override

from browser.conftest import PASSWORD, PHONE, WIDE, Company, Visit, _choose_language
from browser.hands import Mouse, Touch
from browser.test_newcomer import CLICK, KEY, POINT, TEN_MINUTES, THINK
from browser.test_newcomer_deal import Seller
from support.installation import Installation

BEHIND = 120_000  # milliseconds for what the worker does; the machine may be busy
STAGES = ("New", "On the market", "Sold")
FILE = "Address;Area;Price;Stage\nHarbour Row 4;100;250000;New\nMill Lane 9;80;160000;Sold\nQuay 2;40;90000;New\n"


class Own(str):
    """A word he has written himself: it is what it is in every language."""


class Maker(Seller):
    """Reads the screen in his language and counts what he presses."""

    def __init__(self, page: Any, language: str) -> None:
        super().__init__(page)
        self.language, self.clicks = language, 0

    def say(self, text: str, **named: str) -> str:
        """A word of the screen in his language."""
        if isinstance(text, Own):
            return text
        with override(self.language):
            return gettext(text) % named if named else gettext(text)

    def press(self, role: str, name: str, exact: bool = True) -> None:
        self.clicks += 1
        super().press(role, self.say(name), exact)

    def write(self, label: str, text: str) -> None:
        self.clicks += 1
        super().write(self.say(label), text)

    def at(self, part: Any, clicks: int, keys: str = "") -> Any:
        """Read, point at something and press so many times."""
        self.read()
        self.clicks += clicks
        self.seconds += THINK + clicks * (POINT + CLICK) + KEY * len(keys)
        return part.locator("visible=true").first

    def on(self, selector: str) -> None:
        """Press what has no word of its own."""
        self.at(self.page.locator(selector), 1).click()

    def goes(self, selector: str) -> None:
        """The same, where it leads to another page."""
        with self.page.expect_navigation():
            self.on(selector)
        self.read()

    def back(self, place: str) -> None:
        """By the arrow above the page."""
        with self.page.expect_navigation():
            super().press("link", self.say("Back to %(place)s", place=self.say(place)))
        self.clicks += 1
        self.read()

    def keys(self, text: str) -> None:
        """Go on typing where the cursor stands."""
        self.seconds += KEY * len(text)
        self.page.keyboard.type(text)

    def amount(self, label: str, text: str) -> None:
        """Write a sum: its field is a group of two."""
        group = self.page.get_by_role("group", name=self.say(label), exact=True)
        self.at(group.get_by_role("textbox"), 1, text).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Open a list and take one of its words."""
        lists = self.page.get_by_label(self.say(label)).and_(self.page.locator("select"))
        self.at(lists, 2).select_option(label=self.say(option))

    def field(self, name: str, kind: str, more: str = "Make it and add another", **chosen: str) -> None:
        """Fill the form of a new field in and press the button that leads on."""
        self.write("Name", name)
        self.choose("Kind", kind)
        for label, option in chosen.items():
            self.choose(label.replace("_", " "), option)
        self.follow("button", more)

    def menu(self, name: str) -> None:
        """By the menu; what has no room in a phone's bar stands behind "More"."""
        links = self.page.locator(":is(.nav, .bottom)").get_by_role("link", name=self.say(name), exact=True)
        if not links.locator("visible=true").count():
            self.follow("link", "More")
        self.follow("link", name)

    def till(self, selector: str) -> None:
        """Wait for what happens behind."""
        self.page.wait_for_selector(selector, timeout=BEHIND)
        self.read()


PROPERTY, PROPERTIES, ADDRESS, STAGE = Own("Property"), Own("Properties"), Own("Address"), Own("Stage")
AREA, PRICE, LANDLORD = Own("Area"), Own("Price"), Own("Landlord")


def _shape(new: Maker) -> None:
    """The kind of card with its fields and its board."""
    new.menu("Settings")
    new.follow("link", "Kinds of cards")
    new.follow("link", "New kind of card")
    new.write("One of them", PROPERTY)
    new.write("Several of them", PROPERTIES)
    new.write("What the name of a card is called", ADDRESS)
    new.choose("Icon", "House")
    new.follow("button", "Make it")

    people = Own(str(new.page.text_content(".nav a[href='/people/'] .lbl")))
    new.follow("link", "New field")
    new.field(AREA, "Number", Counts="Square metres")
    new.field(PRICE, "Money")
    new.field(LANDLORD, "Linked cards", Points_to=people)
    new.write("Name", STAGE)
    new.choose("Kind", "One of a list")
    new.write("Values to choose from", "\n".join(STAGES))
    new.follow("button", "Make it and add another")
    new.field("Price per m²", "Formula", "Make field")
    new.on(f".put:has(bdi:text-is('{PRICE}'))")
    new.keys(" / ")
    new.on(f".put:has(bdi:text-is('{AREA}'))")
    new.page.wait_for_selector("#i-formula-check .i", state="attached")
    new.follow("button", "Make field")

    new.back(PROPERTIES)
    new.choose("Columns of the board", STAGE)
    new.page.wait_for_selector(".toast")


def _rights(new: Maker, role: str) -> None:
    """Those who hold the role have nothing to do with it."""
    new.goes(f"#c-rights a[href*='{role}']")
    for action in ("view", "create", "edit"):
        select = f"#i-own_property-{action}"
        with new.page.expect_response("**/do/grants*"):
            new.at(new.page.locator(select), 2).select_option(value="none")
        new.page.wait_for_function("s => document.querySelector(s).value === 'none'", arg=select)


def _card(new: Maker, hand: Mouse, landlord: str) -> None:
    """The first property, by the form; its formula is counted."""
    hand.go("/properties/")
    hand.new("/properties/new")
    new.clicks += 2 + 2 * hand.narrow
    new.follow("button", "More fields")
    new.write(ADDRESS, "Pier 5")
    new.write(AREA, "50")
    new.amount(PRICE, "100000")
    new.pick(LANDLORD, landlord[:5], landlord)
    new.clicks += 2
    new.choose(STAGE, Own("New"))
    new.follow("button", "Save")
    shown = new.page.locator("[id^='f-own_']")
    assert digits(shown.filter(has_text="Price per m²").locator("dd").text_content()).startswith("2000")
    assert landlord in shown.filter(has_text=LANDLORD).locator("dd").text_content()


def digits(text: Any) -> str:
    """The digits of a text in any script."""
    return "".join(str(unicodedata.digit(sign)) for sign in str(text) if unicodedata.digit(sign, None) is not None)


def _board(new: Maker, hand: Mouse) -> None:
    """It is taken from one column into another, and is there after a reload."""
    page = new.page
    hand.go("/properties/")
    new.follow("link", "Board")
    page.wait_for_selector("#col-new .kc:has-text('Pier 5')")
    if hand.narrow:
        hand.move("Pier 5", "on_the_market")
    else:
        start, end = (page.locator(one).bounding_box() for one in ("#col-new .kc", "#col-on_the_market .cards"))
        page.locator("#col-new .kc").hover()
        page.wait_for_function(
            "() => Object.keys(document.querySelector('.cards')).some(k => k.startsWith('Sortable'))"
        )
        page.mouse.down()
        page.mouse.move(start["x"] + 40, start["y"] + 30, steps=4)
        page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=12)
        page.mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + 42, steps=2)
        page.mouse.up()
    new.clicks += 3
    page.wait_for_selector("#col-on_the_market .kc:not(.sent):has-text('Pier 5')")
    page.reload()
    page.wait_for_selector("#col-on_the_market .kc:has-text('Pier 5')")


def _import(new: Maker) -> None:
    """A file with the words of his own fields: read, tried out and loaded by the worker that never heard of them."""
    new.menu("Import")
    file = {"name": "properties.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    new.page.set_input_files("[name=file]", file)
    new.clicks += 2
    new.follow("button", "Read the file")
    new.till("[name=try]")
    assert new.page.input_value("[name=main]") == "own_property"
    new.follow("button", "Try it out")
    new.till("form[action$='/run']")
    new.goes("form[action$='/run'] button")
    new.till("form[action$='/undo']")


def _found(page: Any, text: str) -> Any:
    """What the search offers for it, as soon as the worker has come to it."""
    page.locator("[data-palette]").locator("visible=true").first.click()
    hit = page.locator("#pal-list .o[data-href*='/properties/']")
    for _time in range(60):
        page.fill("#pal input", "")
        with page.expect_response("**/palette*"):
            page.fill("#pal input", text)
        page.wait_for_timeout(1000)
        if hit.count():
            return hit.first
    raise AssertionError(f"{text} is not found")


def _token(new: Maker) -> str:
    """A token from the page of tokens."""
    new.menu("Settings")
    new.follow("link", "API tokens")
    new.follow("link", "New token")
    new.write("What for", "The website")
    new.follow("button", "Make token")
    return str(new.page.input_value("#secret"))


def _read(browser: Any, url: str, token: str) -> Any:
    """What a program with this token is answered."""
    context = browser.new_context(base_url=url)
    answer = context.request.get("/api/v1/properties", headers={"Authorization": f"Bearer {token}"})
    told = (answer.status, answer.json())
    context.close()
    return told


WAYS = [pytest.param("en", id="desk-en"), pytest.param("ar", id="phone-ar", marks=pytest.mark.full)]


@pytest.mark.parametrize("language", WAYS)
def test_a_kind_of_cards_by_clicks(
    make_installation: Callable[..., Installation], browser: Any, visit: Visit, language: str
) -> None:
    company = Company(make_installation().made_by("demo").start(), browser)
    served = company.house.children()
    shape: dict[str, Any] = {"viewport": WIDE}
    if language == "ar":
        _choose_language(company, "owner", language)
        shape = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    context = browser.new_context(base_url=company.url, reduced_motion="reduce", **shape)
    context.set_default_timeout(30_000)
    page = context.new_page()
    visit.listen(page)
    hand = (Touch if language == "ar" else Mouse)(page)
    other = browser.new_context(base_url=company.url, storage_state=company.state("owner")).new_page()
    other.goto("/settings/roles")
    role = str(other.get_attribute("tr:has-text('Stan Summerfold') a.u", "href")).rpartition("/")[2]
    other.goto("/people/")
    landlord = other.inner_text("tbody .nm a >> nth=0").strip()

    page.goto("/login")
    new = Maker(page, "en")  # the login does not know him yet
    new.write("Name or e-mail", "owner@demo.example")
    new.write("Password", PASSWORD)
    new.follow("button", "Log in")
    new.language = language
    _shape(new)
    made = (new.clicks, new.seconds)
    _rights(new, role)
    _card(new, hand, landlord)
    _board(new, hand)
    _import(new)
    hand.go("/properties/")
    assert page.locator("tbody tr").count() == 4
    href = _found(page, "mill lane").get_attribute("data-href")
    page.keyboard.press("Escape")
    status, told = _read(browser, company.url, _token(new))
    assert status == 200, told
    read = {one["name"]: one for one in told["items"]}
    assert set(read) == {"Pier 5", "Harbour Row 4", "Mill Lane 9", "Quay 2"}
    assert "on_the_market" in read["Pier 5"].values()

    _closed(company, href)
    _open(company, href)
    assert company.house.children() == served
    context.close()
    print(
        f"a kind of cards, {language}: made with {made[0]} clicks in {made[1]:.0f} seconds by the model;"
        f" with rights, a card, the board, an import and a token {new.clicks} clicks in {new.seconds:.0f}"
    )
    assert made[1] < TEN_MINUTES


def _closed(company: Company, href: str) -> None:
    """Who holds the role finds no trace of it."""
    context = company.browser.new_context(base_url=company.url, storage_state=company.state("north"))
    page = context.new_page()
    page.goto("/people/")
    assert page.locator("a[href^='/properties']").count() == 0
    assert [page.request.get(path).status for path in ("/properties/", "/properties/board", href)] == [404] * 3
    page.goto("/search?q=mill+lane")
    assert page.locator("#main a[href*='/properties/']").count() == 0
    context.close()


def _open(company: Company, href: str) -> None:
    """A colleague whose role sees all has it in his menu."""
    context = company.browser.new_context(base_url=company.url, storage_state=company.state("assistant"))
    page = context.new_page()
    page.goto("/people/")
    page.click(".nav a[href='/properties/']")
    page.wait_for_selector(f"tbody a[href='{href}']")
    context.close()
