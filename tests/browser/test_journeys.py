"""What people do all day, on a desk in English and on a phone in Arabic; the long run takes all four ways."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ON_DESK, ON_PHONE = ("north", False), ("south", True)
OTHERS = (("north", True), ("south", False))
visitors = pytest.mark.parametrize(
    ("who", "phone"),
    [ON_DESK, ON_PHONE, *(pytest.param(*one, marks=pytest.mark.full) for one in OTHERS)],
    ids=["desk", "phone-ar", "phone", "desk-ar"],
)
KEYBOARD = str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.", "йцукенгшщзхъфывапролджэячсмитьбю")


def names(page: Any) -> list[str]:
    """The names on a list, in its order."""
    return [str(name) for name in page.locator("tbody .nm a").all_inner_texts()]


def open_card(page: Any, number: int = 0) -> str:
    """Follow the number-th name of a list; its name."""
    link = page.locator("tbody .nm a").nth(number)
    name = str(link.inner_text())
    link.click()
    page.wait_for_selector(".who h1")
    return name


def part(page: Any, key: str) -> None:
    """Turn to a part of the card, where the window shows one at a time: flow, about or rel."""
    tab = page.locator(f"label:has(#z-{key})")
    if tab.is_visible():
        tab.click()


def undo(page: Any) -> None:
    """Press the button of the message and wait for the page it leads to."""
    with page.expect_navigation():
        page.click("#toasts button")


@visitors
def test_a_person_is_added_while_likely_twins_show(open_as: Callable[..., Any], who: str, phone: bool) -> None:
    page = open_as(who, "/people/", phone=phone)
    twin = names(page)[3]
    given, family = twin.split(" ", 1)
    if phone:
        page.click(".bottom .plus")
        page.click("#m-new a[href='/people/new']")
    else:
        page.click("a[data-key=n]")
    page.fill("#dlg [name=given_name]", given)
    page.locator("#dlg [name=family_name]").press_sequentially(family)
    page.wait_for_selector(f"#quick-dup a:has-text('{twin}')")
    page.fill("#dlg [name=family_name]", f"{family}-Newcomer")
    with page.expect_navigation():
        page.click("#dlg .pri")
    assert page.text_content(".who h1").strip() == f"{given} {family}-Newcomer"
    assert page.is_visible("#toasts .toast")
    page.goto("/people/")
    assert f"{given} {family}-Newcomer" in names(page)


def test_what_was_typed_goes_along_to_the_whole_form(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/people/")
    page.keyboard.press("n")
    page.fill("#dlg [name=given_name]", "Ottilie")
    page.click("#dlg [data-plain]")
    page.wait_for_url("**/people/new?*")
    assert page.input_value("[name=given_name]") == "Ottilie"


@visitors
def test_a_company_is_added_by_the_whole_form(open_as: Callable[..., Any], who: str, phone: bool) -> None:
    name = f"Copper Sundial {who} {phone}"
    page = open_as(who, "/companies/new", phone=phone)
    page.click("form.form .pri")
    page.wait_for_selector(".errs")
    assert page.evaluate("document.activeElement.matches('.errs')")
    page.fill("[name=name]", name)
    page.fill("[name=phones-0-value]", "+44 20 7946 0555")
    with page.expect_navigation():
        page.click("form.form .pri")
    assert page.text_content(".who h1").strip() == name
    assert page.locator("#f-phones bdi[dir=ltr]").text_content() == "+44 20 7946 0555"


@visitors
def test_a_field_is_changed_in_place_and_taken_back(open_as: Callable[..., Any], who: str, phone: bool) -> None:
    page = open_as(who, "/people/", phone=phone)
    open_card(page, 1)
    part(page, "about")
    before = page.text_content("#f-position .v").strip()
    page.click("#f-position dd")
    page.fill("#i-position", "Head of sundials")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f-position .v:has-text('Head of sundials')")
    page.wait_for_selector("#toasts button")
    undo(page)
    assert page.text_content("#f-position .v").strip() == before


@visitors
def test_a_list_is_filtered_in_words_sorted_and_kept_as_a_view(
    open_as: Callable[..., Any], who: str, phone: bool
) -> None:
    page = open_as(who, "/companies/", phone=phone)
    page.click("a[data-key=f]")
    page.select_option("#pop [name=f-0]", "kind")
    page.check("#pop [name=v-0][value=customer]")
    with page.expect_navigation():
        page.click("#pop .pri")
    assert page.locator(".chips .chip.on").count() == 1
    few = names(page)
    page.click("a[hx-get*='/sort']")
    with page.expect_navigation():
        page.click("#pop a[href*='sort=turnover']")
    assert page.get_attribute("th[aria-sort]", "aria-sort") in ("ascending", "descending")
    assert sorted(names(page)) == sorted(few)
    page.click("a[hx-get*='/views/new']")
    page.fill("#view-name", f"Sundials {who} {phone}")
    with page.expect_navigation():
        page.click("#pop .pri")
    assert page.text_content(".tabs [aria-current]").strip() == f"Sundials {who} {phone}"
    assert sorted(names(page)) == sorted(few)
    page.goto("/companies/?view=all")
    assert len(names(page)) > len(few)


def test_a_view_is_shared_with_everybody(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/companies/?match=all&f-0=kind&op-0=is&v-0=partner")
    page.click("a[hx-get*='/views/new']")
    page.fill("#view-name", "Partners of ours")
    page.check("#view-shared")
    with page.expect_navigation():
        page.click("#pop .pri")
    assert page.locator(".tabs [aria-current] svg").count() == 1
    other = open_as("north", "/companies/")
    assert other.locator(".tabs a", has_text="Partners of ours").count() == 1


def test_columns_are_chosen_and_put_back(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/people/")
    heads = page.locator("thead th").all_inner_texts()
    page.click("a[hx-get*='/columns']")
    page.uncheck("#pop [name=col]:checked >> nth=0")
    with page.expect_navigation():
        page.click("#pop .pri")
    assert len(page.locator("thead th").all_inner_texts()) == len(heads) - 1
    page.click("a[hx-get*='/columns']")
    with page.expect_navigation():
        page.click("#pop [name=reset]")
    assert page.locator("thead th").all_inner_texts() == heads


@pytest.mark.parametrize(("who", "phone"), [("owner", False), ("head", True)], ids=["desk", "phone-ru"])
def test_three_rows_change_hands_and_come_back(open_as: Callable[..., Any], who: str, phone: bool) -> None:
    page = open_as(who, "/companies/?sort=-title", phone=phone)
    first = names(page)[:3]
    before = owners(page, first)
    assert before != ["Stan Summerfold"] * 3
    for n in range(3):
        page.locator("tbody [name=id]").nth(n).check()
    assert "3" in page.inner_text("#bulk .lbl")
    page.click("#bulk [formaction$='/owner']")
    page.wait_for_selector("#dlg select[name=owner]")
    page.select_option("#dlg [name=owner]", label="Stan Summerfold")
    with page.expect_navigation():
        page.click("#dlg .pri")
    assert "3" in page.inner_text("#toasts .toast")
    assert owners(page, first) == ["Stan Summerfold"] * 3
    undo(page)
    page.goto("/companies/?sort=-title")
    assert owners(page, first) == before


@visitors
def test_a_person_is_related_to_a_company_with_roles(open_as: Callable[..., Any], who: str, phone: bool) -> None:
    page = open_as(who, "/companies/", phone=phone)
    firm = names(page)[7]
    page.goto("/people/")
    open_card(page, 4)
    part(page, "rel")
    page.click(".rel [hx-get*='/links'] >> nth=0")
    page.locator("#dlg [name=other-company_text]").press_sequentially(firm)
    page.click(f"#dlg [role=option]:has-text('{firm}')")
    page.check("#dlg [name=roles][value=buyer]")
    page.check("#dlg [name=roles][value=engineer]")
    with page.expect_navigation():
        page.click("#dlg .pri")
    part(page, "rel")
    line = page.locator(".rel .line", has_text=firm).first
    assert "," in line.locator(".sub").inner_text() or "،" in line.locator(".sub").inner_text()
    undo(page)
    assert page.locator(".rel .line .sub", has_text=firm).count() == 0


@visitors
def test_a_file_is_added_and_comes_back_whole(
    open_as: Callable[..., Any], tmp_path: Path, who: str, phone: bool
) -> None:
    page = open_as(who, "/companies/", phone=phone)
    open_card(page, 2)
    part(page, "rel")
    content = b"Sundial, brass, 1 piece\n" * 40
    name = f"offer {who} {phone}.txt"
    page.set_input_files("#files [type=file]", {"name": name, "mimeType": "text/plain", "buffer": content})
    link = page.locator("#files a[download]", has_text=name)
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == name
    assert download.value.path().read_bytes() == content


@visitors
def test_into_the_trash_and_back(open_as: Callable[..., Any], who: str, phone: bool) -> None:
    page = open_as(who, "/people/?sort=-title", phone=phone)
    name = open_card(page, 2)
    address = page.url
    page.click("[popovertarget=m-rec]")
    with page.expect_navigation():
        page.click("#m-rec form[action$='/trash'] button")
    page.goto("/people/?sort=-title")
    assert name not in names(page)
    page.goto("/trash?type=person")
    with page.expect_navigation():
        page.click(f"li:has-text('{name}') form[action$='/restore'] button")
    page.goto(address)
    assert page.text_content(".who h1").strip() == name
    assert page.locator(".note-bar").count() == 0


def owners(page: Any, wanted: list[str]) -> list[str]:
    """Who holds the cards of these names."""
    rows = [page.locator("tbody tr", has=page.locator(f".nm a:text-is('{name}')")) for name in wanted]
    return [str(row.locator(".us [dir]").text_content()) for row in rows]


def slip(word: str) -> str:
    """The word with one wrong letter in its middle."""
    return word[:3] + "x" + word[4:]


@visitors
def test_a_card_is_found_by_a_slip_by_the_other_keyboard_and_by_a_phone(
    open_as: Callable[..., Any], who: str, phone: bool
) -> None:
    page = open_as(who, "/companies/", phone=phone)
    row = page.locator("tbody tr:has(a[href^='tel:'])").nth(2)
    name = row.locator(".nm a").inner_text()
    number = row.locator("a[href^='tel:']").first.get_attribute("href")
    href = row.locator(".nm a").get_attribute("href")
    for query in (slip(name.lower()), name.lower().translate(KEYBOARD), number[-6:]):
        page.click("[data-palette]:visible >> nth=0")
        page.fill("#pal input", query)
        page.wait_for_selector(f"#pal-list .o[data-href='{href}']")
        page.keyboard.press("Escape")
    page.click("[data-palette]:visible >> nth=0")
    page.fill("#pal input", name)
    page.wait_for_selector(f"#pal-list .o[data-href='{href}']")
    with page.expect_navigation():
        page.click(f"#pal-list .o[data-href='{href}']")
    assert page.text_content(".who h1").strip() == name


def test_a_hit_pressed_while_a_newer_answer_comes_is_followed(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/companies/")
    name, href = names(page)[0], page.get_attribute("tbody .nm a", "href")
    page.click("[data-palette]:visible >> nth=0")
    page.fill("#pal input", name)
    page.hover(f"#pal-list .o[data-href='{href}']")
    page.mouse.down()
    with page.expect_response(lambda answer: "/palette?" in answer.url):
        page.locator("#pal input").press("End")
        page.locator("#pal input").press("Space")
    page.wait_for_selector("#pal input[data-shown$=' ']")
    with page.expect_navigation():
        page.mouse.up()
    assert page.text_content(".who h1").strip() == name


def test_a_card_knows_its_place_in_the_list(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/companies/?sort=-title")
    wanted = names(page)
    open_card(page, 1)
    total = page.text_content("[data-place] .num").split("/")[1].strip()
    assert page.text_content("[data-place] .num") == f"2 / {total}"
    for key, place in (("j", 2), ("k", 1), ("k", 0)):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert page.text_content(".who h1").strip() == wanted[place]
    assert page.locator("[data-place] [rel=prev]").count() == 0
    with page.expect_navigation():
        page.click("a.btn[data-back]")
    assert page.url.endswith("/companies/?sort=-title")


def test_a_card_opened_alone_shows_no_place(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/companies/")
    address = page.get_attribute("tbody .nm a", "href")
    alone = open_as("north", address)
    assert alone.locator("[data-place]").is_hidden()
