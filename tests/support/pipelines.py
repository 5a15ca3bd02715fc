"""Pipelines and their settings as tests read and change them."""

import re
from typing import Any

from comity.access import snapshot
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.records.models import RecordRef
from comity.sales.pipelines import state
from comity.sales.pipelines.removal import carry_out
from comity.sales.pipelines.state import Pipelines
from support.deals import held, permit
from support.house import again, colleague

HTMX = {"HX-Request": "true"}
STEP = {"kind": "call", "text": {"ru": "Позвонить"}, "days": "2", "clock": "9:05", "who": "lead"}


def do(actor: Actor, command: Any, key: str = "") -> Any:
    return run(again(actor), command, key=key)


def known() -> Pipelines:
    return state.of(snapshot.snapshot())


def order(pipeline: str = "sales") -> list[str]:
    return [stage.key for stage in known().by_key[pipeline].stages]


def stands(ref: RecordRef) -> tuple[str, str]:
    return held(ref).pipeline, held(ref).stage


def retire(actor: Actor, command: Any) -> Any:
    result = do(actor, command)
    carry_out(again(actor), result)
    return result


def settings_permit(name: str, scope: str) -> Actor:
    """Somebody who changes settings without being administrator."""
    actor = colleague(name, scope)
    permit(actor, "settings")
    return again(actor)


def text(response: Any) -> str:
    return str(response.content.decode())


def version_in(html: str, card: str) -> str:
    found = re.search(rf'id="c-{card}".*?name="version" value="(\w+)"', html, re.DOTALL)
    assert found
    return found[1]
