"""Columns added up, unit by unit, and compared with what the sheet itself says: percents never add to pieces.

readings = columns.study(source)
adder = columns.Adder(source, readings)
for row in source.rows():
    adder.add(row)                      # beside whatever else is done with the row
adder.totals, adder.differences()
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from comity.kernel.sheets import problems
from comity.kernel.sheets.cells import NUMERIC, Cell, Row
from comity.kernel.sheets.guess import Reading, Study
from comity.kernel.sheets.numbers_in_cells import plain
from comity.kernel.sheets.problems import Unreadable
from comity.kernel.sheets.source import Source
from comity.kernel.sheets.totals import Sum

_NOISE = Decimal("1e-11")
_NAMED = 100  # problems of one column that are named; the others are counted


def study(source: Source) -> tuple[Reading, ...]:
    """How each column of the header is to be read, after a look at all of its values."""
    studies = [Study() for _name in source.header]
    for row in source.rows():
        for one, cell in zip(studies, row.cells, strict=False):
            one.add(cell)
    return tuple(one.reading() for one in studies)


@dataclass(slots=True)
class Total:
    """What one column comes to. `kind`: number, percent or money; `currency` of money.

    `problems`: the cells that do not belong, by name (the first hundred); `wrong`: how many there are. Where there is
    any, `amount` is the sum of the others and must not be taken for the whole.
    """

    column: int
    name: str
    kind: str
    currency: str = ""
    amount: Decimal = Decimal(0)
    counted: int = 0
    wrong: int = 0
    problems: list[Unreadable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """A total of the sheet that its rows do not come to; `problem` says it to a person."""

    sum: Sum
    stated: Decimal
    counted: Decimal
    problem: Unreadable


class Adder:
    """Adds up the numeric columns of a source whose rows are given to it in order, all of them."""

    def __init__(self, source: Source, readings: Sequence[Reading]) -> None:
        self._source = source
        self._readings = readings
        self.totals = {
            column: Total(column, source.header[column], reading.kind)
            for column, reading in enumerate(readings)
            if reading.kind in NUMERIC
        }
        self._watched = {column: _Watched(_bounds(source.sums(), column)) for column in self.totals}

    def add(self, row: Row) -> None:
        """One more row."""
        for column, total in self.totals.items():
            if column >= len(row.cells):
                continue
            cell = self._readings[column].number(row.cells[column])
            if cell.kind == "empty":
                continue
            reason = _objection(total, cell)
            if reason:
                total.wrong += 1
                if len(total.problems) < _NAMED:
                    place = self._source.place(row.number, column)
                    total.problems.append(problems.of_cell(place, cell.text, reason))
                continue
            self._take(total, cell, row.number)

    def _take(self, total: Total, cell: Cell, row: int) -> None:
        value = cell.value
        if not isinstance(value, Decimal):
            return
        total.currency = total.currency or cell.currency
        self._watched[total.column].reach(row, total.amount)
        total.amount += value
        total.counted += 1

    def differences(self) -> list[Difference]:
        """Where the sheet's own totals say something else than its rows; empty where all agree or it says nothing."""
        found = []
        before: dict[int, int] = {}
        for one in self._source.sums():
            total = self.totals.get(one.column)
            if total is None:
                continue
            since, before[one.column] = before.get(one.column, 0), one.row
            stated = self._readings[one.column].number(one.cell)
            if not isinstance(stated.value, Decimal) or stated.kind == "percent" != total.kind:
                continue
            if total.kind == "percent" and not one.first:
                continue  # shares are averaged as often as added
            counted = self._counted(one, since, total)
            if not any(_agree(stated.value, value, bool(one.first)) for value in counted):
                found.append(self._difference(one, stated.value, counted[0]))
        return found

    def _counted(self, one: Sum, since: int, total: Total) -> list[Decimal]:
        """What the rows come to that the total may mean: those of its formula, its block, or all above it."""
        at = self._watched[one.column].amount_before
        if one.first:
            return [at(one.last + 1, total.amount) - at(one.first, total.amount)]
        above = at(one.row, total.amount)
        return [above - at(since + 1, total.amount), above]

    def _difference(self, one: Sum, stated: Decimal, counted: Decimal) -> Difference:
        what = _("the total says %(stated)s, but its rows come to %(counted)s.") % {
            "stated": plain(stated),
            "counted": plain(counted),
        }
        todo = _("Compare the rows with the total and correct the file, or go on if the total is known to be wrong.")
        return Difference(one, stated, counted, Unreadable(self._source.place(one.row, one.column), what, todo))


