"""What goes over the line and what stands on a page, within the limits of docs: bytes, requests, elements."""

from collections.abc import Callable
from typing import Any

import pytest

from browser.pages import first_row

KB = 1024
HEAD = 850  # bytes of one answer's head: the limit of a page is that of its HTML
OWN_STYLE = 4 * KB  # of the file that only pages of one kind load
LANGUAGES = {"owner": "en", "head": "ru", "south": "ar"}
everybody = pytest.mark.parametrize("who", LANGUAGES, ids=LANGUAGES.values())


class Line:
    """Counts what a page takes, as the browser's network log tells it: encoded bytes, heads of answers included."""

    def __init__(self, page: Any) -> None:
        self.files: dict[str, tuple[str, float]] = {}
        self.session = page.context.new_cdp_session(page)
        self.session.on("Network.responseReceived", self._received)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.send("Network.enable")

    def _received(self, said: Any) -> None:
        if not said["response"].get("fromDiskCache") and said["response"]["url"].startswith("http"):
            self.files[said["requestId"]] = (said["response"]["url"], 0.0)

    def _finished(self, said: Any) -> None:
        if said["requestId"] in self.files:
            self.files[said["requestId"]] = (self.files[said["requestId"]][0], said["encodedDataLength"])

    def taken(self, page: Any, path: str) -> dict[str, float]:
        """Go there and wait until nothing is on its way; address -> bytes, the live stream left out."""
        self.files.clear()
        page.goto(path)
        page.evaluate("document.fonts.ready.then(() => null)")
        return {url: size for url, size in self.files.values() if not url.endswith(("/live", ".svg")) or "icons" in url}


@everybody
def test_first_visit_and_next_pages(open_as: Callable[..., Any], who: str) -> None:
    page = open_as(who, "about:blank")
    line = Line(page)
    first = line.taken(page, "/companies/")
    assert page.get_attribute("html", "lang") == LANGUAGES[who]
    assert sum(first.values()) <= 80 * KB, first
    assert len(first) <= 8, list(first)
    card = first_row(page)
    for path in ("/people/", card, "/people/new", "/search?q=amber", "/notices", "/settings/roles"):
        later = line.taken(page, path)
        style = sum(size for url, size in later.items() if url.endswith(".css"))
        assert style <= OWN_STYLE, later  # once for all pages of its kind
        assert sum(later.values()) - style <= 10 * KB + HEAD, later
        assert page.evaluate("document.querySelectorAll('*').length") <= 2500, path


def test_a_page_that_has_not_changed_is_not_sent_again(open_as: Callable[..., Any]) -> None:
    page = open_as("accountant", "/more")
    answer = page.request.get("/more")
    again = page.request.get("/more", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body()) == (304, b"")
