"""The funnel: how far deals come, where they are lost, how long it takes."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.insight.charts import Line, bars
from comity.insight.money import Tally
from comity.insight.reports import Answer, Ask, Block, Leaf, Report, Selection, register
from comity.insight.tables import Cell, Column, Table, money_cell, number_cell, percent, percent_cell, percent_text
from comity.kernel.errors import NotFound
from comity.kernel.money import format_number
from comity.records.fields import SCALE
from comity.sales.pipelines.state import StageState
from comity.sales.pipelines.state import of as pipelines_of
from comity.sales.reports.stages import CameThrough, Course, Places, course
from comity.sales.reports.words import days_cell, deals_text

COHORT, PERIOD = "cohort", "period"
REACHED, LOST, OPEN = "reached", "lost", "open"


class Funnel:
    """One reading of the funnel: its choices, what came of them, the addresses of its figures."""

    def __init__(self, ask: Ask) -> None:
        self.ask, self.language = ask, ask.language
        pipelines = pipelines_of(ask.actor.state).by_key
        offered = [{"value": key, "label": one.label[self.language]} for key, one in pipelines.items()]
        self.places = Places(pipelines[ask.choose("pipeline", _("Pipeline"), offered)])
        self.stages: Sequence[StageState] = self.places.stages
        by = [{"value": COHORT, "label": _("Deals added in the period")},
              {"value": PERIOD, "label": _("What happened in the period")}]  # fmt: skip
        self.cohort = ask.choose("by", _("Count"), by) == COHORT
        self.span = None if self.cohort else ask.period.edges(ask.actor.timezone)
        self.money = "amount" in ask.readable
        self.leaves: list[Leaf] = [{"field": "pipeline", "op": "any", "value": [self.places.pipeline.key]}]
        if self.cohort:
            self.leaves.append(ask.period.leaf("created_at"))
        self.leaves += ask.filters()

    def course(self) -> Course:
        """How far the deals came."""
        deals = self.ask.records(self.leaves)
        if self.span:  # a deal that was closed before, or added after, did nothing in the period
            deals = deals.filter(created_at__lt=self.span[1]).exclude(closed_at__lt=self.span[0])
        return course(deals, self.places, self.span, self.ask.rates, self.ask.today)

    def select(self, what: str, place: int) -> tuple[list[Leaf], CameThrough | None]:
        """The deals of a figure; the place after the last stage is winning."""
        leaves = list(self.leaves)
        won = place == len(self.stages)
        since, until = self.span or (None, None)
        if what != REACHED or won:
            leaves.append({"field": "state", "op": "any", "value": ["won" if won else what]})
        if not self.cohort and (won or what == LOST):
            leaves.append(self.ask.period.leaf("closed_at"))
        if won:
            return leaves, None
        reach = self.places.beginning(place) if place or (what == REACHED and self.span) else ()
        beyond = () if what == REACHED else self.places.beginning(place + 1)
        if not reach and not beyond:
            return leaves, None
        first = what == REACHED
        return leaves, CameThrough(
            self.places.pipeline.key, reach, beyond, since if first else None, until, first and self.cohort
        )

    def url(self, what: str, place: int) -> str:
        """The address of a figure's deals."""
        leaves, among = self.select(what, place)
        if among is None:
            return self.ask.figure(leaves)
        return self.ask.picked(what=what, stage=self.stages[place].key)

    def label(self, place: int) -> str:
        """A stage's name, or that of winning."""
        if place < len(self.stages):
            return self.stages[place].label[self.language]
        return self.places.pipeline.ending("won").label[self.language]


def build(ask: Ask) -> Answer:
    """The report."""
    funnel = Funnel(ask)
    found = funnel.course()
    worst = _most([one.count for one in found.lost])
    dearest = _most([one.whole for one in found.lost]) if funnel.money else None
    main = Block(_table(funnel, found, worst, dearest), bars(
        "funnel", _title(funnel, found, worst), _lines(funnel, found, worst), ask.rtl, _legend(funnel)
    ))  # fmt: skip
    return Answer([main, Block(_cycle(funnel, found))], _notes(funnel, found, worst, dearest))


def pick(ask: Ask) -> Selection:
    """The deals behind a figure: `what` of REACHED, LOST, OPEN at `stage`; raises NotFound."""
    funnel = Funnel(ask)
    place = next((n for n, one in enumerate(funnel.stages) if one.key == ask.query.get("stage")), None)
    what = ask.query.get("what")
    titles = {REACHED: _("Came to “%(stage)s”"), LOST: _("Lost at “%(stage)s”"), OPEN: _("Open at “%(stage)s”")}
    if place is None or what not in titles or (what == OPEN and not funnel.cohort):
        raise NotFound()
    leaves, among = funnel.select(what, place)
    return Selection(titles[what] % {"stage": funnel.label(place)}, {"all": leaves}, among)


def _most(amounts: Sequence[int]) -> int | None:
    """The place of the largest amount; None where all are zero."""
    largest = max(amounts, default=0)
    return amounts.index(largest) if largest > 0 else None


