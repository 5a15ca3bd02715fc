"""A deal's card and everything that opens on it, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any

from browser.pages import dialog, first_row, reached


def deal(open_as: Any, name: str = "Packaging line for the new hall") -> Any:
    """The card of a deal with a company; it is made once."""
    places = open_as.company.places
    if name not in places:
        page = open_as("owner", "/companies/")
        page.goto(first_row(page))
        page.click(".who a[href*='/deals/new']")
        dialog(page)
        page.fill("#dlg [name=name]", name)
        page.click("#dlg .pri")
        page.wait_for_selector(".steps")
        places[name] = page.url
        return page
    return open_as("owner", places[name])


@reached
def deal_card(open_as: Callable[..., Any]) -> Any:
    return deal(open_as)


@reached
def company_with_a_deal(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.click(".who p a")
    page.wait_for_selector(".way")
    return page


@reached
def deal_stage_chosen(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.click(".who a[href$='/move']")
    return dialog(page)


def gated(open_as: Callable[..., Any]) -> Any:
    """A deal before a gate that wants its amount."""
    page = deal(open_as, "Before a gate")
    if not page.locator(".steps .here:has-text('Meeting')").count():
        with page.expect_navigation():
            page.click(".steps button:has-text('Meeting')")
    page.click(".steps button:has-text('Quote')")
    return dialog(page)


@reached
def deal_gate(open_as: Callable[..., Any]) -> Any:
    page = gated(open_as)
    page.click("#dlg details summary")
    return page


@reached
def deal_gate_refused(open_as: Callable[..., Any]) -> Any:
    page = gated(open_as)
    page.click("#dlg .pri")
    page.wait_for_selector("#dlg .errs")
    return page


@reached
def deal_won(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.click(".who a[href$='/won']")
    return dialog(page)


@reached
def deal_lost_refused(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.goto(f"{page.url}/lost")
    page.click(".page .btn.bad")
    page.wait_for_selector(".errs")
    return page


@reached
def deal_moved_by_two(open_as: Callable[..., Any]) -> Any:
    """Somebody has moved it before."""
    page = deal(open_as, "Moved by two")
    page.evaluate("document.querySelectorAll('[data-live]').forEach(part => part.removeAttribute('data-live'))")
    other = deal(open_as, "Moved by two")
    stage = "Qualified" if other.locator(".steps .here:has-text('New')").count() else "New"
    with other.expect_navigation():
        other.click(f".steps button:has-text('{stage}')")
    page.click(".steps button:has-text('Agreement')")
    page.wait_for_selector("#dlg .note-bar")
    return page


@reached
def deal_lines(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.click("#l-lines a[hx-get$='/lines']")
    return dialog(page)


@reached
def deal_lines_refused(open_as: Callable[..., Any]) -> Any:
    page = deal_lines(open_as)
    page.fill("[name=lines-0-name]", "Machine")
    page.fill("[name=lines-0-quantity]", "many")
    page.click("[data-add-row]")
    page.click("#dlg .pri")
    page.wait_for_selector("#dlg .err")
    return page


@reached
def deal_lines_page(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.goto(f"{page.url}/lines")
    return page


@reached
def deal_ended(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as, "Lost before")
    if page.locator(".steps").count():
        page.goto(f"{page.url}/lost")
        page.select_option("[name=reason]", "price")
        with page.expect_navigation():
            page.click(".page .btn.bad")
    page.wait_for_selector(".pill.bad")
    return page


@reached
def kind_of_a_file(open_as: Callable[..., Any]) -> Any:
    page = deal(open_as)
    page.set_input_files("#files [type=file]", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"})
    page.click("#files a[hx-get$='/kind']")
    return dialog(page)
