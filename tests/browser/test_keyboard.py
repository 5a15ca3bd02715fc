"""Everything by the keyboard alone: reached, worked, left again, the focus never lost; letters keep out of fields."""

from collections.abc import Callable
from typing import Any

import pytest

from browser.pages import SETTINGS, first_row

# A mark of the focused element, empty when the focus has left the page.
STOP = """() => {
  const e = document.activeElement;
  return e === document.body ? '' : e.dataset.stop ||= Math.random();
}"""
# The focused element is drawn differently from the same element without the focus.
SEEN = """() => {
  const parts = ['outline', 'boxShadow', 'borderColor', 'backgroundColor', 'clipPath', 'position'];
  const e = document.activeElement, look = x => parts
    .map(p => getComputedStyle(x)[p] + getComputedStyle(x, '::after')[p] + getComputedStyle(x, '::before')[p]).join();
  const box = e.closest('label, .sfind, .composer, .pal .q, .find') || e, [mine, around] = [look(e), look(box)];
  e.blur();
  const changed = mine !== look(e) || around !== look(box);
  e.focus({preventScroll: true});
  return changed ? '' : e.outerHTML.slice(0, 150);
}"""


def press(page: Any, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def focused(page: Any, selector: str) -> bool:
    """Is the focus on what fits the selector?"""
    return bool(page.evaluate("s => document.activeElement.matches(s)", selector))


def wait_focus(page: Any, selector: str) -> None:
    """Wait until the focus is on what fits the selector."""
    page.wait_for_function("s => document.activeElement.matches(s)", arg=selector)


def walk(page: Any) -> int:
    """Go through the page by Tab to its end; each stop must be visible as such; how many stops there were."""
    seen: set[str] = set()
    for step in range(250):
        press(page, "Tab")
        where = page.evaluate(STOP)
        if not where or where in seen:
            return step
        seen.add(where)
        assert page.evaluate(SEEN) == ""
    return 250


@pytest.mark.parametrize(
    "path",
    [
        "/companies/?match=all&f-0=kind&op-0=is&v-0=partner",
        "/people/new",
        "/search?q=amber",
        "/trash",
        "/more",
        "/settings/roles",
        "/import",
        "/duplicates",
        "/exports/new/people",
        "/settings/duplicates",
        "/api/docs/people",
    ],
)
def test_tab_goes_through_a_page_and_every_stop_shows(look_as: Callable[..., Any], path: str) -> None:
    assert walk(look_as("owner", path)) > 10


def test_tab_goes_through_a_card(look_as: Callable[..., Any]) -> None:
    page = look_as("owner", "/companies/")
    page.goto(first_row(page))
    assert walk(page) > 25


def test_the_skip_link_leads_past_the_menu(look_as: Callable[..., Any]) -> None:
    page = look_as("owner", "/companies/")
    press(page, "Tab")
    assert focused(page, ".skip")
    press(page, "Enter")
    wait_focus(page, "#main")
    press(page, "Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_settings_are_left_and_entered_by_their_list(look_as: Callable[..., Any]) -> None:
    page = look_as("owner", "/settings/profile")
    for key in SETTINGS[1:3]:
        page.focus(f".side a[href='/settings/{key}']")
        with page.expect_navigation():
            press(page, "Enter")
        assert page.url.endswith(key)


@pytest.mark.parametrize("key", ["Control+k", "/"])
def test_the_palette_opens_chooses_and_gives_the_focus_back(look_as: Callable[..., Any], key: str) -> None:
    page = look_as("owner", "/companies/")
    page.focus("a[data-key=f]")
    press(page, key)
    page.wait_for_selector("#pal-list .o")
    assert focused(page, "#pal input")
    press(page, "Escape")
    page.wait_for_selector("#pal:not([open])", state="attached")
    assert focused(page, "a[data-key=f]")
    press(page, key)
    page.keyboard.type("amber anchor")
    page.wait_for_selector("#pal-list .o:has-text('Amber Anchor')")
    with page.expect_navigation():
        press(page, "Enter")
    assert page.text_content("h1").strip() == "Amber Anchor"


def test_letters_walk_choose_and_edit_rows(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/companies/")
    press(page, "j", "j", "j", "k")
    row = page.locator("tbody tr").nth(1)
    assert row.locator(".nm a").evaluate("a => a === document.activeElement")
    press(page, "x", "Shift+ArrowDown")
    assert page.locator("tbody [name=id]:checked").count() == 2
    press(page, "e")
    wait_focus(page, "td.editing *")
    press(page, "Escape")
    page.wait_for_selector("td.editing", state="detached")
    wait_focus(page, "tbody tr *")


def test_bulk_by_keys(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/people/")
    press(page, "j", "x")
    page.focus("#bulk [formaction$='/tag']")
    press(page, "Enter")
    page.wait_for_selector("#dlg[open] form")
    assert page.evaluate("document.activeElement.closest('#dlg') !== null")
    press(page, "Escape")
    page.wait_for_selector("#dlg:not([open])", state="attached")
    assert focused(page, "#bulk [formaction$='/tag']")


def test_going_making_editing_and_the_list_of_keys(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/companies/")
    with page.expect_navigation():
        press(page, "g", "p")
    assert page.url.endswith("/people/")
    with page.expect_navigation():
        press(page, "g", "c")
    assert page.url.endswith("/companies/")
    press(page, "n")
    page.wait_for_selector("#dlg[open] form")
    press(page, "Escape")
    page.wait_for_selector("#dlg:not([open])", state="attached")
    press(page, "?")
    page.wait_for_selector("#dlg[open] .keys")
    press(page, "Escape")
    page.wait_for_selector("#dlg:not([open])", state="attached")
    page.goto(first_row(page))
    with page.expect_navigation():
        press(page, "e")
    assert page.url.endswith("/edit")


def test_help_opens_and_gives_the_focus_back(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/companies/")
    page.focus("a[data-key=f]")
    press(page, "F1")
    page.wait_for_selector("#dlg[open] #dlg-body h2")
    press(page, "Escape")
    page.wait_for_selector("#dlg:not([open])", state="attached")
    assert focused(page, "a[data-key=f]")


def test_escape_closes_one_layer_at_a_time(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/people/")
    page.goto(first_row(page))
    page.focus(".rel [hx-get*='/links'] >> nth=0")
    press(page, "Enter")
    page.wait_for_selector("#dlg[open] [role=combobox]")
    page.focus("#dlg [role=combobox]")
    page.keyboard.type("amber")
    page.wait_for_selector("#dlg [role=listbox]:popover-open .o")
    press(page, "Escape")
    page.wait_for_selector("#dlg [role=listbox]:popover-open", state="detached")
    assert page.locator("#dlg[open]").count() == 1
    press(page, "Escape")
    page.wait_for_selector("#dlg:not([open])", state="attached")
    assert page.evaluate("document.activeElement.closest('.rel') !== null")


def test_a_popover_gives_the_focus_back(look_as: Callable[..., Any]) -> None:
    page = look_as("owner", "/companies/")
    page.focus("a[data-key=f]")
    press(page, "Enter")
    page.wait_for_selector("#pop:popover-open form")
    assert page.evaluate("document.activeElement.closest('#pop') !== null")
    press(page, "Escape")
    wait_focus(page, "a[data-key=f]")


def test_fields_in_place_by_enter_escape_and_tab(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/people/")
    page.goto(first_row(page))
    page.focus("#f-position .ed")
    before = page.text_content("#f-position .v")
    press(page, "Enter")
    wait_focus(page, "#i-position")
    page.keyboard.type("Thrown away")
    press(page, "Escape")
    wait_focus(page, "#f-position .ed")
    assert page.text_content("#f-position .v") == before
    press(page, "Enter")
    wait_focus(page, "#i-position")
    page.keyboard.type("Saved by Tab")
    press(page, "Tab")
    page.wait_for_selector("#f-position .v:has-text('Saved by Tab')")
    page.wait_for_function("() => document.activeElement.closest('.f.editing') !== null")
    assert not focused(page, "#i-position")


def test_letters_never_fire_in_fields_and_can_be_switched_off(open_as: Callable[..., Any]) -> None:
    page = open_as("accountant", "/companies/")
    page.goto("/search")
    page.focus("main [name=q]")
    page.keyboard.type("gcn?/jx")
    assert page.input_value("main [name=q]") == "gcn?/jx"
    assert page.locator("dialog[open]").count() == 0
    page.goto("/settings/look")
    with page.expect_navigation():
        page.check("[type=checkbox][name=keys_off]")
    page.goto("/companies/")
    press(page, "?", "/", "j", "g", "p")
    assert page.locator("dialog[open]").count() == 0
    assert focused(page, "body")
    assert page.url.endswith("/companies/")
    press(page, "Control+k")
    page.wait_for_selector("#pal[open]")
