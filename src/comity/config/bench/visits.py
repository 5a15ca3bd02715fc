"""What is asked of the server, by whom, and what the answers must hold; queries and bytes of single pages."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client

from comity.access import policy, snapshot
from comity.access.actors import Actor, user_actor
from comity.config.bench import names
from comity.config.bench.stopwatch import Answer, Case, Request, ask
from comity.identity import sessions
from comity.identity.models import User
from comity.records.models import ContactPoint, SavedView
from comity.ui import lists
from comity.ui.middleware import COOKIE

EDITED = 40  # cards whose position is edited in turn


@dataclass
class Visitor:
    """A logged-in user and what there is for him to ask for."""

    name: str
    actor: Actor
    cookie: str

    @classmethod
    def enter(cls, name: str, user: User) -> "Visitor":
        """Log the user in."""
        return cls(name, user_actor(user.pk), sessions.start(user.pk, "127.0.0.1", "bench"))

    @property
    def people(self) -> Any:
        """The people he sees."""
        return policy.visible(self.actor, self.actor.state.record_types["person"])

    def pages(self) -> dict[str, str]:
        """The addresses of the pages that are read, by name."""
        gold = SavedView.objects.get(name="Gold").pk
        number = self._a_phone()
        rare = quote(names.RARE)
        return {
            "list": "/people/",
            "list, deep": self.below(self.people.count() // 2),
            "list, saved filter": f"/people/?view={gold}",
            "search, rare name": f"/search?q={rare}",
            "palette, rare name": f"/palette?q={rare}",
            "search, phone": f"/search?q={number}",
            "palette, phone": f"/palette?q={number}",
            "record": f"/people/{self._a_person()}",
        }

    def _a_person(self) -> UUID:
        return UUID(str(self.people.order_by("sort_key", "id").values_list("id", flat=True)[7]))

    def _a_phone(self) -> str:
        """Six digits out of the number of somebody he sees."""
        points = ContactPoint.objects.filter(record_id=self._a_person(), field="phones")
        return str(points.values_list("last9", flat=True)[0])[-6:]

    def below(self, number: int) -> str:
        """The address of the page of his list below so many rows."""
        key, record_id = self.people.order_by("sort_key", "id").values_list("sort_key", "id")[number - 1]
        return f"/people/?at={lists.Cursor(key, record_id, False, number).text()}"

    def editable(self, taken: set[UUID]) -> list[tuple[UUID, int]]:
        """Cards he may edit, with their versions, but those `taken` already; they are taken then."""
        record_type = self.actor.state.record_types["person"]
        rows = policy.visible(self.actor, record_type, "edit").order_by("sort_key", "id").values_list("id", "version")
        found = list(rows.exclude(id__in=taken)[:EDITED])
        taken |= {key for key, _version in found}
        return found


def readings(visitor: Visitor, pages: Mapping[str, str]) -> list[Case]:
    """The pages one visitor reads."""
    return [
        Case(f"{name} ({visitor.name})", always(Request(path, visitor.cookie, script=by_script(path))),
             has(b"/people/" if not path.startswith("/deals/board") else b"</"))
        for name, path in pages.items()
    ]  # fmt: skip


def by_script(path: str) -> bool:
    """Whether a script of a page asks for it, as a part of that page."""
    return path.startswith("/palette") or "part=" in path


def always(request: Request) -> Callable[[], Request]:
    """The same again and again."""
    return lambda: request


def has(marker: bytes) -> Callable[[Answer], None]:
    """Fine is an answer that holds these bytes."""

    def check(answer: Answer) -> None:
        if answer.status != 200 or marker not in answer.body:
            raise SystemExit(f"A page answered {answer.status} without {marker!r}: {answer.body[:300]!r}")

    return check


def writings(visitor: Visitor, taken: set[UUID]) -> list[Case]:
    """What one visitor writes: a new person, and one field of cards in turn, of cards nobody else edits."""
    made, edits = _creations(visitor), _edits(visitor, visitor.editable(taken))
    return [
        Case(f"create ({visitor.name})", lambda: next(made), went_on),
        Case(f"edit one field ({visitor.name})", lambda: next(edits), has(b"Edited")),
    ]


def _creations(visitor: Visitor) -> Iterator[Request]:
    for n in itertools.count():
        number = f"+49 152 {abs(hash(visitor.name)) % 90 + 10}{n:06}"
        form = {
            "idempotency": uuid4().hex, "given_name": "Newly", "family_name": f"Made {n}", "position": "Buyer",
            "phones-count": "1", "phones-0-value": number, "phones-0-label": "work", "phones-primary": "0",
            "emails-count": "1", "emails-0-value": f"new{n}@example.com", "emails-0-label": "", "emails-primary": "0",
            "owner": str(visitor.actor.user_id),
        }  # fmt: skip
        yield Request("/people/new", visitor.cookie, urlencode(form).encode())


def _edits(visitor: Visitor, cards: list[tuple[UUID, int]]) -> Iterator[Request]:
    for n in itertools.count():
        key, version = cards[n % len(cards)]
        form = {"idempotency": uuid4().hex, "version": version + n // len(cards), "position": f"Edited {n}"}
        yield Request(f"/people/{key}/fields/position", visitor.cookie, urlencode(form).encode(), script=True)


def went_on(answer: Answer) -> None:
    """Fine is an answer that leads on, as after a form that was taken."""
    if answer.status != 302:
        raise SystemExit(f"A form was answered by {answer.status}: {answer.body[:300]!r}")


def queries(visitor: Visitor, pages: Mapping[str, str]) -> dict[str, int]:
    """How many statements each page sends to the base, by the name of the page."""
    client = Client()
    client.cookies[COOKIE] = visitor.cookie
    found = {}
    for name, path in pages.items():
        _read(client, path)
        found[name] = _statements(client, path)
    return found


def _statements(client: Client, path: str) -> int:
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        _read(client, path)
    return len(seen)


def _read(client: Client, path: str) -> None:
    client.get(path, headers={"HX-Request": "true"} if by_script(path) else {})


# --- the first visit ------------------------------------------------------------------------------------------------

_ASSET = re.compile(r"""(?:href|src)="(/static/[^"#]+)""")
_FONT = re.compile(r"@font-face\{([^}]*)\}")
_RANGE = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class FirstVisit:
    """What a browser with an empty cache loads for a page and its parts: requests, bytes as sent."""

    requests: int
    sent: int


