"""What a card does by itself: takes files that are dropped on it, marks its notices as read, wears the accent."""

from collections.abc import Callable
from typing import Any

from browser.pages import first_row

DROP = """(form, [name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: 'text/plain' }));
  for (const type of ['dragover', 'drop'])
    form.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def test_a_dropped_file_is_kept_on_the_card(open_as: Callable[..., Any]) -> None:
    page = open_as("north", "/companies/")
    page.goto(first_row(page))
    page.eval_on_selector("#files form[data-drop]", DROP, ["dropped.txt", "let fall"])
    page.wait_for_selector("#files .line:has-text('dropped.txt')")
    page.reload()
    with page.expect_download() as download:
        page.click("#files a:has-text('dropped.txt')")
    assert download.value.path().read_text() == "let fall"


def test_an_opened_card_lowers_the_bell(open_as: Callable[..., Any]) -> None:
    giver = open_as("head", "/companies/")
    giver.goto(first_row(giver))
    address = giver.evaluate("location.pathname")
    reader = open_as("assistant", "/people/")

    def unread() -> int:
        return int(reader.evaluate("parseInt(document.querySelector('#bell').innerText || '0')"))

    before = unread()
    name = reader.inner_text("[popovertarget=m-me] .lbl")
    giver.locator("#note-text").press_sequentially(f"For you, @{name[:3]}")
    giver.click(f"#mention-list .o:has-text('{name}')")
    giver.click("#note .pri")
    reader.wait_for_function("n => parseInt(document.querySelector('#bell').innerText || '0') > n", arg=before)
    with reader.expect_response(lambda answer: answer.url.endswith("/notices/read")):
        reader.goto(address)
    reader.wait_for_function("n => parseInt(document.querySelector('#bell').innerText || '0') <= n", arg=before)
    told = []
    reader.on("request", lambda request: told.append(request.url))
    reader.goto(address)
    assert not [url for url in told if url.endswith("/notices/read")]


def test_the_accent_is_worn_in_both_themes(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/settings/company")

    def accent(theme: str) -> str:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        return str(page.evaluate("getComputedStyle(document.querySelector('.mark')).backgroundColor"))

    def choose(word: str) -> None:
        with page.expect_navigation():
            page.check(f"#c-look label:has-text('{word}') input")

    pine = accent("light"), accent("dark")
    try:
        choose("Violet")
        assert page.get_attribute("html", "data-accent") == "300"
        violet = accent("light"), accent("dark")
        assert len({*pine, *violet}) == 4
    finally:
        choose("Pine")
    assert (accent("light"), accent("dark")) == pine
