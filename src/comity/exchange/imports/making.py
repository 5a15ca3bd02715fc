"""Words of a file that a person said to make: values of lists, tags."""

from typing import Any

from django.utils.translation import gettext as _

from comity.changes.bus import Work
from comity.changes.options import SaveOption
from comity.changes.settings import SaveSetting
from comity.exchange.imports import targets
from comity.exchange.imports.cells import MAKE
from comity.exchange.imports.model import Import
from comity.exchange.imports.reading import spec_of
from comity.kernel.errors import Invalid
from comity.records.fields import FieldSpec


def may_make(actor: Any, spec: FieldSpec | None) -> bool:
    """Whether new words of a column can be made into values: of a list the company changes by clicks, tags."""
    if spec is None or not actor.permits("settings"):
        return False
    return spec.kind == "tags" or (bool(spec.options) and spec.options not in ("stage", "pipeline"))


def make_values(work: Work, load: Import) -> None:
    """Make every word marked with "+" and put its key in the mapping; raises Refused, Invalid."""
    made: dict[tuple[str, str], str] = {}
    for index, meant in load.mapping.get("values", {}).items():
        spec = spec_of(work.actor, targets.parse(load.mapping["columns"][int(index)]["to"]))
        for text, key in meant.items():
            if key != MAKE:
                continue
            if spec is None or not may_make(work.actor, spec):
                raise Invalid(fields={f"value-{index}": [_("This value cannot be made here.")]})
            name = (spec.options or "tags", text.casefold())
            if name not in made:
                made[name] = _make(work, spec, text)
            meant[text] = made[name]


def _make(work: Work, spec: FieldSpec, text: str) -> str:
    if spec.kind == "tags":
        command = SaveSetting("tag", {"name": text[:60]})
        command.apply(work)
        return str(work.result.records[-1].id)
    language = work.actor.language
    label = {language: text[:60]} if language == "en" else {language: text[:60], "en": text[:60]}
    save = SaveOption(spec.options, "", {"label": label})
    save.apply(work)
    return str(work.result.data["option"])
