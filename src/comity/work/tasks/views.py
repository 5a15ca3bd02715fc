"""What is asked of a task and done with it: dialogs for scripts, pages for everybody else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Command, Result, run
from comity.kernel.errors import Conflict, Invalid
from comity.kernel.text import listed, whole_number
from comity.ui.pages.edit import next_url, undo_url
from comity.ui.render import done, fragment, fresh_key, is_fragment, page
from comity.work.tasks import dialogs, repeat_form
from comity.work.tasks.commands import (
    ChangeChecklist,
    DropTask,
    FinishTask,
    GiveTask,
    HelpTask,
    MoveTask,
    ReopenTask,
    RepeatTask,
    TickItem,
    about_of,
    helpers_of,
)
from comity.work.tasks.next_step import task_type

Form = dict[str, Any]


def _find(request: HttpRequest, task_id: UUID, action: str = "edit") -> tuple[Actor, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor, policy.get(actor, task_type(actor), task_id, action)


def home(actor: Actor, task: Any) -> str:
    """Where one goes on after something was done with a task: to the card it is about, else to the task."""
    about = about_of(task)
    record_type = actor.state.record_types.get(about.type) if about else None
    if about and record_type and policy.titles(actor, {about}):
        return f"/{record_type.slug}/{about.id}"
    return f"/tasks/{task.id}"


def answer(request: HttpRequest, form: Form, back: str, errors: dialogs.Errors) -> HttpResponse:
    """A form as a dialog or a page; 422 when something in it is wrong."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("next", "")
    known = {field["key"] for field in [*form.get("fields", []), *form.get("more", {}).get("fields", [])]}
    form = {
        "idempotency": fresh_key(), "cancel_url": back, "method": "post",
        "errors": [{"text": text} for key, texts in errors.items() if key not in known for text in texts],
        **form, "hidden": [*form.get("hidden", []), ["next", wanted or back]],
    }  # fmt: skip
    status = 422 if errors else 200
    if is_fragment(request):
        return fragment(request, "work/task_form.html", status, form=form)
    return page(request, "work/task_form_page.html", status, form=form)


def _do(request: HttpRequest, task: Any, command: Command, said: str) -> HttpResponse | dialogs.Errors:
    """Run a command and go on; what was wrong with the input is given back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    back = home(actor, task)
    try:
        result: Result = run(actor, command, key=request.POST.get("idempotency", ""))
    except Invalid as problem:
        return dialogs.texts_of(problem)
    except Conflict as problem:
        if not problem.current:
            raise  # it is closed by now: there is nothing to be asked again
        return {"version": [_("Someone changed this task meanwhile. Look at it and press again.")]}
    return done(request, next_url(request, back), said % {"what": task.title}, undo_url(result))


def _ask(request: HttpRequest, task: Any, do: str, errors: dialogs.Errors, **form: Any) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    made = {"text": task.title, "url": f"/tasks/{task.id}/{do}", "hidden": [["version", str(task.version)]], **form}
    return answer(request, made, home(actor, task), errors)


def _version(request: HttpRequest) -> int:
    return whole_number(request.POST.get("version", ""))


def _asked(
    request: HttpRequest, task: Any, do: str, said: str, command: Callable[[], Command],
    form: Callable[[dialogs.Errors], Form],
) -> HttpResponse:  # fmt: skip
    """GET: the form. POST: the command; the form again with what was wrong."""
    errors: dialogs.Errors = {}
    if request.method == "POST":
        try:
            found = _do(request, task, command(), said)
        except Invalid as problem:
            found = dialogs.texts_of(problem)
        if isinstance(found, HttpResponse):
            return found
        errors = found
    return _ask(request, task, do, errors, **form(errors))


@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: what came of it, and what comes next. POST: finish the task."""
    actor, task = _find(request, task_id)
    post = request.POST

    def form(errors: dialogs.Errors) -> Form:
        more = dialogs.next_fields(actor, post, errors)
        return {
            "title": _("Done"), "fields": [dialogs.result_field(post, errors)], "submit_label": _("Done"),
            "more": {"label": _("Next step"), "fields": more} if more else {},
        }  # fmt: skip

    def command() -> Command:
        return FinishTask(task_id, _version(request), post.get("result", ""), dialogs.next_values(post))

    return _asked(request, task, "finish", _("Done: %(what)s"), command, form)