def first_visit(port: int, visitor: Visitor, language: str) -> FirstVisit:
    """The first list page in a language with all it needs; fonts as far as the page has letters of theirs."""
    User.objects.filter(pk=visitor.actor.member.id).update(language=language)
    snapshot.changed()
    page = ask(port, Request("/people/", visitor.cookie))
    text = page.body.decode()
    parts = dict.fromkeys(_ASSET.findall(text))
    for sheet in [path for path in parts if path.endswith(".css")]:
        css = ask(port, Request(sheet)).body.decode()
        parts |= dict.fromkeys(_fonts(css, _TAG.sub(" ", text)))
    answers = [page, *(ask(port, Request(path)) for path in parts)]
    return FirstVisit(len(answers), sum(len(answer.head) + 4 + len(answer.sent) for answer in answers))


def _fonts(css: str, text: str) -> Iterator[str]:
    letters = {ord(letter) for letter in text}
    for face in _FONT.findall(re.sub(r"\s*([{}:;,])\s*", r"\1", css)):
        spans = [(int(low, 16), int(high or low, 16)) for low, high in _RANGE.findall(face)]
        url = re.search(r"""url\(["']?(/static/[^"')]+)""", face)
        if url and (not spans or any(low <= letter <= high for letter in letters for low, high in spans)):
            yield url[1]
