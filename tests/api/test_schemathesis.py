"""The interface against its own description: what fits it, or almost, is answered without a 5xx and as it says."""

import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, given
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import create
from comity.changes.files import AddFiles, NewFile
from comity.kernel import storage
from support import samples
from support.house import again, colleague
from support.programs import token_of

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
NARROW = {
    "person": {"about": "hide", "phones": "mask", "position": "read"}, "company": {"turnover": "hide"},
    "deal": {"amount": "mask"},
}  # fmt: skip


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Django in process, as its test client asks it: the connection of the test's transaction stays open."""
    environ.pop("HTTP_ACCEPT_ENCODING", None)  # whoever asks here unpacks nothing
    response = ClientHandler()(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.getvalue()]


class Fuzz:
    """Asks every operation of a user's description what fits it and what does not, on cards that are there."""

    def __init__(self, actor: Actor) -> None:
        self.headers = {"Authorization": f"Bearer {token_of(actor)}", "Host": "localhost"}
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers=self.headers)
        self.cards = {key: self._made(actor, key) for key in again(actor).state.record_types}
        self.files = {card: self._file(actor, key, card) for key, card in self.cards.items()}
        self.asked: dict[int, int] = {}

    def _made(self, actor: Actor, key: str) -> str:
        actor = again(actor)
        record_type = actor.state.record_types[key]
        given_values = {**samples.values(actor, record_type)}
        allowed = {spec.key for spec in record_type.specs if actor.level(key, spec.key) == "write"}
        values = {name: value for name, value in given_values.items() if name in allowed}
        return str(run(actor, create(key, values)).record.id)

    def _file(self, actor: Actor, key: str, card: str) -> str:
        stored = storage.save(io.BytesIO(b"Dear Ann"), 100)
        file = NewFile("letter.txt", stored.sha256, stored.size, "text/plain")
        ids: list[str] = run(again(actor), AddFiles(key, UUID(card), [file])).data["files"]
        return ids[0]

    def run(self, modes: tuple[GenerationMode, ...], examples: int, only: tuple[str, ...] = ()) -> None:
        """So many examples of every operation (or of those on some addresses), the same ones each time."""
        once = hypothesis.settings(
            max_examples=examples, derandomize=True, database=None, deadline=None,
            suppress_health_check=list(HealthCheck), phases=[hypothesis.Phase.generate],
        )  # fmt: skip
        found: list[str] = []
        for operation, mode in self._operations(modes):
            if only and operation.path not in only:
                continue
            card = self.cards[_type_of(operation, self.cards)] if "{id}" in operation.path else ""
            try:
                once(given(case=operation.as_strategy(generation_mode=mode))(self._asking(card)))()
            except FailureGroup as failed:
                found.append(f"{operation.label}: {failed}\n" + "\n".join(map(str, failed.exceptions)))
        assert not found, "\n\n".join(found)

    def _asking(self, card: str) -> Any:
        def ask(case: Any) -> None:
            # Random keys meet no card: every second question is about one that is there.
            count = self.asked[0] = self.asked.get(0, 0) + 1
            if card and count % 2 and isinstance(case.path_parameters, dict):
                case.path_parameters["id"] = card
                if "file" in case.path_parameters:
                    case.path_parameters["file"] = self.files[card]
            answer = case.call(headers=self.headers)
            self.asked[answer.status_code] = self.asked.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=CHECKS)

        return ask

    def _operations(self, modes: tuple[GenerationMode, ...]) -> Iterator[tuple[Any, GenerationMode]]:
        for result in self.schema.get_all_operations():
            for mode in modes:
                yield result.ok(), mode


def _type_of(operation: Any, cards: dict[str, str]) -> str:
    """The type of an operation, the end of its key: "trash_person"."""
    key = operation.definition.raw["operationId"]
    return max((one for one in cards if key.endswith(f"_{one}")), key=len)


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.API_RATE = 0


BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def the_wide_one(boss: Actor) -> Actor:
    """Everything is his; a card has a file already."""
    return boss


def the_narrow_one(boss: Actor) -> Actor:
    """He sees his own cards only, and not all of their fields."""
    return colleague("Mira", "own", NARROW)


@pytest.mark.alike
@pytest.mark.parametrize("who", [the_wide_one, the_narrow_one])
def test_no_question_is_too_much(boss: Actor, unlimited: None, who: Any) -> None:
    fuzz = Fuzz(who(boss))
    fuzz.run((GenerationMode.POSITIVE,), 2)
    assert fuzz.asked[200] > 50 and fuzz.asked[422] > 5 and fuzz.asked[404] > 20


@pytest.mark.alike
def test_the_net_has_no_hole(boss: Actor, unlimited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is there to find is found: an answer that breaks, one that is not as described."""
    monkeypatch.setattr("comity.api.describing.tokens.find", lambda token_id: 1 / 0)
    monkeypatch.setattr("comity.api.files._told", lambda row, slug: {"id": "no key"})
    with pytest.raises(AssertionError) as found:
        Fuzz(boss).run((GenerationMode.POSITIVE,), 2, ("/api/v1/me", "/api/v1/people/{id}/files"))
    assert "GET /api/v1/me" in str(found.value) and "GET /api/v1/people/{id}/files" in str(found.value)


@pytest.mark.full
@pytest.mark.parametrize("who", [the_wide_one, the_narrow_one])
def test_no_question_is_too_much_for_long(boss: Actor, unlimited: None, who: Any) -> None:
    fuzz = Fuzz(who(boss))
    fuzz.run(BOTH, 30)
    assert fuzz.asked[200] > 500 and fuzz.asked[422] > 500
