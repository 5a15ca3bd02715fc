"""Requests as the snooper makes them, and their twins with keys of no card."""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus, urlencode
from uuid import NAMESPACE_OID, uuid5

from django.http import QueryDict
from django.test import Client

from leaks.world import World


@dataclass(frozen=True)
class Try:
    """One request of the snooper; `gone` = it must answer as if nothing were there (404). `json` is its body."""

    name: str
    url: str
    method: str = "get"
    data: tuple[tuple[str, str], ...] = ()
    gone: bool = False
    fragment: bool = False
    json: str = ""

    @property
    def text(self) -> str:
        """All that is sent, in small letters."""
        return f"{unquote_plus(self.url)} {self.data} {self.json}".lower()


def ask(client: Client, one: Try) -> Any:
    """The answer to a try."""
    client.cookies.pop("said", None)  # what the page before had to say
    headers = {"HX-Request": "true"} if one.fragment else {}
    if one.json:
        return getattr(client, one.method)(one.url, one.json, content_type="application/json", headers=headers)
    if one.method == "post":
        return client.post(one.url, QueryDict(urlencode(one.data)), headers=headers)
    return getattr(client, one.method)(one.url, headers=headers)


@dataclass
class Twins:
    """Asks a second time with the keys of cards that never were: `other` key for each secret one; how many `asked`."""

    other: dict[str, str]
    asked: int = 0

    @classmethod
    def of(cls, world: World) -> "Twins":
        """Another key for every secret of the world."""
        return cls({secret: str(uuid5(NAMESPACE_OID, secret)) for secret in world.secrets()})

    def named(self, one: Try) -> bool:
        """Does it name anything secret?"""
        text = one.text
        return any(secret in text for secret in self.other)

    def alike(self, client: Client, one: Try, answer: Any) -> bool:
        """Is its twin answered word for word like it?"""
        self.asked += 1
        twin = replace(one, url=self._exchanged(one.url), json=self._exchanged(one.json),
                       data=tuple((name, self._exchanged(value)) for name, value in one.data))  # fmt: skip
        theirs = ask(client, twin)
        mine = answer.status_code, _plain(self._exchanged(answer.content.decode()))
        return mine == (theirs.status_code, _plain(theirs.content.decode()))

    def _exchanged(self, text: str) -> str:
        for secret, twin in self.other.items():
            text = text.replace(secret, twin)
        return text


def _plain(text: str) -> str:
    """An answer without what differs each time: the keys of its forms and of new batches, the
    reference of a problem."""
    text = re.sub(r"\b[0-9a-f]{32}\d?\b", "key", text)
    text = re.sub(r'"batch": "[0-9a-f-]{36}"', "batch", text)
    return re.sub(r"\b[A-Z2-7]{8}\b", "reference", text)
