"""Columns added up unit by unit: percents never add to pieces, and the sheet's own totals must agree (new-5)."""

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.kernel.sheets import Source, Unreadable, columns, open_sheet
from support.workbooks import Xlsx, ods_cell, ods_row, save_ods


def adder_of(source: Source) -> columns.Adder:
    adder = columns.Adder(source, columns.study(source))
    for row in source.rows():
        adder.add(row)
    return adder


def outlet(tmp_path: Path, name: str, cells: list[object], total: object | None = None) -> Source:
    """One outlet's sales of kits, as its manager sends them."""
    book = Xlsx()
    rows: list[list[object]] = [["Kits sold in May"], ["Shop", "Kits"]]
    for at, cell in enumerate(cells):
        rows.append([f"Shop {at}", book.number(cell.rstrip("%"), "0%") if isinstance(cell, str) else cell])
    if total is not None:
        rows.append(["Total", book.formula(f"SUM(B3:B{len(cells) + 2})", total)])
    book.sheet("May", rows)
    return open_sheet(book.save(tmp_path / f"{name}.xlsx"), f"{name}.xlsx")


def test_three_outlet_files_of_one_unit_come_to_the_right_total(tmp_path: Path) -> None:
    files = [
        outlet(tmp_path, "north", [100, 57], 157), outlet(tmp_path, "south", [60, 40], 100),
        outlet(tmp_path, "west", [70, 6.5], 76.5),
    ]  # fmt: skip
    found = columns.total(files, "Kits")
    assert (found.amount, found.kind, found.counted) == (Decimal("333.5"), "number", 6)


def test_a_percent_cell_among_numbers_is_refused_with_its_file_row_and_column(tmp_path: Path) -> None:
    files = [
        outlet(tmp_path, "north", [100, 57], 157), outlet(tmp_path, "south", [60, "0.76%", 40], 100.76),
        outlet(tmp_path, "west", [70], 70),
    ]  # fmt: skip
    with pytest.raises(Unreadable) as caught:
        columns.total(files, "Kits")
    told = str(caught.value.what)
    assert all(part in told for part in ("south.xlsx", "row 4", "“Kits”", "76 %", "percentage among plain numbers"))
    assert "Correct" in str(caught.value.todo)


def test_a_file_all_in_percents_is_refused_beside_files_of_pieces(tmp_path: Path) -> None:
    files = [outlet(tmp_path, "north", [100]), outlet(tmp_path, "south", ["0.5%", "0.6%"])]
    with pytest.raises(Unreadable, match=r"south\.xlsx.*Kits"):
        columns.total(files, "Kits")


def test_percents_written_as_text_in_a_csv_are_refused_alike(tmp_path: Path) -> None:
    path = tmp_path / "south.csv"
    path.write_text("Shop;Kits\nA;60,5\nB;76 %\nC;40\n")
    with pytest.raises(Unreadable, match=r"south\.csv.*row 3.*Kits.*76 %"):
        columns.total([open_sheet(path, "south.csv")], "Kits")


def test_a_total_that_its_rows_do_not_come_to_is_told(tmp_path: Path) -> None:
    source = outlet(tmp_path, "north", [100, 57], 256.76)
    with pytest.raises(Unreadable, match=r"north\.xlsx.*row 5.*256\.76.*157"):
        columns.total([source], "kits ")
    (found,) = adder_of(source).differences()
    assert (found.stated, found.counted, found.sum.row) == (Decimal("256.76"), Decimal(157), 5)


