"""A program for the tests: a client with a token, outside of any browser."""

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.colleagues import MakeToken
from support.house import again

EVERYTHING = (("*", "write"),)


def token_of(actor: Actor, scopes: Sequence[tuple[str, str]] = EVERYTHING, days: int | None = None) -> str:
    """A new token of the actor's."""
    return run(again(actor), MakeToken("test", scopes=scopes, days=days)).secret


class Program:
    """Sends JSON, gets JSON: `ask("GET", "/people")`; the last answer stays in `answer`."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Host": "localhost", "Authorization": f"Bearer {token}"})
        self.client.raise_request_exception = False
        self.answer: Any = None

    def ask(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """One request; its answer must have that status. Returns the JSON of the answer."""
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = self.client.generic(method, f"/api/v1{path}", **sent, headers=named)
        assert self.answer.status_code == status, (self.answer.status_code, self.answer.content.decode()[:2000])
        return self.answer.json() if "json" in self.answer["Content-Type"] and self.answer.content else None

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """GET."""
        return self.ask("GET", path, None, status, **headers)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """POST."""
        return self.ask("POST", path, {} if body is None else body, status, **headers)


def program(actor: Actor, scopes: Sequence[tuple[str, str]] = EVERYTHING) -> Program:
    """A program that acts for the actor."""
    return Program(token_of(actor, scopes))
