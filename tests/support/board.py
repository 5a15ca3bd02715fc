"""The board of deals as tests read and press it."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import create
from comity.records.models import RecordRef
from comity.sales.deals.model import Deal
from support.house import again

SCRIPT = {"HX-Request": "true"}
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
MARKUP = "<b onclick=x>&\"'"


def deal(actor: Actor, name: str, amount: str = "100", currency: str = "EUR", **values: Any) -> RecordRef:
    values = {"name": name, "amount": {"amount": amount, "currency": currency}, **values}
    return run(again(actor), create("deal", values)).record


def put(ref: RecordRef, **columns: Any) -> RecordRef:
    """Columns of a deal as if time had passed."""
    Deal.unguarded.filter(pk=ref.id).update(**columns)
    return ref


def step(ref: RecordRef, at: datetime | None, kind: str = "call") -> RecordRef:
    return put(ref, next_at=at, next_kind=kind if at else "")


def of(ref: RecordRef) -> Any:
    return Deal.unguarded.get(pk=ref.id)


def page(client: Client, query: str = "", **headers: str) -> str:
    answer = client.get(f"/deals/board?{query}", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def part(client: Client, what: str, query: str = "") -> str:
    return page(client, f"part={what}&{query}", **SCRIPT)


def column(text: str, key: str) -> list[str]:
    """The titles in a column, in order."""
    found = re.search(rf'id="col-{key}".*?</section>', text, re.S)
    assert found
    return titles(found[0])


def titles(text: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<article.*?dir="auto">(.*?)</a>', text, re.S)]


def pills(text: str) -> dict[str, str]:
    """What the pill of each card says, by title."""
    found = {}
    for one in re.findall(r"<article.*?</article>", text, re.S):
        words = re.search(r'class="pill.*?</svg>(.*?)</span>', one, re.S)
        found[titles(one)[0]] = unescape(words[1]) if words else ""
    return found


def head(text: str, key: str) -> tuple[str, str]:
    """The count and the sum in the head of a column."""
    number = re.search(rf'id="n-{key}" hx-swap-oob="true">(.*?)</span>', text)
    worth = re.search(rf'id="s-{key}" hx-swap-oob="true".*?><bdi>(.*?)</bdi>', text)
    assert number and worth
    return unescape(number[1]), unescape(worth[1])


def figure(text: str, label: str) -> str:
    """The words of a figure."""
    found = re.search(rf'<div class="fig"><div class="k"><span>{label}</span>(.*?)</div>\n', text, re.S)
    assert found, text
    return " ".join(unescape(re.sub(r"<.*?>", " ", found[1])).split())


def move(client: Client, ref: RecordRef, to: str, version: int | None = None, **more: str) -> Any:
    data = {"id": str(ref.id), "version": of(ref).version if version is None else version, "to": to, **more}
    return client.post("/deals/board/move", data, headers=SCRIPT)  # type: ignore[arg-type]