def total(sources: Iterable[Source], heading: str) -> Total:
    """The sum of the column of that heading over several files, all of one unit.

    Raises Unreadable for the first cell that cannot be added, with its file, row and column, for a file without the
    column, and where a sheet's own total differs.
    """
    whole: Total | None = None
    for source in sources:
        found = _one(source, heading)
        if whole is None:
            whole = Total(found.column, heading, found.kind, found.currency)
        if found.kind != whole.kind or (found.currency and whole.currency and found.currency != whole.currency):
            reason = "currency" if found.kind == whole.kind else "percent" if found.kind == "percent" else "kind"
            raise problems.of_cell(source.place(0, found.column), plain(found.amount), reason)
        whole.currency = whole.currency or found.currency
        whole.amount += found.amount
        whole.counted += found.counted
    return whole or Total(0, heading, "number")


def _one(source: Source, heading: str) -> Total:
    wanted = heading.strip().casefold()
    column = next((at for at, name in enumerate(source.header) if name.strip().casefold() == wanted), None)
    if column is None:
        what = _("there is no column “%(name)s”.") % {"name": heading}
        raise Unreadable(source.place(), what, _("Choose the column that has these numbers."))
    readings = [reading if at == column else Reading() for at, reading in enumerate(study(source))]
    if readings[column].kind not in NUMERIC:
        if not readings[column].filled:
            return Total(column, heading, "number")
        what = _("the column has texts where numbers are needed.")
        raise Unreadable(source.place(0, column), what, _("Choose the column that has these numbers."))
    adder = Adder(source, readings)
    for row in source.rows():
        adder.add(row)
    found = adder.totals[column]
    if found.problems:
        raise found.problems[0]
    if differences := adder.differences():
        raise differences[0].problem
    return found


def _objection(total: Total, cell: Cell) -> str:
    """Why the cell does not add to the total; "" where it does. A plain number among money is money."""
    if cell.kind == "error":
        return cell.reason or "error"
    if cell.kind == "percent" and total.kind != "percent":
        return "percent"
    if cell.kind != "percent" and total.kind == "percent":
        return "no percent"
    if cell.currency and total.currency and cell.currency != total.currency:
        return "currency"
    return "" if cell.kind in NUMERIC and (cell.kind == total.kind or total.kind == "money") else "kind"


def _agree(stated: Decimal, counted: Decimal, by_formula: bool) -> bool:
    """Equal but for the noise of binary fractions and, where a person typed the total, for its rounding."""
    difference = abs(stated - counted)
    if difference <= max(abs(counted), Decimal(100)) * _NOISE:
        return True
    exponent = stated.as_tuple().exponent
    last = Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)
    return not by_formula and counted != counted.quantize(last) and difference <= last / 2


def _bounds(sums: Iterable[Sum], column: int) -> list[int]:
    wanted: set[int] = set()
    for one in sums:
        if one.column == column:
            wanted.update((one.first, one.last + 1, one.row, one.row + 1))
    return sorted(wanted)


class _Watched:
    """The running sum as it stood before certain rows."""

    def __init__(self, bounds: list[int]) -> None:
        self._bounds = bounds
        self._amounts: list[Decimal] = []

    def reach(self, row: int, amount: Decimal) -> None:
        """The row is about to be added to this amount."""
        while len(self._amounts) < len(self._bounds) and self._bounds[len(self._amounts)] <= row:
            self._amounts.append(amount)

    def amount_before(self, row: int, whole: Decimal) -> Decimal:
        """The sum of all rows above that one, which must be among the bounds; `whole` is the sum of all."""
        if row <= 1:
            return Decimal(0)
        at = bisect_left(self._bounds, row)
        return self._amounts[at] if at < len(self._amounts) else whole
