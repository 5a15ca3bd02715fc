"""Sales: won deals by month, colleague, client and source, and by any two of these."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.insight.charts import Chart, Line, Series, bars, columns
from comity.insight.money import Tally
from comity.insight.periods import Period
from comity.insight.reports import Answer, Ask, Block, Leaf, Report, Selection, register
from comity.insight.tables import Cell, Column, Table, money_cell, number_cell, percent_cell
from comity.kernel.errors import NotFound
from comity.kernel.money import format_money, format_number
from comity.records.fields import SCALE
from comity.sales.reports.cuts import NONE, OTHERS, Both, Cut, cuts, matching
from comity.sales.reports.words import deals_text
from comity.ui.lists import Among

ROWS, COLUMNS, COLOURS, BARS = 50, 8, 7, 10


@dataclass
class Sold:
    """Won deals in rows and columns; ALL stands for any row or column."""

    rows: list[Any] = field(default_factory=list)
    columns: list[Any] = field(default_factory=list)
    cells: dict[tuple[Any, Any], Tally] = field(default_factory=dict)


ALL = "*"


class Sales:
    """One reading of the report: its choices, the deals it is of, the addresses of its figures."""

    def __init__(self, ask: Ask) -> None:
        self.ask, self.language = ask, ask.language
        self.money = "amount" in ask.readable
        known = cuts(ask)
        offered = [{"value": key, "label": one.label} for key, one in known.items()]
        self.down: Cut = known[ask.choose("rows", _("Rows"), offered)]
        others = [one for one in offered if one["value"] != self.down.key]
        chosen = ask.choose("columns", _("Columns"), [{"value": "", "label": _("None")}, *others])
        self.across = known.get(chosen)
        self.leaves: list[Leaf] = [{"field": "state", "op": "any", "value": ["won"]}, *ask.filters()]

    def sold(self) -> Sold:
        """The won deals of the period, those past the largest keys gathered."""
        parts = [one for one in (self.down, self.across) if one]
        names = dict.fromkeys(
            ["closed_at", "amount", "amount_currency", *(name for one in parts for name in one.names)]
        )
        deals = self.ask.records([*self.leaves, self.ask.period.leaf("closed_at")])
        for one in parts:
            deals = deals.annotate(**one.extra)
        fine: dict[tuple[Any, Any], Tally] = {}
        organization = self.ask.actor.state.organization
        zone = ZoneInfo(organization.timezone if organization else "UTC")  # a day's rate is the same for every reader
        for row in deals.values(*names):
            place = self.down.of(row), self.across.of(row) if self.across else ALL
            if place not in fine:
                fine[place] = self.ask.tally()
            currency = row["amount_currency"]
            rate = (
                None if row["amount"] is None else self.ask.rates.on(currency, row["closed_at"].astimezone(zone).date())
            )
            fine[place].add(row["amount"] if self.money else None, currency, rate)
        return self._arranged(fine)

    def _arranged(self, fine: dict[tuple[Any, Any], Tally]) -> Sold:
        found = Sold()
        found.rows = self.down.keys(self._sizes((row, one) for (row, _column), one in fine.items()), ROWS)
        found.columns = [ALL]
        if self.across:
            found.columns = self.across.keys(
                self._sizes((column, one) for (_row, column), one in fine.items()), COLUMNS
            )
        rows, across = set(found.rows), set(found.columns)
        for (row, column), tally in fine.items():
            row, column = (row if row in rows else OTHERS), (column if column in across else OTHERS)
            for place in {(row, column), (row, ALL), (ALL, column), (ALL, ALL)}:
                found.cells.setdefault(place, self.ask.tally()).take([tally])
        return found

    def _sizes(self, parts: Iterable[tuple[Any, Tally]]) -> dict[Any, int]:
        sizes: dict[Any, int] = {}
        for key, tally in parts:
            sizes[key] = sizes.get(key, 0) + (tally.whole if self.money else tally.count)
        return sizes

    def select(self, row: Any, column: Any) -> tuple[list[Leaf], Among | None]:
        """The deals of a cell."""
        leaves, sets = list(self.leaves), list[Among]()
        chosen = [(cut, key) for cut, key in ((self.down, row), (self.across, column)) if cut and key != ALL]
        if not any(isinstance(key, Period) for _cut, key in chosen):
            leaves.append(self.ask.period.leaf("closed_at"))
        for cut, key in chosen:
            more, among = cut.select(key)
            leaves += more
            sets += [among] if among else []
        return leaves, Both(sets[0], sets[1]) if len(sets) > 1 else sets[0] if sets else None

    def url(self, row: Any, column: Any = ALL) -> str:
        """The address of the deals of a cell."""
        leaves, among = self.select(row, column)
        if among is None:
            return self.ask.figure(leaves)
        across = {"column": self.across.word(column)} if self.across and column != ALL else {}
        return self.ask.picked(**({"row": self.down.word(row)} if row != ALL else {}), **across)

    def size(self, tally: Tally | None) -> int:
        """How long its bar is: money for who may read it, else the count."""
        if tally is None:
            return 0
        return tally.whole if self.money else tally.count

    def written(self, size: int) -> str:
        """A length in words."""
        if self.money:
            return format_money(size, self.ask.rates.own, self.language)
        return format_number(size * SCALE, self.language)


def build(ask: Ask) -> Answer:
    """The report."""
    sales = Sales(ask)
    found = sales.sold()
    notes = []
    whole = found.cells.get((ALL, ALL))
    if whole and whole.unrated:
        notes.append(_("Amounts without a rate are not in the chart."))
    if sales.money:
        notes.append(_("Amounts in other currencies count by the rate of the day the deal was closed."))
    if any(cut and cut.key == "client" and NONE in keys for cut, keys in ((sales.down, found.rows),
                                                                         (sales.across, found.columns))):  # fmt: skip
        notes.append(_("“None” also holds deals whose client’s card you cannot see."))
    table = _matrix(sales, found, sales.across) if sales.across else _list(sales, found)
    return Answer([Block(table, _chart(sales, found))], notes)


def pick(ask: Ask) -> Selection:
    """The deals of a cell that no filter tells; raises NotFound."""
    sales = Sales(ask)
    found = sales.sold()
    row = matching(sales.down, found.rows, ask.query.get("row", "")) if ask.query.get("row") else ALL
    column = matching(sales.across, found.columns, ask.query.get("column", "")) if ask.query.get("column") else ALL
    if row is None or column is None:
        raise NotFound()
    leaves, among = sales.select(row, column)
    parts = [cut.name(key) for cut, key in ((sales.down, row), (sales.across, column)) if cut and key != ALL]
    return Selection(_("Won: %(what)s") % {"what": " · ".join(parts)}, {"all": leaves}, among)


def _list(sales: Sales, found: Sold) -> Table:
    """One row per key: deals, money, share."""
    table = Table(_("Won deals"), [Column(sales.down.label, numeric=False), Column(_("Deals"))])
    table.columns += [Column(_("Amount"), money=True)] if sales.money else []
    table.columns.append(Column(_("Share of the whole")))
    whole = found.cells.get((ALL, ALL), sales.ask.tally())

    def line(key: Any, name: Cell) -> list[Cell]:
        tally, url = found.cells.get((key, ALL), sales.ask.tally()), sales.url(key)
        row = [name, number_cell(tally.count, sales.language, url)]
        row += [money_cell(tally, sales.language, url)] if sales.money else []
        return [*row, percent_cell(sales.size(tally), sales.size(whole), sales.language)]

    table.rows = [line(key, Cell(sales.down.name(key), person=True)) for key in found.rows]
    table.foot = line(ALL, Cell(_("All")))
    return table


def _matrix(sales: Sales, found: Sold, across: Cut) -> Table:
    """Rows by columns, with sums of both."""
    caption = _("Won deals: %(rows)s by %(columns)s") % {"rows": sales.down.label, "columns": across.label}
    heads = [*(across.name(key) for key in found.columns), _("All")]
    table = Table(
        caption, [Column(sales.down.label, numeric=False), *(Column(one, money=sales.money) for one in heads)]
    )

    def line(key: Any, name: Cell) -> list[Cell]:
        return [name, *(_figure(sales, found, key, column) for column in [*found.columns, ALL])]

    table.rows = [line(key, Cell(sales.down.name(key), person=True)) for key in found.rows]
    table.foot = line(ALL, Cell(_("All")))
    return table


def _figure(sales: Sales, found: Sold, row: Any, column: Any) -> Cell:
    """Money with its count beside it; the count where there is no money to tell."""
    tally = found.cells.get((row, column))
    if tally is None:
        return Cell("", sales.ask.tally() if sales.money else "")
    url, language = sales.url(row, column), sales.language
    if not (sales.money and tally.sums):
        return Cell(format_number(tally.count * SCALE, language), tally if sales.money else tally.count, url)
    return Cell(tally.short(language), tally, url, deals_text(tally, language, money=False))


def _chart(sales: Sales, found: Sold) -> Chart:
    by_size = sorted((key for key in found.rows if key not in (NONE, OTHERS)),
                     key=lambda key: -sales.size(found.cells.get((key, ALL))))  # fmt: skip
    best = by_size[0] if by_size and sales.size(found.cells.get((by_size[0], ALL))) else None
    title = _title(sales, found, best)
    if sales.down.key == "month":
        labels = [key.step_label(sales.language, short=True) for key in found.rows]
        tallest = max((sales.size(found.cells.get((key, ALL))) for key in found.rows), default=0)
        return columns("sales", title, labels, _series(sales, found), sales.written(tallest))
    lines = [
        Line(sales.down.name(key), sales.written(sales.size(found.cells.get((key, ALL)))), _pieces(sales, found, key))
        for key in by_size[:BARS]
    ]
    legend = [(one.hue, one.label) for one in _series(sales, found)] if sales.across else []
    return bars("sales", title, lines, sales.ask.rtl, legend)


def _series(sales: Sales, found: Sold) -> list[Series]:
    """The colours of stacked bars: the largest columns, the rest in one."""
    if not sales.across:
        return [Series("", "main", [sales.size(found.cells.get((row, ALL))) for row in found.rows])]
    keys = found.columns[:COLOURS]
    series = [
        Series(sales.across.name(key), f"h{n % 8 + 1}", [sales.size(found.cells.get((row, key))) for row in found.rows])
        for n, key in enumerate(keys)
    ]
    rest = found.columns[COLOURS:]
    if rest:
        left = [sum(sales.size(found.cells.get((row, key))) for key in rest) for row in found.rows]
        series.append(Series(_("Others"), "rest", left))
    return series


def _pieces(sales: Sales, found: Sold, row: Any) -> Sequence[tuple[int, str]]:
    place = found.rows.index(row)
    return [(one.amounts[place], one.hue) for one in _series(sales, found)]


def _title(sales: Sales, found: Sold, best: Any) -> str:
    whole = found.cells.get((ALL, ALL))
    if whole is None:
        return _("No deals won in this period")
    told = deals_text(whole, sales.language, sales.money)
    if best is None:
        return _("Won: %(deals)s") % {"deals": told}
    most = deals_text(found.cells[best, ALL], sales.language, sales.money)
    words = {"deals": told, "name": sales.down.name(best), "most": most}
    return _("Won: %(deals)s; most in %(name)s: %(most)s") % words if sales.down.key == "month" else _(
        "Won: %(deals)s; most from %(name)s: %(most)s") % words  # fmt: skip


SALES = register(Report(
    "sales", lambda: _("Sales"),
    lambda: _("What was won: by month, colleague, client and source, and by any two of these."),
    "coin", "deal", frozenset({"state", "closed_at"}), build, "past_year", pick, order=20,
))  # fmt: skip
