"""What a gate still wants, as a form: fields to fill, steps to do, files to add, and the way past it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.changes.bus import run
from comity.changes.files import AddFiles
from comity.changes.writer import current
from comity.kernel.errors import Invalid
from comity.records import kinds
from comity.records.fields import of
from comity.sales.deals import gates, passes
from comity.sales.deals.asking import Asking
from comity.sales.pipelines.state import StageState
from comity.ui import forms
from comity.ui.pages.edit import texts_of
from comity.ui.uploads import store

UNTIL = of("date", "until", "Also for this client until", "Также для этого клиента до", "Також для цього клієнта до",
           "И за този клиент до", "Juga untuk klien ini sampai", "ولهذا العميل أيضًا حتى")  # fmt: skip
Errors = dict[str, list[str]]


@dataclass
class Passing:
    """What was given at a gate: raw values of fields, the reason to pass without, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    override: str = ""
    until: date | None = None
    errors: Errors = field(default_factory=dict)

    @classmethod
    def read(cls, asking: Asking) -> "Passing":
        """Out of the post; the files in it go onto the card, each as the kind it was asked for."""
        values, errors = forms.raw_values(asking.actor, asking.type, asking.post)
        found = cls(values, asking.post.get("override", "").strip(), None, errors)
        try:
            found.until = kinds.clean(UNTIL, asking.post.get("until", ""), asking.actor.env)
        except kinds.BadValue as problem:
            errors["until"] = [str(problem)]
        for name, given in asking.request.FILES.lists():
            key = f"{asking.post.get('idempotency', '')[:40]}-{name}"[:80]
            try:
                command = AddFiles("deal", asking.card.pk, store(given), name.removeprefix("file-"))
                run(asking.actor, command, key=key)
            except Invalid as problem:
                errors[name] = [text for texts in texts_of(problem).values() for text in texts]
        return found


def wanted(asking: Asking, target: StageState) -> gates.Missing:
    """What stands between the deal and a stage; nothing where its client's deals may pass today."""
    found = gates.missing(asking.actor, asking.card, target)
    standing = gates.allowed(asking.card, target.pipeline, policy.today(asking.actor)) if found else None
    return gates.Missing(standing=standing) if standing else found


def parts(asking: Asking, missing: gates.Missing, given: Passing) -> dict[str, Any]:
    """The parts of the question that the gate adds, with what was typed."""
    language = asking.actor.language
    return {
        "fields": _fields(asking, missing, given),
        "others": _others(missing, language),
        "steps": [
            {"text": one.text[language], "url": f"/tasks/{one.task}" if one.task else ""} for one in missing.steps
        ],
        "files": _files(missing, given.errors, language),
        "standing": passes.told(asking.actor, missing.standing) if missing.standing else None,
        "anyway": _anyway(asking, given) if missing and asking.actor.permits(gates.PERMIT) else None,
    }


def _fields(asking: Asking, missing: gates.Missing, given: Passing) -> list[dict[str, Any]]:
    """Those that are missing, and those filled in here before: nothing of them is saved until the deal moves."""
    lacking = {spec.key for spec in missing.fields}
    found = []
    for spec in asking.type.specs:
        if spec.key not in lacking and spec.key not in given.values:
            continue
        errors = given.errors.get(spec.key)
        if not errors and spec.key in lacking and spec.key in given.values:
            errors = given.errors.setdefault(spec.key, [_("Fill this in first.")])
        held = current(asking.type, asking.card, (spec,))[spec.key]
        made = forms.field(asking.actor, spec, held, errors) | {"required": spec.key in lacking}
        if spec.key in given.values:
            made = forms.filled(made, forms.typed_value(asking.actor, spec, given.values[spec.key]))
        found.append(made)
    return found


def _others(missing: gates.Missing, language: str) -> list[str]:
    """What he can't fill in himself; a field he may not see is not named."""
    found = [
        _("“%(field)s” is missing. You may read it, but not fill it in.") % {"field": spec.label[language]}
        for spec in missing.locked
    ]
    return found + ([_("Something is missing that you may not see. Ask your administrator.")] if missing.hidden else [])


def _files(missing: gates.Missing, errors: Mapping[str, list[str]], language: str) -> list[dict[str, Any]]:
    """A place for each kind of file that is missing."""
    return [
        {"key": f"file-{kind.key}", "kind": "file", "label": _("File: %(kind)s") % {"kind": kind.label[language]},
         "required": True, "errors": errors.get(f"file-{kind.key}", [])}
        for kind in missing.files
    ]  # fmt: skip


def _anyway(asking: Asking, given: Passing) -> dict[str, Any]:
    """The way past the gate, for who may open it."""
    errors, reason, until = given.errors, asking.post.get("override", ""), asking.post.get("until", "")
    day = forms.field(asking.actor, UNTIL, None, errors.get("until"))
    return {
        "open": bool(reason or until or errors.get("override")),
        "fields": [
            {"key": "override", "kind": "text", "label": _("Why it moves anyway"), "value": reason,
             "max_length": gates.LONGEST, "errors": errors.get("override", [])},
            forms.filled(day, until),
        ],
    }  # fmt: skip
