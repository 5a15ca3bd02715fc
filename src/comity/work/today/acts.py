"""What is done with lines of Today where they stand: finished, moved, given, many at once; and taken back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import batch as batches
from comity.changes.bus import Result, run
from comity.changes.undo import Undo
from comity.kernel.errors import Invalid, NotFound
from comity.kernel.text import whole_number
from comity.ui.pages.bulk import told
from comity.ui.render import fragment, fresh_key, is_fragment, page, remember
from comity.work import whose as choice
from comity.work.tasks import dialogs
from comity.work.tasks.commands import FinishTask, GiveTask, MoveTask
from comity.work.today.page import URL, address, chosen
from comity.work.whose import Whose

ACT = "today.give"


def _query(whose: Whose, **more: str) -> str:
    query = urlencode(whose.params() | more)
    return f"?{query}" if query else ""


def _back(whose: Whose, text: str, undo: str) -> HttpResponse:
    """On to the page as it is now, for scripts as a part of it; there it is said what was done."""
    response = HttpResponseRedirect(address(whose))
    remember(response, text, undo)
    return response


def _undo(whose: Whose, result: Result) -> str:
    return f"{URL}/undo{_query(whose, event=str(result.event))}" if result.event else ""


def _task(request: HttpRequest, task_id: UUID) -> tuple[Actor, Whose, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    task = policy.get(actor, actor.state.record_types["task"], task_id, "edit")
    return actor, choice.choose(actor, request.GET), task


def _show(request: HttpRequest, whose: Whose, task: Any, do: str, status: int = 200, **form: Any) -> HttpResponse:
    """The form of one line: under it for scripts, else as a page."""
    ask = {
        "text": task.title, "url": f"{URL}/{task.id}/{do}{_query(whose)}", "cancel_url": address(whose), "do": do,
        "hidden": [["version", str(task.version)]], "idempotency": fresh_key(), **form,
    }  # fmt: skip
    if is_fragment(request):
        answer = fragment(request, "work/today_do.html", status, ask=ask)
        if request.method == "GET":  # the form of all lines' buttons asked: this is the line it was pressed on
            answer["HX-Retarget"] = f"[id='{task.id}'] .nmc"
        return answer
    return page(request, "work/today_do_page.html", status, ask=ask)


@require_GET
def line(request: HttpRequest, do: str) -> HttpResponse:
    """GET `task`: what a button of that line opens, done or later."""
    try:
        task_id = UUID(request.GET.get("task", ""))
    except ValueError:
        raise NotFound() from None
    return (done if do == "done" else later)(request, task_id)


# --- done ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def done(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: what came of it, and the next step. POST: finish the task, plan the next one."""
    actor, whose, task = _task(request, task_id)
    post, errors = request.POST, dict[str, list[str]]()
    if request.method == "POST":
        version, following = whole_number(post.get("version", "")), dialogs.next_values(post)
        try:
            command = FinishTask(task_id, version, post.get("result", ""), following)
            result = run(actor, command, key=post.get("idempotency", ""))
            return _back(whose, _("Done: %(what)s") % {"what": task.title}, _undo(whose, result))
        except Invalid as problem:
            errors = dialogs.texts_of(problem)
    return _show(
        request, whose, task, "done", 422 if errors else 200, title=_("Done"), submit_label=_("Done"),
        fields=[dialogs.result_field(post, errors)], more=dialogs.next_fields(actor, post, errors),
    )  # fmt: skip


# --- later -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def later(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: until when, and why. POST `when` (a quick choice) or `due_at`, `move_reason`: move the deadline."""
    actor, whose, task = _task(request, task_id)
    post, errors = request.POST, dict[str, list[str]]()
    if request.method == "POST":
        due_at, whole_day = dialogs.later_values(actor, task, post)
        version, reason = whole_number(post.get("version", "")), post.get("move_reason", "")
        try:
            command = MoveTask(task_id, version, due_at, whole_day, reason)
            result = run(actor, command, key=post.get("idempotency", ""))
            return _back(whose, _("Moved: %(what)s") % {"what": task.title}, _undo(whose, result))
        except Invalid as problem:
            errors = dialogs.texts_of(problem)
    return _show(
        request, whose, task, "later", 422 if errors else 200, title=_("Later"), submit_label=_("Move"),
        **dialogs.later_form(actor, task, post, errors),
    )  # fmt: skip


