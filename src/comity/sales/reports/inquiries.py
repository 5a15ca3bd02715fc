"""Leads: where inquiries come from, how fast they are answered, what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.insight.charts import Chart, Series, columns
from comity.insight.periods import Period
from comity.insight.reports import Answer, Ask, Block, Leaf, Report, Selection, register
from comity.insight.tables import Cell, Column, Table, number_cell, percent, percent_text
from comity.kernel.errors import NotFound
from comity.kernel.money import format_number
from comity.records.fields import SCALE

ALL = "*"
ANSWERED, QUALIFIED, CONVERTED, REFUSED = "answered", "qualified", "converted", "refused"
BECAME = {QUALIFIED: ("qualified", "converted"), CONVERTED: ("converted",), REFUSED: ("refused",)}  # by their state
COLOURS = 7
IN_TIME = Q(answered_at__isnull=False, answered_at__lte=F("answer_due_at"))


@dataclass(frozen=True)
class InTime:
    """Inquiries whose first answer came within the term."""

    def q(self) -> Q:
        """The set, over leads."""
        return IN_TIME


@dataclass
class Came:
    """Inquiries of one row: how many, what became of them, how long the first answer took."""

    count: int = 0
    outcome: dict[str, int] = field(default_factory=dict)
    minutes: list[int] = field(default_factory=list)


class Inquiries:
    """One reading of the report."""

    def __init__(self, ask: Ask) -> None:
        self.ask, self.language = ask, ask.language
        offered = [{"value": "source", "label": _("Source")}]
        offered += [{"value": "month", "label": _("Year") if ask.period.by_year else _("Month")}]
        offered += [{"value": "owner", "label": _("Colleague")}] if "owner" in ask.readable else []
        self.by = ask.choose("rows", _("Rows"), offered)
        self.head = next(one["label"] for one in offered if one["value"] == self.by)
        self.timed = "answer_minutes" in ask.readable
        self.leaves = ask.filters()
        self.steps = ask.period.steps()
        self._at = {self._month(one.first): one for one in self.steps}

    def _month(self, day: Any) -> tuple[int, int]:
        return day.year, 0 if self.ask.period.by_year else day.month

    def rows(self) -> list[tuple[str, Period, Any, str, bool, int | None]]:
        """(source, step of the period, owner, state, answered in time, minutes) of each inquiry; one query."""
        zone = ZoneInfo(self.ask.actor.timezone)
        leads = self.ask.records([*self.leaves, self.ask.period.leaf("created_at")])
        leads = leads.annotate(in_time=Case(When(IN_TIME, then=True), default=False))
        names = ("source", "created_at", "owner_id", "state", "in_time", "answer_minutes")
        return [
            (source, self._at[self._month(at.astimezone(zone))], owner or "", state, in_time, minutes)
            for source, at, owner, state, in_time, minutes in leads.values_list(*names)
        ]

    def select(self, key: Any, what: str = "", step: Period | None = None) -> tuple[list[Leaf], InTime | None]:
        """The inquiries of a figure: of a row (ALL: any), those answered, qualified...; of one step of the period."""
        period = key if isinstance(key, Period) else step or self.ask.period
        leaves: list[Leaf] = [period.leaf("created_at"), *self.leaves]
        if key != ALL and not isinstance(key, Period):
            leaves.append({"field": self.by, "op": "any", "value": [str(key)]} if key else
                          {"field": self.by, "op": "empty"})  # fmt: skip
        if what in BECAME:
            leaves.append({"field": "state", "op": "any", "value": list(BECAME[what])})
        if what == "timed":
            leaves.append({"field": "answer_minutes", "op": "filled"})
        return leaves, InTime() if what == ANSWERED else None

    def url(self, key: Any, what: str = "", step: Period | None = None) -> str:
        """The address of a figure's inquiries."""
        leaves, among = self.select(key, what, step)
        return self.ask.figure(leaves) if among is None else self.ask.picked(row=self.word(key))

    def word(self, key: Any) -> str:
        """A row in an address."""
        return key.first.isoformat() if isinstance(key, Period) else str(key) or "-"

    def name(self, key: Any) -> str:
        """What a row is called."""
        if isinstance(key, Period):
            return key.step_label(self.language)
        if not key:
            return _("None")
        if self.by == "owner":
            member = self.ask.actor.state.users.get(key)
            return member.name if member else "?"
        return self.source(key)

    def source(self, key: str) -> str:
        """A source's label."""
        choice = self.ask.type.spec("source").choice(key)
        return choice.label[self.language] if choice else key or _("None")


def build(ask: Ask) -> Answer:
    """The report."""
    report = Inquiries(ask)
    rows = report.rows()
    notes = [
        _("Inquiries added in the period, by their state now; those that became deals count among the qualified."),
        _("In time: the first answer came within the term, counted in working hours."),
    ]
    return Answer([_along_time(report, rows), Block(_table(report, rows))], notes)


def pick(ask: Ask) -> Selection:
    """The inquiries of a row answered in time; raises NotFound."""
    report = Inquiries(ask)
    word = ask.query.get("row", "")
    known: list[Any] = [ALL, *report.steps] if report.by == "month" else [ALL, "", *_values(report)]
    key = next((one for one in known if report.word(one) == word), None)
    if key is None:
        raise NotFound()
    leaves, among = report.select(key, ANSWERED)
    title = _("Answered in time") if key == ALL else _("Answered in time: %(name)s") % {"name": report.name(key)}
    return Selection(title, {"all": leaves}, among)


