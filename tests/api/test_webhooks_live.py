"""A running Comity, another firm's server, a stock verifier: nothing of ours in between."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from support.installation import ADMINISTRATOR, Installation
from support.receiver import Receiver, receiver
from support.waiting import eventually


@pytest.fixture
def other_side(tmp_path: Path) -> Iterator[tuple[Receiver, Path]]:
    """A server of another firm, and the authority that vouches for it."""
    with receiver(tmp_path) as running:
        yield running


def caller(comity: Installation) -> Callable[..., Any]:
    """A program with a token: (method, path, body) -> JSON."""
    token = comity.ok("token", ADMINISTRATOR).split()[-1]

    def call(method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            comity.url + path, json.dumps(body).encode() if body is not None else None, method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    return call


def test_a_running_comity_and_a_stock_verifier(
    make_installation: Callable[..., Installation], other_side: tuple[Receiver, Path]
) -> None:
    """What it sends is verified as it comes; a server that does not answer holds up neither others nor its jobs."""
    server, authority = other_side
    comity = make_installation(COMITY_OUTBOUND_ALLOW="127.0.0.1", SSL_CERT_FILE=str(authority)).init().start()
    call = caller(comity)
    silent = {"hookUrl": f"{server.url}/silent", "event": "record.created"}
    call("POST", "/api/v1/hooks", silent)
    secret = call("POST", "/api/v1/hooks", silent | {"hookUrl": server.url})["secret"]
    server.answers = [lambda request: server.hang(request) if request.path.endswith("/silent") else 204]
    for name in ("North", "South"):
        call("POST", "/api/v1/companies", {"name": name})

    def heard() -> list[Any]:
        return [request for request in list(server.got) if not request.path.endswith("/silent")]

    assert eventually(lambda: len(heard()) == 2), comity.log()
    told = [Verifier(secret).verify(request.body, request.headers) for request in heard()]
    assert {one["data"]["record"]["title"] for one in told} == {"North", "South"}
    assert eventually(lambda: call("GET", "/api/v1/companies?q=South")["items"]), "the search's consumer goes on"
    assert not server.released.is_set()
    assert comity.stop() == 0, "a try under way does not keep the worker"


def test_without_the_operators_word_a_private_address_is_refused(
    make_installation: Callable[..., Installation], other_side: tuple[Receiver, Path]
) -> None:
    server, authority = other_side
    comity = make_installation(SSL_CERT_FILE=str(authority)).init().start()
    with pytest.raises(urllib.error.HTTPError) as caught:
        caller(comity)("POST", "/api/v1/hooks", {"hookUrl": server.url, "event": "record.created"})
    assert caught.value.code == 422
    assert "hookUrl" in caught.value.read().decode()
    assert server.got == []