# --- given to a colleague --------------------------------------------------------------------------------------------


def _give_one(record_id: UUID, arguments: Mapping[str, Any]) -> list[Any]:
    return [GiveTask(record_id, 0, UUID(arguments["user"]))]


batches.add_act(ACT, _give_one)


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """GET `task`, the line's: the colleagues to choose from. POST `id`s, or `all` with `query`: the same; with `user`:
    give them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    posted = request.POST if request.method == "POST" else request.GET
    whose = choice.choose(actor, QueryDict(posted["query"]) if posted.get("query") else request.GET)
    ids = chosen(actor, posted, whose, batches.MOST)
    if not ids:
        return _back(whose, _("Choose lines first."), "")
    try:
        to = actor.state.users.get(UUID(posted.get("user", "")))
    except ValueError:
        to = None
    if request.method == "POST" and to is not None:
        return _given(request, actor, whose, ids, to)
    return _whom(request, actor, whose, ids)


def _given(request: HttpRequest, actor: Actor, whose: Whose, ids: list[UUID], to: Any) -> HttpResponse:
    key = request.POST.get("idempotency", "")
    if len(ids) == 1 and request.POST.get("all") != "1":
        result = run(actor, GiveTask(ids[0], 0, to.id), key=key)
        return _back(whose, _("Given to %(name)s.") % {"name": to.name}, _undo(whose, result))
    held = batches.start(actor, batches.StartBatch("task", ACT, ids, {"user": str(to.id)}), key)
    if held.state != "done" or held.refused:
        text = told(held)
    else:
        text = ngettext("%(n)s line given to %(name)s.", "%(n)s lines given to %(name)s.", held.done)
        text %= {"n": held.done, "name": to.name}
    undo = f"{URL}/undo{_query(whose, batch=str(held.pk))}" if held.state == "done" and held.done else ""
    return _back(whose, text, undo)


def _whom(request: HttpRequest, actor: Actor, whose: Whose, ids: list[UUID]) -> HttpResponse:
    near = choice.mates(actor)
    people = sorted(
        (user for user in actor.state.users.values() if user.active),
        key=lambda user: (user.id != actor.user_id, user.id not in near),
    )  # fmt: skip
    everything = request.POST.get("all") == "1"
    hidden = [["all", "1"]] if everything else [["id", str(one)] for one in ids]
    number = len(ids)
    ask = {
        "title": _("Give to"),
        "text": ngettext("%(n)s line", "%(n)s lines", number) % {"n": number} if number > 1 else "",
        "url": f"{URL}/give{_query(whose)}", "cancel_url": address(whose), "idempotency": fresh_key(),
        "hidden": [*hidden, ["query", urlencode(whose.params())]], "people": people, "me": actor.user_id,
    }  # fmt: skip
    if is_fragment(request):
        return fragment(request, "work/today_give.html", ask=ask)
    return page(request, "work/today_give_page.html", ask=ask)


# --- taken back ------------------------------------------------------------------------------------------------------


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """POST, the address names an `event` or a `batch`: take it back and show the page again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    whose = choice.choose(actor, request.GET)
    batch, event = request.GET.get("batch", ""), whole_number(request.GET.get("event", ""))
    key = f"today-undo-{batch or event}-{request.POST.get('idempotency', '')}"[:80]
    if batch:
        try:
            held = batches.undo(actor, UUID(batch), key)
            text = _("Taken back.") if held.state == "done" and not held.refused else told(held)
        except ValueError:
            text = ""
    else:
        run(actor, Undo(event), key=key)
        text = _("Taken back.")
    response = HttpResponseRedirect(f"{URL}{_query(whose, beside='1')}" if is_fragment(request) else address(whose))
    if text:
        remember(response, text)
    return response