def _values(report: Inquiries) -> list[Any]:
    if report.by == "owner":
        return list(report.ask.actor.state.users)
    return [choice.key for choice in report.ask.type.spec("source").choices]


def _gathered(report: Inquiries, rows: Sequence[tuple[Any, ...]]) -> dict[Any, Came]:
    """What each row holds, ALL among them."""
    place = {"source": 0, "month": 1, "owner": 2}[report.by]
    found: dict[Any, Came] = {ALL: Came()}
    if report.by == "month":
        found |= {step: Came() for step in report.steps}
    for row in rows:
        *_where, state, in_time, minutes = row
        for came in (found[ALL], found.setdefault(row[place], Came())):
            came.count += 1
            became = [what for what, states in BECAME.items() if state in states] + [ANSWERED] * in_time
            for what in became:
                came.outcome[what] = came.outcome.get(what, 0) + 1
            if minutes is not None:
                came.minutes.append(minutes)
    return found


def _table(report: Inquiries, rows: Sequence[tuple[Any, ...]]) -> Table:
    found = _gathered(report, rows)
    heads = [_("Inquiries"), _("Answered in time"), _("Qualified"), _("Became deals"), _("Refused")]
    heads += [_("Working minutes to the answer, median")] if report.timed else []
    table = Table(_("What became of them"), [Column(report.head, numeric=False), *(Column(one) for one in heads)])
    keys = [key for key in found if key != ALL]
    if report.by != "month":
        keys.sort(key=lambda key: (key == "", -found[key].count, str(key)))
    table.rows = [_line(report, found[key], key, Cell(report.name(key), person=True)) for key in keys]
    table.foot = _line(report, found[ALL], ALL, Cell(_("All")))
    return table


def _line(report: Inquiries, came: Came, key: Any, name: Cell) -> list[Cell]:
    language = report.language
    cells = [name, number_cell(came.count, language, report.url(key))]
    for what in (ANSWERED, QUALIFIED, CONVERTED, REFUSED):
        count = came.outcome.get(what, 0)
        share = percent_text(percent(count, came.count), language) if count else ""
        cells.append(number_cell(count, language, report.url(key, what), share))
    if report.timed:
        middle = round(median(came.minutes)) if came.minutes else 0
        text = format_number(middle * SCALE, language) if came.minutes else ""
        cells.append(Cell(text, middle if came.minutes else "", report.url(key, "timed") if came.minutes else ""))
    return cells


def _along_time(report: Inquiries, rows: Sequence[tuple[Any, ...]]) -> Block:
    """Sources by the steps of the period."""
    counts: dict[str, dict[Period, int]] = {}
    for source, step, *_rest in rows:
        held = counts.setdefault(source, {})
        held[step] = held.get(step, 0) + 1
    order = sorted(counts, key=lambda key: (-sum(counts[key].values()), key))
    return Block(_by_step(report, counts, order), _chart(report, counts, order, len(rows)), folded=True)


def _by_step(report: Inquiries, counts: dict[str, dict[Period, int]], order: list[str]) -> Table:
    heads = [*(step.step_label(report.language) for step in report.steps), _("All")]
    table = Table(_("Inquiries by source"), [Column(_("Source"), numeric=False), *(Column(one) for one in heads)])
    for source in order:
        leaf: Leaf = (
            {"field": "source", "op": "any", "value": [source]} if source else {"field": "source", "op": "empty"}
        )
        row = [Cell(report.source(source), person=True)]
        for step in [*report.steps, report.ask.period]:
            inside = counts[source].get(step, 0) if step in report.steps else sum(counts[source].values())
            url = report.ask.figure([step.leaf("created_at"), *report.leaves, leaf])
            row.append(number_cell(inside, report.language, url))
        table.rows.append(row)
    return table


def _chart(report: Inquiries, counts: dict[str, dict[Period, int]], order: list[str], whole: int) -> Chart:
    labels = [step.step_label(report.language, short=True) for step in report.steps]
    series = [
        Series(report.source(source), f"h{n + 1}", [counts[source].get(step, 0) for step in report.steps])
        for n, source in enumerate(order[:COLOURS])
    ]
    rest = order[COLOURS:]
    if rest:
        left = [sum(counts[source].get(step, 0) for source in rest) for step in report.steps]
        series.append(Series(_("Others"), "rest", left))
    tallest = max((sum(one.amounts[n] for one in series) for n in range(len(labels))), default=0)
    text = ngettext("%(n)s inquiry", "%(n)s inquiries", whole) % {"n": format_number(whole * SCALE, report.language)}
    title = _("No inquiries in this period")
    if order:
        most = sum(counts[order[0]].values())
        words = {
            "inquiries": text,
            "name": report.source(order[0]),
            "num": format_number(most * SCALE, report.language),
        }
        title = _("%(inquiries)s; most from “%(name)s”: %(num)s") % words
    return columns("leads", title, labels, series, format_number(tallest * SCALE, report.language))


LEADS = register(Report(
    "leads", lambda: _("Leads"),
    lambda: _("Where inquiries come from, how fast they are answered, what becomes of them."),
    "target-arrow", "lead", frozenset({"source", "created_at", "state", "answered_at", "answer_due_at"}), build,
    "past_year", pick, order=30,
))  # fmt: skip
