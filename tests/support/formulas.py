"""Fields that are formulas, and the worker that counts them."""

from collections.abc import Callable
from typing import Any

from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import Result, run
from comity.changes.settings import SaveSetting
from comity.kernel import jobs
from comity.records.models import RecordRef
from support.house import again


def settle() -> None:
    """The worker catches up: events are followed, jobs are done, until nothing is left."""
    while dispatcher.drain() + jobs.run_due():
        pass


def field(actor: Actor, type_key: str, key: str, kind: str, **values: Any) -> Result:
    """An administrator's field."""
    given = {"type_key": type_key, "key": f"own_{key}", "kind": kind, "label": {"en": key}, **values}
    return run(again(actor), SaveSetting("field", given))


def formula(actor: Actor, type_key: str, key: str, text: str, **values: Any) -> Result:
    """A formula; its kind follows from it unless given."""
    return field(actor, type_key, key, values.pop("kind", "formula"), formula=text, **values)


def custom(actor: Actor, ref: RecordRef) -> dict[str, Any]:
    """What stands under the administrator's keys of a card, without the prefix."""
    record = again(actor).state.record_types[ref.type].rows.get(pk=ref.id)
    return {key.removeprefix("own_"): value for key, value in record.custom.items()}


def reader(actor: Actor, ref: RecordRef) -> Callable[[str], Any]:
    """Looks up one of them."""
    return lambda key: custom(actor, ref).get(key)
