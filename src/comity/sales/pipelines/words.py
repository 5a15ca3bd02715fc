"""Changes of pipelines, stages and goals in words, for the page that tells who changed which setting."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from comity.access.actors import Actor
from comity.kernel.money import format_number
from comity.kernel.text import listed
from comity.records.labels import Label
from comity.sales.pipelines.settings import GATE_PARTS
from comity.ui.names import code_name
from comity.ui.pages.settings import changed
from comity.work.tasks.model import KINDS


def kind_of_stage(kind: str) -> str:
    """A kind of stage in words."""
    return {
        "open": pgettext("of a stage", "Open"), "won": pgettext("of a stage", "Won"),
        "lost": pgettext("of a stage", "Lost"),
    }[kind]  # fmt: skip


def kind_of_task(actor: Actor, kind: str) -> str:
    """A kind of task in words."""
    return next((one.label[actor.language] for one in KINDS if one.key == kind), kind)


def who_does(actor: Actor, who: str) -> str:
    """Who is to do a step, in words."""
    named = {"owner": _("Owner of the deal"), "lead": _("Head of the deal’s team")}.get(who)
    return named or next((one.name for key, one in actor.state.users.items() if str(key) == who), "?")


def when_due(step: Mapping[str, Any]) -> str:
    """When a step is due after the deal has entered the stage, in words."""
    days = step["days"]
    text = ngettext("after %(n)s day", "after %(n)s days", days) % {"n": days} if days else _("the same day")
    return _("%(day)s at %(clock)s") % {"day": text, "clock": step["clock"]} if step["clock"] else text


def gate_label(part: str) -> str:
    """A part of a gate in words."""
    return {
        "fields": _("Fields to be filled in"), "steps": _("Steps to be done"), "files": _("Files to be there"),
    }[part]  # fmt: skip


def _step(actor: Actor, step: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a step in words."""
    return {
        "kind": kind_of_task(actor, step["kind"]), "text": Label.of(step["text"])[actor.language],
        "due": when_due(step), "who": who_does(actor, step["who"]),
    }  # fmt: skip


def _steps(actor: Actor, old: Any, new: Any) -> Iterator[changed.Told]:
    """The steps that are new, gone or others now, of those only what is other; else their order."""
    before, after = ({step["key"]: _step(actor, step) for step in steps or ()} for steps in (old, new))
    told = False
    for key in {**before, **after}:
        was, now = before.get(key, {}), after.get(key, {})
        parts = [part for part in (now or was) if was.get(part) != now.get(part)]
        if parts:
            told = True
            label = _("Step “%(name)s”") % {"name": (was or now)["text"]}
            said = [listed((held[part] for part in parts if held), actor.language) or "–" for held in (was, now)]
            yield label, said[0], said[1]
    if not told:
        names = [listed((step["text"] for step in held.values()), actor.language) for held in (before, after)]
        yield _("Order of the steps"), names[0], names[1]


def _gate(actor: Actor, old: Any, new: Any) -> Iterator[changed.Told]:
    """What a gate demands more or less than before, part by part; steps are counted, their words are the stage's."""
    fields = {spec.key: spec.label for spec in actor.state.record_types["deal"].specs}
    files = {one.key: one.label for one in actor.state.options.get("file_kind", ())}
    for part in GATE_PARTS:
        was, now = ((held or {}).get(part, []) for held in (old, new))
        if was == now:
            continue
        if part == "steps":
            yield gate_label(part), str(len(was)), str(len(now))
        else:
            known = fields if part == "fields" else files
            said = [listed((known[key][actor.language] if key in known else key for key in keys), actor.language) or "–"
                    for keys in (was, now)]  # fmt: skip
            yield gate_label(part), said[0], said[1]


def _text(actor: Actor, name: str, value: Any) -> str | None:
    if name == "teams":
        names = [team.name for key, team in actor.state.teams.items() if str(key) in value]
        return listed(names, actor.language) or "?"
    if name == "kind":
        return kind_of_stage(value)
    if name == "probability":
        return f"{value} %"
    if name == "amount":
        return format_number(value, actor.language)
    if name == "amount_currency":
        return code_name("currency", value, actor.language)
    if name == "pipeline_id":
        from comity.sales.pipelines.state import of

        return next((one.label[actor.language] for one in of(actor.state).by_key.values() if str(one.id) == value), "?")
    return None


def _labels() -> dict[str, str]:
    return {
        "teams": _("Who works in it"), "probability": _("Probability"), "norm_days": _("Days it may take"),
        "pipeline_id": _("Pipeline"), "amount": _("Goal"), "amount_currency": _("Currency"), "month": _("Month"),
    }  # fmt: skip


for _setting in ("pipeline", "stage", "goal"):
    changed.add(_setting, changed.Words(_labels, _text, {"steps": _steps, "gate": _gate}))
