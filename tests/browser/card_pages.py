"""A card's pages and everything that opens on one, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from browser.pages import card, dialog, reached


@reached
def person(open_as: Callable[..., Any]) -> Any:
    return card(open_as)


@reached
def company_card(open_as: Callable[..., Any]) -> Any:
    return card(open_as, "companies")


@reached
def person_edit(open_as: Callable[..., Any]) -> Any:
    return card(open_as, tail="/edit")


@reached
def company_edit(open_as: Callable[..., Any]) -> Any:
    return card(open_as, "companies", tail="/edit")


@reached
def history(open_as: Callable[..., Any]) -> Any:
    return card(open_as, "companies", tail="/history")


@reached
def field_page(open_as: Callable[..., Any]) -> Any:
    return card(open_as, tail="/fields/phones")


@reached
def shares_page(open_as: Callable[..., Any]) -> Any:
    return card(open_as, tail="/shares")


@reached
def link_page(open_as: Callable[..., Any]) -> Any:
    return card(open_as, tail="/links")


@reached
def card_menu(open_as: Callable[..., Any]) -> Any:
    page = card(open_as)
    page.click("[popovertarget=m-rec]")
    page.wait_for_selector("#m-rec:popover-open")
    return page


@reached
def share_dialog(open_as: Callable[..., Any]) -> Any:
    page = card_menu(open_as)
    page.click("#m-rec [hx-get$='/shares']")
    return dialog(page)


@reached
def link_dialog(open_as: Callable[..., Any]) -> Any:
    page = card(open_as)
    page.click(".rel [hx-target='#dlg-body']")
    return dialog(page)


@reached
def consent_dialog(open_as: Callable[..., Any]) -> Any:
    page = card(open_as)
    page.click("#l-consents h2 a")
    return dialog(page)


def consented(open_as: Callable[..., Any]) -> Any:
    """The card of a person in whose journal an entry was just made."""
    page = card(open_as, tail="/consents/new")
    page.select_option("main [name=purpose]", index=1)
    page.select_option("main [name=way]", index=1)
    page.fill("main [name=note]", "Signed at the fair")
    with page.expect_navigation():
        page.click("main form .pri")
    return page


@reached
def consents_opened(open_as: Callable[..., Any]) -> Any:
    page = consented(open_as)
    page.evaluate("() => document.getElementById('z-rel').checked = true")
    page.click("#l-consents summary")
    page.wait_for_selector("#consents .line")
    return page


@reached
def consents(open_as: Callable[..., Any]) -> Any:
    page = consented(open_as)
    page.goto(page.url + "/consents")
    page.click("main .line form button")  # taken back: it stays, crossed out
    page.wait_for_selector("main s")
    return page


@reached
def person_editors(open_as: Callable[..., Any]) -> Any:
    return editors(card(open_as))


@reached
def company_editors(open_as: Callable[..., Any]) -> Any:
    return editors(card(open_as, "companies"))


def editors(page: Any) -> Any:
    """Every editor open at once: the page must not hear how the focus goes from one to the next."""
    page.evaluate("() => addEventListener('focusout', e => e.stopImmediatePropagation(), true)")
    page.evaluate("() => document.querySelectorAll('.f .ed').forEach(link => link.click())")
    page.wait_for_function("() => document.querySelector('.f.editing') && !document.querySelector('.f .ed')")
    return page


@reached
def tags_in_place(open_as: Callable[..., Any]) -> Any:
    page = card(open_as, "companies")
    page.click("#tags [hx-get]")
    page.wait_for_selector("form#tags")
    return page


@reached
def field_refused(open_as: Callable[..., Any]) -> Any:
    page = card(open_as, "companies")
    page.click("#f-employees dd")
    page.fill("#i-employees", "a few")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f-employees .err")
    return page


@reached
def mention(open_as: Callable[..., Any]) -> Any:
    page = card(open_as)
    page.locator("#note-text").press_sequentially("Please look, @ne")
    page.wait_for_selector("#mention-list:popover-open .o")
    return page


@reached
def masked_card(open_as: Callable[..., Any]) -> Any:
    """Phones and e-mails exist, but are not for him."""
    page = card(open_as, "companies", "assistant")
    page.wait_for_selector("#f-phones .v[aria-label]")
    return page


@reached
def masked_list(open_as: Callable[..., Any]) -> Any:
    return open_as("assistant", "/companies/")


@reached
def card_of_a_single_field(open_as: Callable[..., Any]) -> Any:
    """All other fields are hidden from the accountant."""
    page = open_as("owner", "/settings/roles")
    page.goto(str(page.get_attribute("tr:has-text('Accountant') a.u", "href")))
    for box in page.locator("#c-fields-person select:not([name=family_name])").all():
        box.evaluate("box => { box.value = 'hide'; }")
    page.locator("#c-fields-person form").evaluate("form => form.requestSubmit()")
    page.wait_for_selector("#toasts .toast")
    page = card(open_as, "people", "accountant")
    assert page.locator(".about .f").count() == 1
    return page


@reached
def trashed_card(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/new")
    page.fill("[name=name]", "Thrown Away Dials")
    with page.expect_navigation(url="**/companies/*-*-*"):
        page.click("form.form .pri")
    address = page.url
    page.click("[popovertarget=m-rec]")
    with page.expect_navigation():
        page.click("#m-rec form[action$='/trash'] button")
    page.goto(address)
    page.wait_for_selector(".note-bar")
    return page


@reached
def full_trash(open_as: Callable[..., Any]) -> Any:
    page = trashed_card(open_as)
    page.goto("/trash?type=company")
    page.wait_for_selector("main li form")
    return page


@reached
def draft(open_as: Callable[..., Any]) -> Any:
    """A form that holds what was begun."""
    page = open_as("head", "/companies/new")
    with page.expect_response("**/drafts/*"):
        page.fill("[name=name]", "Begun")
    page.reload()
    page.wait_for_selector(".note-bar")
    return page


def clash(open_as: Callable[..., Any]) -> Any:
    """One's own words in an editor of a card on which somebody else has just saved his."""
    mine = card(open_as, "companies")
    mine.click("#f-legal_name dd")
    mine.fill("#i-legal_name", "Words of mine")
    theirs = card(open_as, "companies", "assistant")
    theirs.click("#f-legal_name dd")
    theirs.fill("#i-legal_name", f"Words of theirs {uuid4().hex}")
    theirs.keyboard.press("Enter")
    theirs.wait_for_selector("#f-legal_name .v:has-text('Words of theirs')")
    return mine


@reached
def both_versions_in_place(open_as: Callable[..., Any]) -> Any:
    page = clash(open_as)
    page.keyboard.press("Enter")
    page.wait_for_selector("form.clash")
    return page


@reached
def both_versions(open_as: Callable[..., Any]) -> Any:
    """The page of its own that a form without scripts comes to."""
    page = clash(open_as)
    page.evaluate("() => document.querySelector('form.fe').submit()")
    page.wait_for_selector("fieldset.clash")
    return page
