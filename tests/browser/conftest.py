"""The demo company in a real browser: one server for all of these tests, and a browser profile for each visitor."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from support.installation import Installation

PASSWORD = "moonlit-teapot"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
HERE = Path(__file__).parent
LIVE = ("test_deal_journey", "test_live", "test_property", "test_two_people")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder drives a browser. Pages and their scripts are alike on every engine, live ends not."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if item.path.stem not in LIVE:
                item.add_marker(pytest.mark.alike)


@dataclass
class Company:
    """A running installation with its demo people: `state(who)` is a logged-in browser's storage.

    `places` are addresses that tests look for once: the first card of a list, the first line of a settings table.
    """

    house: Installation
    browser: Any
    states: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return self.house.url

    def state(self, who: str) -> Any:
        """The cookies of somebody who has logged in; once per person, logins are limited."""
        if who not in self.states:
            context = self.browser.new_context(base_url=self.url)
            form = {"username": f"{who}@demo.example", "password": PASSWORD}
            answer = context.request.post("/login", form=form, headers={"Sec-Fetch-Site": "same-origin"})
            assert not answer.url.endswith("/login"), answer.text()
            self.states[who] = context.storage_state()
            context.close()
        return self.states[who]

    def sql(self, statement: str) -> None:
        """Do something to the base behind the server's back."""
        if self.house.database_url:
            with psycopg.connect(self.house.database_url, autocommit=True) as connection:
                connection.execute(statement)  # type: ignore[arg-type]
        else:
            with closing(sqlite3.connect(next(self.house.home.glob("*.sqlite3")), isolation_level=None)) as connection:
                connection.execute(statement)


@pytest.fixture(scope="session")
def company(make_installation: Callable[..., Installation], browser: Any) -> Company:
    """The demo company, served. `north` reads English; `south` has chosen Arabic, `head` Russian."""
    house = make_installation().made_by("demo")
    company = Company(house.start(), browser)
    for who, language in (("south", "ar"), ("head", "ru")):
        _choose_language(company, who, language)
    return company


def _choose_language(company: Company, who: str, language: str) -> None:
    context = company.browser.new_context(storage_state=company.state(who))
    page = context.new_page()
    page.goto(f"{company.url}/settings/profile")
    with page.expect_navigation():
        page.select_option("[name=language]", language)
    assert page.get_attribute("html", "lang") == language
    context.close()


@dataclass
class Visit:
    """What opened pages complained about: `allow(text)` for a message a test means to cause."""

    complaints: list[str] = field(default_factory=list)
    # The browser's own note on an answer such as 422; what the page makes of it is for the test to see.
    allowed: list[str] = field(default_factory=lambda: ["Failed to load resource: the server responded"])

    def allow(self, *texts: str) -> None:
        """Messages that hold one of these texts are meant."""
        self.allowed += texts

    def listen(self, page: Any) -> None:
        """Hear what a page's console and scripts say."""
        page.on("console", lambda said: said.type in ("error", "warning") and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def check(self) -> None:
        """No page said anything that was not meant: no error, no violation of the content security policy."""
        meant = tuple(self.allowed)
        assert [one for one in self.complaints if not any(text in one for text in meant)] == []


@pytest.fixture
def visit() -> Iterator[Visit]:
    """The ear on all pages of a test; it is asked at the end."""
    visit = Visit()
    yield visit
    visit.check()


class Visitors:
    """Opens pages as one of the demo's people: `visitors("north", "/people/", phone=True)`; None is nobody."""

    def __init__(self, company: Company, visit: Visit, profiles: dict[str | None, Any] | None = None) -> None:
        self.company, self.visit, self.profiles = company, visit, profiles
        self.opened: list[Any] = []

    def __call__(self, who: str | None, path: str = "/", *, phone: bool = False, **more: Any) -> Any:
        """A page in a browser of its own, or in the one kept for this person."""
        page = self.profile(who, phone, **more).new_page()
        if self.profiles is not None:
            self.opened.append(page)
        self.visit.listen(page)
        page.goto(path)
        return page

    def profile(self, who: str | None, phone: bool = False, **more: Any) -> Any:
        """A browser profile; new tabs of it are `profile.new_page()`."""
        if self.profiles and who in self.profiles:
            return self.profiles[who]
        shape = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": WIDE}
        state = {"storage_state": self.company.state(who)} if who else {}
        made = self.company.browser.new_context(
            base_url=self.company.url, reduced_motion="reduce", **{**shape, **state, **more}
        )
        made.set_default_timeout(15_000)
        if self.profiles is None:
            self.opened.append(made)
        else:
            self.profiles[who] = made
        return made

    def close(self) -> None:
        """Close what was opened."""
        for one in self.opened:
            one.close()


@pytest.fixture
def open_as(company: Company, visit: Visit) -> Iterator[Visitors]:
    """Each page in a browser of its own."""
    visitors = Visitors(company, visit)
    yield visitors
    visitors.close()


@pytest.fixture(scope="session")
def profiles() -> Iterator[dict[str | None, Any]]:
    """Browsers kept for tests that only look."""
    kept: dict[str | None, Any] = {}
    yield kept
    for one in kept.values():
        one.close()


@pytest.fixture
def look_as(company: Company, visit: Visit, profiles: dict[str | None, Any]) -> Iterator[Visitors]:
    """Pages in one browser per person, for tests that only look."""
    visitors = Visitors(company, visit, profiles)
    yield visitors
    visitors.close()
