"""What is done in the calendar: a task looked at, moved, made longer or shorter, and that taken back."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import Result, run
from comity.changes.undo import Undo
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.kernel.text import whole_number
from comity.records.models import RecordRef
from comity.ui import forms
from comity.ui.render import fragment, fresh_key, html, is_fragment, page, panel, remember
from comity.work import whose as choice
from comity.work.calendar.page import LIST, URL, address
from comity.work.tasks.commands import MoveTask
from comity.work.tasks.next_step import zone_of
from comity.work.today.due import ICONS
from comity.work.today.words import due_format

LONGEST = 7 * 24 * 60  # minutes


def _held(request: HttpRequest, task_id: UUID, action: str) -> tuple[Actor, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor, policy.get(actor, actor.state.record_types["task"], task_id, action)


def _day_of(actor: Actor, task: Any) -> date:
    """The day it stands on in the calendar."""
    zone = zone_of(actor.state, task.owner_id) if task.whole_day else ZoneInfo(actor.timezone)
    day: date = (task.due_at or now()).astimezone(zone).date()
    return day


def _done(request: HttpRequest, actor: Actor, text: str, result: Result | None, day: date) -> HttpResponse:
    """Say what was done: beside the calendar, or without scripts in its list."""
    undo = f"{URL}/undo?event={result.event}&day={day.isoformat()}" if result and result.event else ""
    if is_fragment(request):
        return HttpResponse(html("ui/fragments/toast.html", {"toast": {"text": text, "undo_url": undo}}))
    whose = choice.choose(actor, request.GET)
    response = HttpResponseRedirect(address(whose, LIST, day))
    remember(response, text, undo)
    return response


def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: a task in short, with what can be done."""
    actor, held = _held(request, task_id, "view")
    kind = actor.state.record_types["task"].spec("kind").choice(held.kind)
    about = RecordRef(held.about_type, held.about_id) if held.about_id else None
    title = policy.titles(actor, {about}).get(about, "") if about else ""
    slug = actor.state.record_types[about.type].slug if about and title else ""
    write = due_format(actor.language, now(), actor.timezone)
    here = request.GET.get("next", "")
    if not here.startswith(URL):
        here = address(choice.choose(actor, {}), LIST, _day_of(actor, held))
    onward = urlencode({"next": here})
    free = held.state == "open" and choice.changeable(actor, {held.id: held.owner_id})
    back = {"label": _("Calendar"), "url": here}
    shown = {
        "title": held.title,
        "url": f"/tasks/{held.id}",
        "icon": ICONS.get(held.kind, "checks"),
        "kind": kind.label[actor.language] if kind else "",
        "when": write(held.due_at, held.whole_day) if held.due_at else "",
        "about": title,
        "about_url": f"/{slug}/{about.id}" if about and slug else "",
        "owner": actor.state.users.get(held.owner_id),
        "details": held.details,
        "result": held.result,
        "acts": [
            {"label": _("Done"), "url": f"/tasks/{held.id}/finish?{onward}", "icon": "check", "primary": True},
            {"label": _("Later"), "url": f"{URL}/{held.id}/move", "icon": "clock"},
            {"label": _("Hand over"), "url": f"/tasks/{held.id}/give?{onward}", "icon": "user-share"},
        ] if free else [],
    }  # fmt: skip
    return panel(request, "work/calendar_task.html", held.title, back, task=shown, dialog=is_fragment(request))


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET `due`, `whole_day`: when it was dropped, asked why. POST `due_at`, `whole_day`, `move_reason`: move it."""
    actor, held = _held(request, task_id, "edit")
    post, errors = request.POST, dict[str, list[str]]()
    record_type = actor.state.record_types["task"]
    if request.method == "POST":
        command = MoveTask(
            task_id, whole_number(post.get("version", "")), post.get("due_at", ""), "1" in post.getlist("whole_day"),
            post.get("move_reason", ""),
        )  # fmt: skip
        try:
            result = run(actor, command, key=post.get("idempotency", ""))
            moved = policy.get(actor, record_type, task_id)
            return _done(request, actor, _("Moved: %(what)s") % {"what": held.title}, result, _day_of(actor, moved))
        except Invalid as problem:
            errors = {key: [str(text) for text in found] for key, found in problem.fields.items()}
    due, whole_day = _asked(request, actor, held)
    fields = [
        forms.filled(forms.field(actor, record_type.spec("due_at"), None, errors.get("due_at")), due),
        forms.field(actor, record_type.spec("whole_day"), whole_day),
        forms.field(actor, record_type.spec("move_reason"), post.get("move_reason", ""), errors.get("move_reason"))
        | {"required": True, "autofocus": True},
    ]
    day = _day_of(actor, held)
    ask = {
        "title": _("Later"), "text": held.title, "url": request.get_full_path(), "fields": fields,
        "hidden": [["version", str(held.version)]], "submit_label": _("Move"), "idempotency": fresh_key(),
        "cancel_url": address(choice.choose(actor, request.GET), LIST, day),
    }  # fmt: skip
    status = 422 if errors else 200
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", status, ask=ask)
    return page(request, "ui/ask_page.html", status, ask=ask)


def _asked(request: HttpRequest, actor: Actor, held: Any) -> tuple[str, bool]:
    """What the form begins with: what was posted, where it was dropped, else what stands there."""
    if request.method == "POST":
        return request.POST.get("due_at", ""), "1" in request.POST.getlist("whole_day")
    try:
        dropped = datetime.fromisoformat(request.GET.get("due", "")).replace(tzinfo=None)
    except ValueError:
        local = held.due_at.astimezone(ZoneInfo(actor.timezone)) if held.due_at else None
        return (local.strftime("%Y-%m-%dT%H:%M") if local else ""), held.whole_day
    return dropped.strftime("%Y-%m-%dT%H:%M"), request.GET.get("whole_day") == "1"


@require_POST
def length(request: HttpRequest) -> HttpResponse:
    """POST `id`, `version`, `minutes`: how long it takes."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        task_id = UUID(request.POST.get("id", ""))
    except ValueError:
        task_id = UUID(int=0)
    _actor, held = _held(request, task_id, "edit")
    minutes = whole_number(request.POST.get("minutes", ""))
    if not 1 <= minutes <= LONGEST:
        raise Invalid(fields={"minutes": [_("Enter a whole number.")]})
    command = commands.update("task", task_id, whole_number(request.POST.get("version", "")), {"minutes": minutes})
    result = run(actor, command)
    return _done(request, actor, _("Saved."), result, _day_of(actor, held))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """POST, the address names the `event` and the `day` to go back to: take it back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    event = whole_number(request.GET.get("event", ""))
    run(actor, Undo(event), key=f"calendar-undo-{event}-{request.POST.get('idempotency', '')}"[:80])
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = policy.today(actor)
    return _done(request, actor, _("Taken back."), None, day)
