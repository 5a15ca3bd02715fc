"""A task's card, the tasks on other cards and everything that opens on them, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any

from browser.pages import dialog, first_row, reached


def task(open_as: Any, name: str = "Ask about the lamps", *, late: bool = False) -> Any:
    """The card of a task about a company, with a checklist; it is made once."""
    places = open_as.company.places
    if name not in places:
        page = open_as("owner", "/companies/")
        page.goto(first_row(page))
        page.click("label[for=cm-task]")
        page.fill("#ct-task [name=name]", name)
        if late:
            page.fill("#ct-task [name=due_at]", "2026-01-05T10:00")
        with page.expect_navigation():
            page.click("#ct-task .pri")
        page.click(f".rel a:has-text('{name}')")
        page.wait_for_selector("#b-task")
        places[name] = page.url
        page.goto(f"{page.url}/checklist")
        page.fill("[name=items]", "Price\nTerms of delivery")
        with page.expect_navigation():
            page.click(".ask-task .acts .pri")
    return open_as("owner", places[name])


@reached
def task_card(open_as: Callable[..., Any]) -> Any:
    page = task(open_as)
    page.click(".ticklist button")
    page.wait_for_selector(".ticklist [aria-checked]")
    return page


@reached
def card_with_a_late_step(open_as: Callable[..., Any]) -> Any:
    page = task(open_as, "Long ago", late=True)
    page.click(".who p a")
    page.wait_for_selector(".next.bad")
    return page


def asked(open_as: Any, tail: str) -> Any:
    """A dialog of the task's card."""
    page = task(open_as)
    page.click(f"#main a[href*='/{tail}']:visible")
    return dialog(page)


@reached
def task_finish(open_as: Callable[..., Any]) -> Any:
    page = asked(open_as, "finish")
    page.click("#dlg .acts .pri")
    page.wait_for_selector("#dlg .err")
    return page


@reached
def task_later(open_as: Callable[..., Any]) -> Any:
    return asked(open_as, "later")


@reached
def task_give(open_as: Callable[..., Any]) -> Any:
    return asked(open_as, "give")


@reached
def task_repeat(open_as: Callable[..., Any]) -> Any:
    return asked(open_as, "repeat")


@reached
def task_help(open_as: Callable[..., Any]) -> Any:
    return asked(open_as, "help")


@reached
def task_plan(open_as: Callable[..., Any]) -> Any:
    page = task(open_as)
    page.click(".who p a")
    page.click(".rel a[href^='/tasks/plan']")
    return dialog(page)


@reached
def call_written_down(open_as: Callable[..., Any]) -> Any:
    """The composer with the form for a call, refused."""
    page = open_as("owner", "/companies/")
    page.goto(first_row(page))
    page.click("label[for=cm-call]")
    page.click("#ct-call .pri")
    page.wait_for_selector("#ct-call .err")
    return page


@reached
def meeting_planned(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.goto(first_row(page))
    page.click("label[for=cm-meeting]")
    return page
