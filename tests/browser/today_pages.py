"""Today, the calendar and what opens on them, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any

from browser.pages import dialog, reached

TEAM = "/today?scope=team"


def line_form(open_as: Callable[..., Any], what: str) -> Any:
    """Everybody's lines, with the form under one of them."""
    page = open_as("owner", TEAM)
    page.locator(f"#list tbody tr [form='line-{what}']").nth(1).click()
    page.wait_for_selector("#do :focus")
    return page


@reached
def line_done(open_as: Callable[..., Any]) -> Any:
    page = line_form(open_as, "done")
    page.click("#do .pri")
    page.wait_for_selector("#do [aria-invalid]")
    return page


@reached
def line_later(open_as: Callable[..., Any]) -> Any:
    return line_form(open_as, "later")


@reached
def line_given(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", TEAM)
    page.locator("#list [form='line-give']").first.click()
    return dialog(page)


@reached
def lines_given(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", TEAM)
    page.check("[data-all]")
    page.click("#bulk [hx-post]")
    return dialog(page)


@reached
def calendar_of_a_month(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/calendar?view=month&scope=team")
    page.wait_for_selector(".ec-event")
    return page


@reached
def calendar_of_a_week(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/calendar?view=week&scope=team")
    page.wait_for_selector(".ec-event")
    return page


@reached
def calendar_whose(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/calendar?view=list&scope=team")
    page.click("[popovertarget=m-whose]")
    page.wait_for_selector("#m-whose:popover-open")
    return page


@reached
def task_in_the_calendar(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/calendar?view=list&scope=team")
    page.locator("#agenda .line a[hx-get]").first.click()
    page.wait_for_selector("#dlg[open] .brief")
    return page


@reached
def task_moved_in_the_calendar(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/calendar?view=list&scope=team")
    page.locator("#agenda a[hx-get*='/move']").first.click()
    return dialog(page)
