"""The pages of an import: a file is dropped, mapped, tried out, loaded, taken back."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.colleagues import own_id
from comity.exchange.imports import refusals, showing, targets
from comity.exchange.imports.commands import (
    PERMIT,
    BeginImport,
    ForgetImport,
    MapImport,
    OpenAnew,
    RunImport,
    StopImport,
    TryImport,
    UndoImport,
    own,
)
from comity.exchange.imports.model import Import
from comity.exchange.imports.reading import used_types
from comity.kernel import storage
from comity.kernel.errors import Invalid, TooLarge
from comity.kernel.files import sniff
from comity.kernel.text import listed
from comity.records.types import RecordType
from comity.ui import registry
from comity.ui.render import done, fresh_key, page

ROOM = 64 * 1024  # of a form beside its file


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(PERMIT)
    return actor


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """GET: his imports, and where to drop a file. POST file: begin one."""
    actor = _actor(request)
    error = ""
    if request.method == "POST":
        if int(request.META.get("CONTENT_LENGTH") or "0") > settings.FILE_LIMIT + ROOM:
            raise TooLarge()
        given = request.FILES.get("file")
        if given is not None:
            stored = storage.save(given, settings.FILE_LIMIT)
            command = BeginImport(
                given.name or "file", stored.sha256, stored.size, sniff(stored.head, given.name or "")
            )
            result = run(actor, command, key=request.POST.get("idempotency", ""))
            return done(request, f"/import/{result.data['import']}")
        error = _("Choose a file first.")
    loads = Import.objects.filter(made_by=own_id(actor)).order_by("-made_at", "-id")[:50]
    context = {
        "title": _("Import"), "loads": [showing.line(actor, one) for one in loads], "error": error,
        "max_text": _("CSV, XLSX, ODS or vCard; up to %(size)s MB") % {"size": settings.FILE_LIMIT // 1_000_000},
        "idempotency": fresh_key(),
        "cards": listed((one.plural[actor.language] for one in targets.types(actor)), actor.language),
    }  # fmt: skip
    return page(request, "exchange/imports.html", 422 if error else 200, page=context)


@require_GET
def show(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """GET: how an import stands, and what is to be said next."""
    return _shown(request, own(_actor(request), load_id))


def _shown(request: HttpRequest, load: Import, errors: list[str] | None = None) -> HttpResponse:
    context = showing.whole(_actor(request), load, errors or [])
    return page(request, "exchange/import.html", 422 if errors else 200, page=context)


@require_POST
def mapping(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """POST to-N, decimal-N, order-N, value-N-M, policy-TYPE, key-TYPE, bad, main, source: say it; `try`: and try it."""
    actor, post = _actor(request), request.POST
    load = own(actor, load_id)
    columns: dict[int, dict[str, str]] = {}
    values: dict[int, dict[str, str]] = {}
    for index, one in enumerate(load.mapping.get("columns", ())):
        said = {key: post[f"{key}-{index}"] for key in ("decimal", "order") if post.get(f"{key}-{index}")}
        to = post.get(f"to-{index}")
        if to is not None and to != one["to"]:
            said["to"] = to
        if said:
            columns[index] = said
        texts = post.getlist(f"word-{index}")
        meant = post.getlist(f"meant-{index}")
        chosen = {text: key.removeprefix("=") for text, key in zip(texts, meant, strict=False) if key}
        if chosen:
            values[index] = chosen
    types = used_types(load.mapping) if load.mapping else []
    command = MapImport(
        load.pk, post.get("main", ""), post.get("source", ""), columns, values,
        {key: post[f"policy-{key}"] for key in types if f"policy-{key}" in post},
        {key: [one for one in post.getlist(f"key-{key}") if one] for key in types if f"key-{key}" in post},
        post.get("bad", ""),
    )  # fmt: skip
    try:
        run(actor, command)
    except Invalid as problem:
        return _shown(request, load, [str(text) for some in problem.fields.values() for text in some])
    if "try" in post:
        run(actor, TryImport(load.pk))
    return done(request, f"/import/{load.pk}")


@require_POST
def opening(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """POST sheet, encoding, delimiter, header: open the file in another way."""
    post = request.POST
    said: dict[str, Any] = {key: post.get(key, "") for key in ("sheet", "encoding", "delimiter")}
    if said["delimiter"] == "tab":
        said["delimiter"] = "\t"
    if post.get("header", "").isdecimal() and len(post["header"]) < 6:
        said["header"] = int(post["header"])
    run(_actor(request), OpenAnew(load_id, said))
    return done(request, f"/import/{load_id}")


@require_POST
def act(request: HttpRequest, load_id: UUID, what: str) -> HttpResponse:
    """POST: run, stop, undo, forget."""
    actor, key = _actor(request), request.POST.get("idempotency", "")
    commands: dict[str, Any] = {"run": RunImport, "stop": StopImport, "undo": UndoImport, "forget": ForgetImport}
    try:
        run(actor, commands[what](load_id), key=key)
    except Invalid as problem:
        texts = [str(text) for some in problem.fields.values() for text in some] or [str(problem.what)]
        return _shown(request, own(actor, load_id), texts)
    if what == "forget":
        return done(request, "/import", _("The file was removed. Nothing had been loaded of it."))
    return done(request, f"/import/{load_id}")


@require_GET
def refused(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """GET: the refused rows with their reasons, as a CSV file to mend and load again."""
    load = own(_actor(request), load_id)
    response = HttpResponse(refusals.table(load), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _tool(actor: Actor, record_type: RecordType, query: str) -> dict[str, Any] | None:
    if not actor.permits(PERMIT) or actor.scope(record_type.key, "create") == "none":
        return None
    return {"label": _("Import"), "icon": "upload", "url": "/import"}


def register() -> None:
    """The line in the menu and the button above lists, for who has the right."""
    registry.add(registry.ListTool("import", _tool, order=70))
    registry.add(registry.NavItem(
        "import", lambda: _("Import"), "/import", "upload", lambda actor, seen: actor.permits(PERMIT), order=300,
        group="clients",
    ))  # fmt: skip
