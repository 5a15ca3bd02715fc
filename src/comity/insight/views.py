"""The pages of reports: the list of them, one of them, the records behind a figure, the file."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.insight import periods, reports
from comity.insight.export import ExportReport, may_export
from comity.insight.reports import URL, Ask, Report
from comity.insight.tables import as_csv, as_workbook
from comity.kernel.errors import NotFound
from comity.records.fields import FieldSpec
from comity.ui import filters, lists, rows
from comity.ui.pages.lists import count_words, title_label
from comity.ui.render import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _report(actor: Actor, key: str) -> Report:
    report = reports.get(key)
    if report is None or not report.open_to(actor):
        raise NotFound()
    return report


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """GET: the reports there are, each in a sentence."""
    found = reports.of(_actor(request))
    if not found:
        raise NotFound()
    items = [
        {"label": one.label(), "text": one.sentence(), "icon": one.icon, "url": f"{URL}/{one.key}"} for one in found
    ]
    return page(request, "insight/index.html", page={"title": _("Reports"), "reports": items})


@require_GET
def report(request: HttpRequest, key: str) -> HttpResponse:
    """GET: a report for a period and the choices of the address."""
    actor = _actor(request)
    ask = Ask(actor, _report(actor, key), request.GET)
    answer = ask.report.build(ask)
    url = f"{URL}/{key}"
    context: dict[str, Any] = {
        "title": ask.report.label(),
        "sentence": ask.report.sentence(),
        "back": {"label": _("Reports"), "url": URL},
        "url": url,
        "period": _period(ask, url),
        "controls": ask.controls,
        "blocks": answer.blocks,
        "notes": answer.notes,
        "export": {"url": f"{url}/export", "fields": ask.params()} if may_export(actor, ask.report) else None,
    }
    return page(request, "insight/report.html", page=context)


def _period(ask: Ask, url: str) -> dict[str, Any] | None:
    """The choice of the period: those offered as links, any other by two days."""
    if not ask.report.period:
        return None
    chosen = ask.period
    offered = [
        {"label": label, "url": f"{url}?{urlencode(ask.params(period=key, **{'from': '', 'to': ''}))}",
         "current": chosen.key == key}
        for key, label in periods.labels().items()
    ]  # fmt: skip
    return {"offered": offered, "text": chosen.text(ask.language), "key": chosen.key,
            "first": chosen.first.isoformat(), "last": chosen.last.isoformat()}  # fmt: skip


@require_POST
def export(request: HttpRequest, key: str) -> HttpResponse:
    """POST the choices: the tables of a report as a file (`format`: csv or xlsx), of the records he may export."""
    actor = _actor(request)
    ask = Ask(actor, _report(actor, key), request.POST, action="export")
    tables = [block.table for block in ask.report.build(ask).blocks] if may_export(actor, ask.report) else []
    count = sum(len(table.rows) for table in tables)
    run(actor, ExportReport(key, ask.params(), count))
    ending = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    if ending == "xlsx":
        response = HttpResponse(as_workbook(tables, ask.report.label(), ask.rtl), content_type=XLSX)
    else:
        response = HttpResponse(as_csv(tables), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{key}-{ask.period.first}-{ask.period.last}.{ending}"'
    return response


@require_GET
def records(request: HttpRequest, key: str) -> HttpResponse:
    """GET: the records behind a figure that no filter of their list tells."""
    actor = _actor(request)
    ask = Ask(actor, _report(actor, key), request.GET)
    if ask.report.pick is None:
        raise NotFound()
    picked = ask.report.pick(ask)
    record_type, language = ask.type, actor.language
    shown = _columns(actor, ask)
    at = request.GET.get("at", "")
    cursor = lists.Cursor.parse(at) if at else None
    found = lists.load(actor, record_type, shown, picked.where, lists.Order(), cursor, among=picked.among)
    paged = bool(found.next or found.previous)
    number = lists.count(actor, record_type, picked.where, picked.among) if paged else len(found.rows)
    words = count_words(number, record_type, language)
    here = [(name, value) for name, value in request.GET.items() if name != "at"]
    context = {
        "title": picked.title,
        "back": {"label": ask.report.label(), "url": f"{URL}/{key}?{urlencode(ask.params())}"},
        "chips": filters.chips(actor, record_type, picked.where, f"/{record_type.slug}/", []),
        "columns": [{"label": title_label(record_type, language), "numeric": False}] + [
            {"label": spec.label[language], "numeric": spec.kind in rows.NUMERIC} for spec, _level in shown
        ],
        "table_html": rows.table(actor, record_type, shown, found, False),
        "total_text": ngettext("%(n)s card", "%(n)s cards", number) % {"n": words},
        "count_text": words,
        "any": bool(found.rows),
        "prev_url": f"?{urlencode([*here, ('at', found.previous.text())])}" if found.previous else None,
        "next_url": f"?{urlencode([*here, ('at', found.next.text())])}" if found.next else None,
    }  # fmt: skip
    return page(request, "insight/records.html", page=context)


def _columns(actor: Actor, ask: Ask) -> list[tuple[FieldSpec, str]]:
    """The columns of the type's list, without editing in place."""
    levels = {
        spec.key: (spec, "read" if level == "write" else level) for spec, level in policy.shown_fields(actor, ask.type)
    }
    chosen = actor.member.prefs.get("columns", {}).get(ask.type.key) if actor.member else None
    return [levels[key] for key in chosen or ask.type.columns if key in levels and levels[key][0].in_list]
