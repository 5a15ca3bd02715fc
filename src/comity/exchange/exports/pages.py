"""Lists as files: what of it and as which kind, the file's way, the file."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.exchange.exports import commands, making, writers
from comity.exchange.exports.commands import ADMINISTRATOR, StartExport, StopExport, may_export
from comity.exchange.exports.model import WORKING, Export
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.kernel.money import format_number
from comity.records.fields import SCALE
from comity.records.types import RecordType
from comity.ui import lists, registry
from comity.ui.cells import moment_format
from comity.ui.names import size_text
from comity.ui.pages.files import DOWNLOAD
from comity.ui.pages.lists import Listing, type_by_slug
from comity.ui.render import done, fresh_key, page

URL = "/exports"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _count(number: int, language: str) -> str:
    return format_number(number * SCALE, language)


def new(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: which columns, as what. POST: make the file; a small one comes at once."""
    actor, record_type = _actor(request), type_by_slug(request, slug)
    if not may_export(actor, record_type):
        raise Refused() if actor.scope(record_type.key, "view") != "none" else NotFound()
    listing = Listing(actor, record_type, request.GET)
    if request.method != "POST":
        return _ask(request, listing, {})
    every = request.POST.get("columns") == making.ALL
    columns: str | list[str] = making.ALL if every else [spec.key for spec, _level in listing.shown]
    view = "" if "match" in request.GET else listing.view.name
    command = StartExport(
        record_type.key, listing.where, str(listing.order), columns, request.POST.get("format", ""), view
    )
    try:
        result = run(actor, command, key=request.POST.get("idempotency", ""))
    except Invalid as problem:
        return _ask(request, listing, problem.fields, str(problem.what))
    export = commands.own(actor, UUID(result.data["export"]))
    if result.data["waits"]:
        return done(request, f"{URL}/{export.pk}")
    if export.state == "waiting":
        commands.make(actor, export)
    return HttpResponseRedirect(f"{URL}/{export.pk}/file")


def _ask(request: HttpRequest, listing: Listing, wrong: Any, said: str = "") -> HttpResponse:
    actor, record_type = listing.actor, listing.type
    number = making.number(actor, record_type, listing.where) if not said else 0
    text = ngettext("%(n)s card goes into the file.", "%(n)s cards go into the file.", number) % {
        "n": _count(number, actor.language) + ("" if number < lists.CAP else "+")}  # fmt: skip
    noted = _("Every export is noted with your name.")
    errors = [str(one) for one in wrong.get("format", [])]
    every = [{"value": "shown", "label": _("Those of the list")}, {"value": making.ALL, "label": _("All I may see")}]
    kinds = [{"value": key, "label": label} for key, label in writers.formats(record_type).items()]
    form = {
        "title": _("Export: %(list)s") % {"list": record_type.plural[actor.language]},
        "url": f"{URL}/new/{record_type.slug}?{urlencode(listing.params())}", "submit_label": _("Export"),
        "cancel_url": listing.address(), "idempotency": fresh_key(),
        "back": {"label": record_type.plural[actor.language], "url": listing.address()},
        "errors": [{"text": one, "field_id": "i-format"} for one in errors] or ([{"text": said}] if said else []),
        "groups": [{"label": "", "help": f"{text} {noted}", "fields": [
            {"key": "columns", "kind": "choice", "label": _("Columns"), "choices": every, "value": "shown",
             "required": True, "errors": []},
            {"key": "format", "kind": "choice", "label": _("Kind of file"), "choices": kinds,
             "value": request.POST.get("format", "xlsx"), "required": True, "errors": errors},
        ]}],
    }  # fmt: skip
    return page(request, "ui/form.html", 422 if wrong or said else 200, form=form)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """GET: his exports of late; for administrators, the door of the whole base."""
    actor = _actor(request)
    if actor.user_id is None or actor.seen_by is not None:
        raise NotFound()
    context = {
        "title": _("Exports"), "items": [_entry(actor, one) for one in commands.of(actor)],
        "base_url": f"{URL}/base" if actor.permits(ADMINISTRATOR) else "",
        "empty_text": _("Nothing was exported lately. The button stands above each list."),
    }  # fmt: skip
    return page(request, "exchange/exports.html", page=context)


def _entry(actor: Actor, export: Export) -> dict[str, Any]:
    language = actor.language
    show = moment_format(language, now(), actor.timezone)
    held = export.state == "done" and export.ready_at is not None and export.ready_at > now() - commands.KEPT
    sub = {
        "waiting": _("Waits its turn."), "running": _("It is being made."), "stopped": _("Stopped."),
        "failed": export.problem or _("It could not be made."),
    }.get(export.state)  # fmt: skip
    if sub is None and export.ready_at is not None:
        size = f"{_count(export.rows, language)} · {size_text(export.size, language)}"
        sub = size if held else _("The file is no longer kept.")
    return {
        "name": export.name, "url": f"{URL}/{export.pk}", "when": show(export.made_at), "sub": sub,
        "file_url": f"{URL}/{export.pk}/file" if held else "",
    }  # fmt: skip


@require_GET
def show(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """GET: how far it is; once through, the file."""
    actor = _actor(request)
    export = commands.own(actor, export_id)
    cut = ngettext(
        "%(n)s text was longer than a cell of a workbook holds, and was cut. As CSV it stays whole.",
        "%(n)s texts were longer than a cell of a workbook holds, and were cut. As CSV they stay whole.", export.cut,
    ) % {"n": export.cut}  # fmt: skip
    context = {
        "title": export.name, "back": {"label": _("Exports"), "url": URL}, **_entry(actor, export),
        "running": export.state in WORKING, "done": export.done, "total": export.total,
        "done_text": _count(export.done, actor.language), "total_text": _count(export.total, actor.language),
        "cut": cut if export.cut else "", "stop_url": f"{URL}/{export.pk}/stop",
        "kept": _("The file is kept for a day, for you alone."), "idempotency": fresh_key(),
    }  # fmt: skip
    return page(request, "exchange/export.html", page=context)


@require_safe
def file(request: HttpRequest, export_id: UUID) -> FileResponse:
    """GET: the file, for its maker alone."""
    export = commands.ready(_actor(request), export_id)
    try:
        content = making.path_of(export).open("rb")
    except FileNotFoundError:
        raise NotFound(_("This file is no longer kept."), todo=_("Export it again.")) from None
    return FileResponse(content, as_attachment=True, filename=export.name, headers=DOWNLOAD)


@require_POST
def stop(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """POST: stop it, or throw the file away."""
    run(_actor(request), StopExport(export_id))
    return done(request, URL, _("Stopped. Nothing is kept."))


def _tool(actor: Actor, record_type: RecordType, query: str) -> dict[str, Any] | None:
    if not may_export(actor, record_type):
        return None
    url = f"{URL}/new/{record_type.slug}"
    return {"label": _("Export"), "icon": "download", "url": f"{url}?{query}" if query else url}


def register() -> None:
    """The button above every list."""
    registry.add(registry.ListTool("export", _tool, order=80))
