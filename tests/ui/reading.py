"""Reads a page as a screen reader would: what it says, in which direction, and whether any of it is English."""

import json
import re
from html.parser import HTMLParser
from zoneinfo import available_timezones

from comity.ui.names import zone_name

SPOKEN = ("aria-label", "aria-description", "placeholder", "title", "alt", "label")
SILENT = {"script", "style", "kbd", "code", "svg"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}
# Left out: addresses, e-mails, time zones, codes (EUR, EG, API), keys of cards, the words the surfaces look for, texts
# of the fake room.
NO_WORDS = re.compile(
    r"%s|https?://\S*|\S*@\S+|\S+\.(?:example|txt)\S*|\b(?:[A-Z]\w+/)+[\w+-]+|\b[A-Z]{2,3}\b|\bown_\w*"
    r"|[Ff]ake(?: \w+)?|[Zz]qxhi\w*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
# The product, names of other makers' things, keys of the keyboard, what a program must send letter by letter.
NAMES = {
    "Comity", "PostgreSQL", "Ctrl", "N", "E", "K", "Authorization", "Bearer",
    "IBAN", "BIK", "XLSX", "vCard", "JSON", "Lines",
    "Telegram", "WhatsApp", "Viber", "Signal", "LinkedIn", "Firefox", "Linux",
}  # fmt: skip
MINE = {
    "f",
    "test",
    "x",
    "properties",
}  # data of this house: a label of the fake room, the browser's name, a key, an address
NAMES_OF_LANGUAGES = {"English", "Bahasa", "Indonesia"}
# Cities of time zones that are newer than the names known to Babel.
CITIES = {name for zone in available_timezones() if (name := zone_name(zone, "ar")) == zone_name(zone, "en")}


class Spoken(HTMLParser):
    """Collects what a page says: text, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        given = dict(attrs)
        self.said += [text for name in SPOKEN if (text := given.get(name))]
        if tag == "script" and given.get("id") == "i18n":
            self.open[-1] = "i18n"

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() not in (tag, "i18n"):
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "i18n":
            self.said += [str(text) for text in json.loads(data.strip() or "{}").values()]
        elif not SILENT & set(self.open):
            self.said.append(data)


def english(page: Spoken) -> set[str]:
    """The Latin words of a page that nothing excuses, each with what stands around it."""
    allowed = NAMES | MINE | NAMES_OF_LANGUAGES
    found = set()
    for text in page.said:
        rest = NO_WORDS.sub(" ", "" if text in CITIES else text)
        if any(word not in allowed for word in WORD.findall(rest)):
            found.add(" ".join(text.split())[:120])
    return found


class Directed(HTMLParser):
    """Finds elements that take their direction from their text (dir=auto) but have none that browsers look at.

    Text within a further element with a direction of its own does not count: the outer one would run left to right.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str, list[str], list[str]]] = []  # tag, direction, text that counts, all text
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("dir") or ("auto" if tag == "bdi" else ""), [], []))

    def handle_data(self, data: str) -> None:
        counts = True
        for _tag, direction, own, every in reversed(self.open):
            every.append(data)
            own += [data] if counts else []
            counts = counts and not direction

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            name, direction, own, every = self.open.pop()
            said = "".join(every).strip()
            if direction == "auto" and any(map(str.isalpha, said)) and not any(map(str.isalpha, "".join(own))):
                self.wrong.append(" ".join(said.split()))
            if name == tag:
                break


def undirected(page: Directed) -> set[str]:
    """What a page says in elements that would run the wrong way."""
    return {f"no direction: {text[:80]}" for text in page.wrong}


class Reader(HTMLParser):
    """Reads a page once for both."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.spoken, self.directed = Spoken(), Directed()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.spoken.handle_starttag(tag, attrs)
        self.directed.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.spoken.handle_endtag(tag)
        self.directed.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        self.spoken.handle_data(data)
        self.directed.handle_data(data)
