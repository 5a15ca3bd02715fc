"""A browser without scripts at a running server: a connection per request, a session cookie, nothing followed."""

import http.client
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, urlencode

from support.installation import ADMINISTRATOR, PASSWORD, Installation


class Answer(NamedTuple):
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """Asks one installation; `headers` go with every request."""

    installation: Installation
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float = 20

    def log_in(self, name: str = ADMINISTRATOR, password: str = PASSWORD) -> "Visitor":
        """Keep the session of a user for all that follows."""
        answer = self.post("/login", username=name, password=password)
        assert answer.status == 302, answer.text
        self.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        return self

    def get(self, path: str, **headers: str) -> Answer:
        """Read a page; OSError or http.client.HTTPException when there is no whole answer."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, **form: str) -> Answer:
        """Send a form, as a page of this site would."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return self._ask("POST", path, urlencode(form), kind)

    def find(self, words: str) -> str:
        """The page of what is found for some words."""
        return self.get(f"/search?q={quote(words)}").text

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("localhost", self.installation.port, timeout=self.timeout)
        try:
            connection.request(method, path, body, self.headers | headers)
            answer = connection.getresponse()
            kept = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, kept, answer.read().decode())
        finally:
            connection.close()


class LiveStream:
    """An open /live stream of a visitor; its topics are gathered by a thread of its own."""

    def __init__(self, visitor: Visitor) -> None:
        self.topics: set[str] = set()
        self.ended = threading.Event()
        self._connection = http.client.HTTPConnection("localhost", visitor.installation.port, timeout=60)
        self._connection.request("GET", "/live", headers=visitor.headers)
        answer = self._connection.getresponse()
        assert answer.status == 200
        assert answer.readline().startswith(b"retry:"), "it listens from here on"
        self._thread = threading.Thread(target=self._gather, args=(answer,), daemon=True)
        self._thread.start()

    def _gather(self, answer: http.client.HTTPResponse) -> None:
        with suppress(OSError, http.client.HTTPException):
            while line := answer.readline():
                if line.startswith(b"data: "):
                    self.topics |= set(json.loads(line[6:])["topics"])
        self.ended.set()

    def close(self) -> None:
        """Leave."""
        if self._connection.sock:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._connection.close()