@require_http_methods(["GET", "POST"])
def later(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: until when, and why. POST `when` (a quick choice) or `due_at`, `move_reason`: move the deadline."""
    actor, task = _find(request, task_id)
    post = request.POST

    def command() -> Command:
        due, whole_day = dialogs.later_values(actor, task, post)
        return MoveTask(task_id, _version(request), due, whole_day, post.get("move_reason", ""))

    return _asked(
        request, task, "later", _("Moved: %(what)s"), command,
        lambda errors: {"title": _("Later"), "submit_label": _("Move"),
                        **dialogs.later_form(actor, task, post, errors)},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: the colleagues. POST `user`: make him responsible."""
    actor, task = _find(request, task_id)
    return _asked(
        request, task, "give", _("Given: %(what)s"),
        lambda: GiveTask(task_id, _version(request), _user(request.POST.get("user", ""), "owner")),
        lambda errors: {"title": _("Give the task to"), "me": str(actor.user_id),
                        "people": dialogs.people(actor, frozenset([task.owner_id]))},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def drop(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: why. POST `reason`, `stop` (a repeated task comes no more): drop the task."""
    _actor, task = _find(request, task_id)
    post = request.POST

    def form(errors: dialogs.Errors) -> Form:
        fields: list[dict[str, Any]] = [
            {"key": "reason", "kind": "longtext", "rows": 2, "label": _("Why"), "value": post.get("reason", ""),
             "errors": errors.get("reason", []), "autofocus": True},
        ]  # fmt: skip
        if task.repeat:
            fields.append({"key": "stop", "kind": "bool", "label": _("It comes no more"), "value": post.get("stop")})
        return {"title": _("Drop the task"), "fields": fields, "submit_label": _("Drop")}

    return _asked(
        request, task, "drop", _("Dropped: %(what)s"),
        lambda: DropTask(task_id, _version(request), post.get("reason", ""), bool(post.get("stop"))), form,
    )  # fmt: skip


@require_POST
def reopen(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """POST: there is more to do."""
    _actor, task = _find(request, task_id)
    found = _do(request, task, ReopenTask(task_id), _("Open again: %(what)s"))
    return found if isinstance(found, HttpResponse) else done(request, f"/tasks/{task_id}")


@require_http_methods(["GET", "POST"])
def helpers(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: who helps. POST `user`: he is asked to; `off`: no longer."""
    actor, task = _find(request, task_id)
    post, held = request.POST, helpers_of(task)
    names = [actor.state.users[one].name for one in held if one in actor.state.users]
    text = _("Helping: %(names)s.") % {"names": listed(names, actor.language)} if names else _("Nobody helps yet.")

    def command() -> Command:
        off = post.get("off", "")
        return HelpTask(task_id, _user(off or post.get("user", ""), "user"), not off)

    return _asked(
        request, task, "help", _("Saved."), command,
        lambda errors: {
            "title": _("Helpers"), "text": f"{task.title}. {text}",
            "people": dialogs.people(actor, frozenset([task.owner_id, *held])),
            "leave": [{"id": str(one), "name": actor.state.users[one].name} for one in held
                      if one in actor.state.users],
        },
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def checklist(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: the lines as a text. POST `items`: write them anew."""
    _actor, task = _find(request, task_id)
    post = request.POST
    text = "\n".join(one["text"] for one in task.checklist)
    return _asked(
        request, task, "checklist", _("Saved."),
        lambda: ChangeChecklist(task_id, _version(request), post.get("items", "").splitlines()),
        lambda errors: {
            "title": _("Checklist"), "submit_label": _("Save"),
            "fields": [{"key": "items", "kind": "longtext", "rows": 8, "label": _("One line for each thing"),
                        "value": post.get("items", text), "errors": errors.get("checklist", []), "autofocus": True}],
        },
    )  # fmt: skip


@require_POST
def tick(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """POST `index`, `text`, `done`: tick a line of the checklist, or take the tick away; answers the checklist."""
    actor, _task = _find(request, task_id)
    post = request.POST
    command = TickItem(task_id, whole_number(post.get("index", "")), bool(post.get("done")), post.get("text", ""))
    result = run(actor, command, key=post.get("idempotency", ""))
    if not is_fragment(request):
        return done(request, f"/tasks/{task_id}", _("Saved."), undo_url(result))
    from comity.work.tasks import panels

    return HttpResponse(panels.details(request, task_type(actor), _find(request, task_id)[1]) or "")


@require_http_methods(["GET", "POST"])
def repeat(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """GET: how often. POST: make the task come again, or once only."""
    actor, task = _find(request, task_id)
    post = request.POST if request.method == "POST" else None
    return _asked(
        request, task, "repeat", _("Saved."),
        lambda: RepeatTask(task_id, _version(request), repeat_form.rule_of(actor, request.POST, task.repeat)),
        lambda errors: {"title": _("Repeat the task"), "submit_label": _("Save"),
                        "fields": repeat_form.fields(actor, task.repeat, errors, post)},
    )  # fmt: skip


def _user(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(fields={field: [_("Choose a colleague who works here.")]}) from None
