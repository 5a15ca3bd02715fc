"""Tasks for today, and what the page says of them."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

from django.test import Client

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.records.models import RecordRef
from comity.work.models import Task
from support.house import again

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # a Tuesday
SCRIPT = {"HX-Request": "true"}


def plan(actor: Actor, name: str = "Call", due: str = "2026-03-03T15:00Z", about: Any = None, **more: Any) -> UUID:
    """A task of the actor's, planned through the ordinary door."""
    values = {"name": name, "due_at": due, **({"about": str(about)} if about else {}), **more}
    return run(again(actor), commands.create("task", values)).record.id


def task(key: UUID) -> Any:
    """A task as it stands."""
    return Task.unguarded.get(pk=key)


def get(client: Client, path: str = "/today", script: bool = False) -> str:
    """A page, or its part for the script."""
    answer = client.get(path, headers=SCRIPT if script else {})
    assert answer.status_code == 200
    return answer.content.decode()


def lines(page: str) -> dict[str, list[str]]:
    """The words of each section's lines, by the section's key."""
    parts = re.split(r'<section aria-labelledby="s-(\w+)"', page)
    return {
        key: [unescape(text) for text in re.findall(r'<a href="/\w+/[^"]+" dir="auto">([^<]*)</a>', body)]
        for key, body in zip(parts[1::2], parts[2::2], strict=True) if key != "goals"
    }  # fmt: skip


def undo_of(page: str) -> str:
    """Where the message's button leads."""
    found = re.search(r'class="toast"><span>[^<]*</span><form method="post" action="([^"]+)"', page)
    assert found, "no message with Undo"
    return unescape(found[1])


def message(page: str) -> str:
    """What the page before had to say."""
    found = re.search(r'class="toast"><span>([^<]*)</span>', page)
    return unescape(found[1]) if found else ""


def do(client: Client, key: UUID, what: str, **post: str) -> Any:
    """Answer a line's form: with its version and idempotency key, as a browser would."""
    form = get(client, f"/today/{key}/{what}", script=True)
    hidden = dict(re.findall(r'type="hidden" name="(version|idempotency)" value="([^"]*)"', form))
    return client.post(f"/today/{key}/{what}", hidden | post, headers=SCRIPT)


def deal(actor: Actor, **values: Any) -> RecordRef:
    """A deal of the actor's."""
    return run(again(actor), commands.create("deal", values)).record