def test_currencies_do_not_mix_and_plain_numbers_among_money_are_money(tmp_path: Path) -> None:
    book = Xlsx()
    money = '#,##0.00\\ "₽"'
    book.sheet("S", [["Name", "Sum"], ["a", book.number(5, money)], ["b", 6], ["c", book.number(7, money)]])
    source = open_sheet(book.save(tmp_path / "a.xlsx"), "a.xlsx")
    found = columns.total([source], "Sum")
    assert (found.amount, found.kind, found.currency) == (Decimal(18), "money", "RUB")
    book.sheet(
        "T",
        [
            ["Name", "Sum"],
            ["a", book.number(5, money)],
            ["b", book.number(5, "[$€-407]0")],
            ["c", book.number(5, money)],
        ],
    )
    other = open_sheet(book.save(tmp_path / "b.xlsx"), "b.xlsx", sheet="T")
    with pytest.raises(Unreadable, match=r"b\.xlsx.*“T”.*row 3.*another currency"):
        columns.total([other], "Sum")


@pytest.mark.parametrize("cell", ["many", "1 2 3"])
def test_a_text_among_numbers_is_refused_by_name(tmp_path: Path, cell: str) -> None:
    book = Xlsx()
    book.sheet("S", [["Name", "Sum"], *[[f"n{at}", at] for at in range(9)], ["x", cell]])
    with pytest.raises(Unreadable, match=r"row 11.*Sum"):
        columns.total([open_sheet(book.save(tmp_path / "a.xlsx"), "a.xlsx")], "Sum")


def test_a_column_of_texts_or_none_at_all_is_refused(tmp_path: Path) -> None:
    book = Xlsx().sheet("S", [["Name", "Sum", "Void"], ["a", 5, None]])
    source = open_sheet(book.save(tmp_path / "a.xlsx"), "a.xlsx")
    with pytest.raises(Unreadable, match="texts"):
        columns.total([source], "Name")
    with pytest.raises(Unreadable, match="no column “Plan”"):
        columns.total([source], "Plan")
    assert columns.total([source], "Void").amount == 0


def test_subtotals_are_compared_with_their_blocks_and_the_last_with_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Name;Sum;Share\nA;1,5;10 %\nB;2,5;20 %\nИтого по северу;4;30 %\nC;10;30 %\nИтого по югу;11;\nВсего;14;99 %\n"
    )
    source = open_sheet(path, "a.csv")
    adder = adder_of(source)
    assert [(found.sum.row, found.stated, found.counted) for found in adder.differences()] == [
        (6, Decimal(11), Decimal(10))
    ]
    assert {column: total.amount for column, total in adder.totals.items()} == {1: Decimal(14), 2: Decimal(60)}
    assert [one.row for one in source.sums() if one.column == 1] == [4, 6, 7]


def test_what_rounding_explains_is_no_difference(tmp_path: Path) -> None:
    source = outlet(tmp_path, "a", [0.1, 0.2, 33.333], "33.632999999999996")
    assert adder_of(source).differences() == []


def test_totals_of_an_ods_are_compared(tmp_path: Path) -> None:
    def number(value: str) -> str:
        return ods_cell(value, office__value_type="float", office__value=value)

    rows = (
        ods_row("Name", "Sum") + ods_row("a", number("1")) + ods_row("b", number("2")) + ods_row("Jumlah", number("4"))
    )
    source = open_sheet(save_ods(tmp_path / "a.ods", {"S": rows}), "a.ods")
    assert [(found.stated, found.counted) for found in adder_of(source).differences()] == [(Decimal(4), Decimal(3))]


@settings(max_examples=25)
@given(st.lists(st.decimals(-(10**6), 10**6, places=2, allow_nan=False), min_size=1, max_size=20))
def test_sums_are_exact_and_a_wrong_total_never_passes(amounts: list[Decimal]) -> None:
    for more in (Decimal(0), Decimal("0.01")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            lines = [f"Shop {at};{amount:.2f}" for at, amount in enumerate(amounts)]
            path.write_text("\n".join(["Shop;Kits", *lines, f"Total;{sum(amounts) + more:.2f}"]) + "\n")
            adder = adder_of(open_sheet(path, "a.csv"))
            assert adder.totals[1].amount == sum(amounts)
            assert bool(adder.differences()) == bool(more)
