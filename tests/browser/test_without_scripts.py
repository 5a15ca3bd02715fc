"""Every page works by plain links and forms, in a browser that runs no scripts."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def plain(open_as: Callable[..., Any]) -> Callable[..., Any]:
    """Opens pages without scripts."""
    return lambda who, path="/": open_as(who, path, java_script_enabled=False)


def test_login(plain: Callable[..., Any]) -> None:
    page = plain(None, "/people/")
    page.fill("#username", "assistant@demo.example")
    page.fill("#password", "wrong")
    page.click("button.pri")
    assert page.is_visible("#login-err")
    page.fill("#password", "moonlit-teapot")
    page.click("button.pri")
    assert page.url.endswith("/people/")


def test_a_list_is_filtered_sorted_paged_and_kept(plain: Callable[..., Any]) -> None:
    page = plain("north", "/companies/")
    page.click("a[data-key=f]")
    page.select_option("[name=f-0]", "kind")
    page.click("[name=again]")
    page.check("[name=v-0][value=customer]")
    page.click("form.flt .pri")
    assert page.locator(".chips .chip.on").count() == 1
    few = page.locator("tbody tr").count()
    page.click("a[href*='/sort']")
    page.click("main a[href*='sort=turnover']")
    assert page.locator("th[aria-sort]").count() == 1
    assert page.locator("tbody tr").count() == few
    page.click("a[href*='/views/new']")
    page.fill("#view-name", "Kept without scripts")
    page.click("main form .pri")
    assert page.text_content(".tabs [aria-current]").strip() == "Kept without scripts"
    page.goto("/companies/?view=all")
    first = page.text_content("tbody .nm a")
    page.click(".foot [rel=next]")
    assert page.text_content("tbody .nm a") != first


def test_columns_move_by_buttons(plain: Callable[..., Any]) -> None:
    page = plain("north", "/people/")
    before = page.locator("thead th").all_inner_texts()
    page.click("a[href*='/columns']")
    page.click("[name=down] >> nth=0")
    page.click("main form .pri")
    assert page.locator("thead th").all_inner_texts() != before
    page.click("a[href*='/columns']")
    page.click("[name=reset]")
    assert page.locator("thead th").all_inner_texts() == before


def test_a_card_is_made_changed_put_away_and_brought_back(plain: Callable[..., Any]) -> None:
    page = plain("north", "/companies/")
    page.click("a[data-key=n]")
    page.click("form.form .pri")
    assert page.is_visible(".errs")
    page.fill("[name=name]", "Plain Dials")
    page.click("form.form .pri")
    assert page.text_content(".who h1").strip() == "Plain Dials"
    address = page.url
    page.click("a[data-key=e]")
    page.fill("[name=legal_name]", "Plain Dials and Daughters")
    page.click("form.form .pri")
    page.focus("#f-legal_name .ed")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fields/legal_name")
    page.fill("[name=legal_name]", "Plain Dials and Sons")
    page.click("form.form .pri")
    assert "Plain Dials and Sons" in page.text_content("#f-legal_name .v")
    page.click("#story article:has-text('Plain Dials and Sons') button")
    assert "Plain Dials and Daughters" in page.text_content("#f-legal_name .v")
    page.fill("#note-text", "A plain note")
    page.click("#note .pri")
    page.goto(address)
    assert page.locator("#story .box", has_text="A plain note").count() == 1
    page.click("[popovertarget=m-rec]")
    page.click("#m-rec form[action$='/trash'] button")
    page.goto("/trash?type=company")
    page.click("li:has-text('Plain Dials') form[action$='/restore'] button")
    page.goto(address)
    assert page.locator(".note-bar").count() == 0


def test_rows_change_by_a_page_that_asks(plain: Callable[..., Any]) -> None:
    page = plain("owner", "/people/?sort=-title")
    page.check("tbody [name=id] >> nth=0")
    page.click("#bulk [formaction$='/tag']")
    page.select_option("[name=tag]", index=1)
    page.click("main form .pri")
    assert "1" in page.inner_text("#toasts .toast")
    page.click("#toasts button")
    assert "1" in page.inner_text("#toasts .toast")


def test_settings_are_saved_by_their_button(plain: Callable[..., Any]) -> None:
    page = plain("accountant", "/settings/profile")
    page.fill("[name=name]", "Penny Plain")
    page.click("#c-profile button:visible")
    page.goto("/settings/profile")
    assert page.input_value("[name=name]") == "Penny Plain"


def test_search_and_the_other_pages(plain: Callable[..., Any]) -> None:
    page = plain("owner", "/companies/")
    page.click("a.find")
    page.fill("main [name=q]", "amber anchor")
    page.click("main form button")
    page.click("main a:has-text('Amber Anchor')")
    assert page.text_content(".who h1").strip() == "Amber Anchor"
    page.click("nav.nav a[href='/notices']")
    assert page.url.endswith("/notices")
    page.goto("/more")
    page.click("main a[href^='/settings']")
    assert "/settings" in page.url


def until(page: Any, selector: str) -> Any:
    """Load the page again until the background has come to offer this."""
    for _patience in range(200):
        if page.locator(selector).count():
            break
        page.wait_for_timeout(300)
        page.reload()
    return page.locator(selector)


def test_a_file_comes_in_and_goes_again(plain: Callable[..., Any]) -> None:
    page = plain("owner", "/import")
    content = b"Given name;Family name;E-mail\nZelda;Zimmer;zelda@plain.example\n"
    page.set_input_files("[name=file]", {"name": "plain.csv", "mimeType": "text/csv", "buffer": content})
    page.click("main form .pri")
    until(page, "[name=try]").click()
    until(page, "form[action$='/run'] button").click()
    until(page, "form[action$='/undo'] button")
    page.goto("/people/?match=all&f-0=family_name&op-0=contains&v-0=zimmer")
    assert page.text_content("tbody .nm a") == "Zelda Zimmer"
    page.goto("/import")
    page.click("main a:has-text('plain.csv')")
    page.click("form[action$='/undo'] button")
    until(page, "main:not(:has(form[action$='/undo'])) [role=status]:has-text('Taken back')")
    page.goto("/people/?match=all&f-0=family_name&op-0=contains&v-0=zimmer")
    assert page.locator("tbody .nm a").count() == 0


def test_clients_are_shared_out_on_paper_first(plain: Callable[..., Any]) -> None:
    page = plain("owner", "/handover")
    page.select_option("[name=from_user]", label="Nell Winterby")
    page.click("form.form .pri")
    page.check("label:has-text('Stan') [name=to]")
    page.click("form[method=get] button")
    assert "Stan" in page.inner_text("table.plain tbody th")
    assert page.locator("form[action$='/go'] button").count() == 1


def test_a_question_that_needs_more_is_asked_again_on_its_page(plain: Callable[..., Any]) -> None:
    page = plain("owner", "/companies/")
    page.goto(str(page.get_attribute("tbody .nm a", "href")) + "/open")
    page.click("main form .pri")
    assert page.locator("main form .err").count() == 2
    page.select_option("[name=with]", label="Ada Inkwell")
    page.fill("[name=reason]", "Stands in for a week")
    page.click("main form .pri")
    page.goto("/settings/openings")
    assert page.locator("main td", has_text="Stands in for a week").count() >= 1
