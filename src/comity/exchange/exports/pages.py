"""What went out of late: how far it is, the file."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.exchange.exports import commands, making
from comity.exchange.exports.commands import ADMINISTRATOR, StopExport
from comity.exchange.exports.model import WORKING, Export
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.kernel.money import format_number
from comity.records.fields import SCALE
from comity.ui.cells import moment_format
from comity.ui.names import size_text
from comity.ui.pages.files import DOWNLOAD
from comity.ui.render import done, fresh_key, page

URL = "/exports"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def count_text(number: int, language: str) -> str:
    """A number as its reader writes it."""
    return format_number(number * SCALE, language)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """GET: his exports of late; for administrators, the door of the whole base."""
    actor = _actor(request)
    if actor.user_id is None or actor.seen_by is not None:
        raise NotFound()
    context = {
        "title": _("Exports"), "items": [_entry(actor, one) for one in commands.of(actor)],
        "base_url": f"{URL}/base" if actor.permits(ADMINISTRATOR) else "",
        "empty_text": _("Nothing was exported lately.") if "export" in actor.state.off.keys
        else _("Nothing was exported lately. The button stands above each list."),
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
        rows = ngettext("%(n)s card", "%(n)s cards", export.rows) % {"n": count_text(export.rows, language)}
        size = f"{rows} · {size_text(export.size, language)}"
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
        "done_text": count_text(export.done, actor.language), "total_text": count_text(export.total, actor.language),
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
