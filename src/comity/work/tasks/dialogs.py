"""The fields of what is asked of tasks: what came of it, until when, who, what comes next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.identity.models import initials
from comity.kernel.errors import Invalid
from comity.records.types import RecordType
from comity.ui import forms
from comity.work.tasks import moments
from comity.work.tasks.next_step import task_type

Errors = Mapping[str, list[str]]
Post = Mapping[str, str]
NEXT = "next-"
FINE: Errors = {}


def texts_of(problem: Invalid) -> dict[str, list[str]]:
    """The problem's texts by field."""
    return {key: [str(text) for text in found] for key, found in problem.fields.items()}


def result_field(post: Post, errors: Errors, label: str = "") -> dict[str, Any]:
    """What came of it."""
    return {"key": "result", "kind": "longtext", "rows": 3, "label": label or _("What came of it"), "required": True,
            "value": post.get("result", ""), "errors": errors.get("result", []), "autofocus": True}  # fmt: skip


def next_fields(actor: Actor, post: Post, errors: Errors) -> list[dict[str, Any]]:
    """What comes next: nothing for who may plan nothing."""
    if actor.scope("task", "create") == "none":
        return []
    record_type = task_type(actor)
    due = post.get(f"{NEXT}due_at")
    if due is None:
        due = forms.shown_value(actor, record_type.spec("due_at"), moments.next_morning(actor))
    kind = record_type.spec("kind")
    return [
        {"key": f"{NEXT}name", "kind": "text", "label": _("What to do"), "max_length": 200,
         "value": post.get(f"{NEXT}name", ""), "errors": errors.get(f"{NEXT}name", []),
         "help": _("Leave this empty when nothing follows.")},
        {"key": f"{NEXT}kind", "kind": "choice", "label": kind.label[actor.language], "required": True,
         "value": post.get(f"{NEXT}kind", "task"), "choices": forms.choices_of(actor, kind),
         "errors": errors.get(f"{NEXT}kind", [])},
        {"key": f"{NEXT}due_at", "kind": "datetime", "label": _("When"), "value": due,
         "errors": errors.get(f"{NEXT}due_at", [])},
    ]  # fmt: skip


def next_values(post: Post) -> dict[str, Any] | None:
    """The raw values of the next step that was asked for; None when nothing follows."""
    given = {key: post.get(f"{NEXT}{key}", "").strip() for key in ("name", "kind", "due_at")}
    return {key: value for key, value in given.items() if value or key == "due_at"} if given["name"] else None


def later_form(actor: Actor, task: Any, post: Post, errors: Errors) -> dict[str, Any]:
    """Why, and until when: by a chip or at another time."""
    reason = forms.field(actor, task_type(actor).spec("move_reason"), post.get("move_reason", ""))
    own = {"key": "due_at", "kind": "datetime", "label": _("Another time"), "value": post.get("due_at", ""),
           "errors": errors.get("due_at", []), "no_days": True}  # fmt: skip
    return {
        "fields": [reason | {"required": True, "autofocus": True, "errors": errors.get("move_reason", [])}, own],
        "chips": [{"value": key, "label": words} for key, words, _at in moments.later(actor, task.due_at)],
    }


def later_values(actor: Actor, task: Any, post: Post) -> tuple[Any, bool]:
    """The raw deadline that was asked for, and whether any time of that day will do."""
    quick = {key: at for key, _words, at in moments.later(actor, task.due_at)}
    when = post.get("when", "")
    if when in quick:
        return quick[when].isoformat(), bool(task.whole_day) and when != "hour"
    return post.get("due_at", ""), False


def people(actor: Actor, without: frozenset[Any] = frozenset()) -> list[dict[str, Any]]:
    """Those who work here, for a list of names to press."""
    return [
        {"id": str(key), "name": user.name, "initials": initials(user.name), "hue": user.hue}
        for key, user in actor.state.users.items() if user.active and key not in without
    ]  # fmt: skip


def plan_fields(
    actor: Actor, record_type: RecordType, values: Mapping[str, Any], errors: Errors, keys: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Fields of a new task; `values` in the form of `forms.shown_value`."""
    found = []
    for key in keys:
        spec = record_type.spec(key)
        if policy.level(actor, record_type, spec) == "write":
            made = forms.field(actor, spec, None, list(errors.get(key, ())))
            found.append(forms.filled(made, values[key]) if key in values else made)
    return found


def initial(actor: Actor, kind: str, given: Post) -> dict[str, Any]:
    """What a new task begins with, in the form of `forms.shown_value`; `given` are words of the address."""
    record_type = task_type(actor)
    due: datetime | None = moments.next_morning(actor)
    known = {one.key for one in record_type.spec("kind").choices}
    return {
        "kind": kind if kind in known else "task", "due_at": forms.shown_value(actor, record_type.spec("due_at"), due),
        "owner": str(actor.user_id), "name": given.get("name", ""), "whole_day": False,
    }  # fmt: skip
