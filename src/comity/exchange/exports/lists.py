"""Lists as files: the button above each, and what of it goes into which kind of file. This, with reports as files, is
the module Export: where that is off, administrators still take the whole base out and read what support is told."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.exchange.exports import commands, making, writers
from comity.exchange.exports.commands import StartExport, may_export
from comity.exchange.exports.pages import URL, count_text
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.types import RecordType
from comity.ui import lists, registry
from comity.ui.pages.lists import Listing, type_by_slug
from comity.ui.render import done, fresh_key, page


def new(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: which columns, as what. POST: make the file; a small one comes at once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
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
        "n": count_text(number, actor.language) + ("" if number < lists.CAP else "+")}  # fmt: skip
    noted = _("Every export is noted with your name.")
    errors = [str(one) for one in wrong.get("format", [])]
    every = [{"value": "shown", "label": _("Those of the list")}, {"value": making.ALL, "label": _("All I may see")}]
    kinds = [{"value": key, "label": label} for key, label in writers.formats(record_type).items()]
    form = {
        "title": _("Export: %(list)s") % {"list": record_type.plural[actor.language]},
        "url": f"{URL}/new/{record_type.slug}?{urlencode(listing.params())}", "submit_label": _("Export"), "file": True,
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


def _tool(actor: Actor, record_type: RecordType, query: str) -> dict[str, Any] | None:
    if not may_export(actor, record_type):
        return None
    url = f"{URL}/new/{record_type.slug}"
    return {"label": _("Export"), "icon": "download", "url": f"{url}?{query}" if query else url}


def register() -> None:
    """The button above every list."""
    registry.add(registry.ListTool("export", _tool, order=80))