def _title(funnel: Funnel, found: Course, worst: int | None) -> str:
    if worst is not None:
        told = deals_text(found.lost[worst], funnel.language, funnel.money)
        return _("Most are lost at “%(stage)s”: %(deals)s") % {"stage": funnel.label(worst), "deals": told}
    if not found.reached[0].count and not found.reached[-1].count:
        return _("No deals in this period")
    won = deals_text(found.reached[-1], funnel.language, funnel.money)
    return _("None lost; won: %(deals)s") % {"deals": won}


def _lines(funnel: Funnel, found: Course, worst: int | None) -> list[Line]:
    lines = []
    for place, tally in enumerate(found.reached):
        value, language = format_number(tally.count * SCALE, funnel.language), funnel.language
        before = found.reached[place - 1].count if place else 0
        if before:
            value = f"{value} · {percent_text(percent(tally.count, before), language)}"
        lost = found.lost[place].count if funnel.cohort and place < len(found.lost) else 0
        hue = "won" if place == len(found.lost) else "main"
        lines.append(Line(funnel.label(place), value, [(tally.count - lost, hue), (lost, "lost")], hot=place == worst))
    return lines


def _legend(funnel: Funnel) -> list[tuple[str, str]]:
    if not funnel.cohort:
        return []
    return [("main", _("went on, or still open there")), ("lost", _("lost there"))]


def _table(funnel: Funnel, found: Course, worst: int | None, dearest: int | None) -> Table:
    columns = [Column(_("Stage"), numeric=False), Column(_("Came this far")), Column(_("Of the stage before"))]
    columns += [Column(_("Still open there"))] if funnel.cohort else []
    columns += [Column(_("Lost there")), Column(_("Days there, median")), Column(_("Days there, on average"))]
    if funnel.money:
        columns.insert(2, Column(_("Their amounts"), money=True))
        columns.insert(len(columns) - 2, Column(_("Amounts lost"), money=True))
    table = Table(_("Funnel: %(pipeline)s") % {"pipeline": funnel.places.pipeline.label[funnel.language]}, columns)
    for place, tally in enumerate(found.reached):
        before = found.reached[place - 1].count if place else 0
        row = [Cell(funnel.label(place), person=True)]
        row += _counted(funnel, tally, funnel.url(REACHED, place))
        row.append(percent_cell(tally.count, before, funnel.language))
        row += _stage(funnel, found, place, worst, dearest) if place < len(found.lost) else _nothing(funnel)
        table.rows.append(row)
    return table


def _counted(funnel: Funnel, tally: Tally, url: str, marks: tuple[str, str] = ("", "")) -> list[Cell]:
    """A count, and its money for who may read amounts; both open the same deals."""
    found = [number_cell(tally.count, funnel.language, url, mark=marks[0])]
    return [*found, money_cell(tally, funnel.language, url, marks[1])] if funnel.money else found


def _stage(funnel: Funnel, found: Course, place: int, worst: int | None, dearest: int | None) -> list[Cell]:
    """What is told of a stage but not of winning."""
    language, cells = funnel.language, list[Cell]()
    if funnel.cohort:
        cells.append(number_cell(found.open[place].count, language, funnel.url(OPEN, place)))
    marks = (_("most deals") if place == worst else "", _("most money") if place == dearest else "")
    cells += _counted(funnel, found.lost[place], funnel.url(LOST, place), marks)
    return [*cells, days_cell(found.stays[place], language), days_cell(found.stays[place], language, middle=False)]


def _nothing(funnel: Funnel) -> list[Cell]:
    return [Cell("", "")] * (3 + funnel.cohort + funnel.money)


def _cycle(funnel: Funnel, found: Course) -> Table:
    """From added to won."""
    columns = [Column("", numeric=False), Column(_("Deals")), Column(_("Days, median")), Column(_("Days, on average"))]
    language, url = funnel.language, funnel.url(REACHED, len(funnel.stages))
    row = [Cell(_("From added to won")), number_cell(len(found.cycles), language, url)]
    row += [days_cell(found.cycles, language), days_cell(found.cycles, language, middle=False)]
    return Table(_("How long a won deal takes"), columns, [row])


def _notes(funnel: Funnel, found: Course, worst: int | None, dearest: int | None) -> list[str]:
    notes = []
    if dearest is not None and dearest != worst:
        lost = found.lost[dearest]
        text = ngettext(
            "Most money is lost at “%(stage)s”: %(money)s in %(num)s deal.",
            "Most money is lost at “%(stage)s”: %(money)s in %(num)s deals.", lost.count,
        )  # fmt: skip
        money = lost.short(funnel.language)
        notes.append(text % {"stage": funnel.label(dearest), "money": money, "num": lost.count})
    if funnel.cohort:
        text = _(
            "Deals added in the period, by the furthest stage each has ever reached: a deal that went back and came "
            "again counts once, and one that skipped a stage counts as having passed it."
        )
    else:
        text = _(
            "A deal counts at a stage when it came that far for the first time within the period; won and lost when "
            "it was closed within it. So a stage may count more deals than the one before."
        )
    notes.append(text)
    if funnel.money:
        notes.append(_("Amounts are those of the deals as they stand now, at today’s rates."))
    return notes


FUNNEL = register(Report(
    "funnel", lambda: _("Funnel"),
    lambda: _("How far deals come, where most of them are lost, how many days they take."),
    "filter", "deal", frozenset({"pipeline", "stage", "state", "created_at", "closed_at"}), build, "past_year", pick,
    order=10,
))  # fmt: skip
