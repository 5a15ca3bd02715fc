"""XLSX and ODS: every cell keeps its type, and what a spreadsheet did to a value is told."""

from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import openpyxl
import pytest

from comity.kernel.sheets import Cell, Source, Unreadable, open_sheet
from support.workbooks import Xlsx, ods_cell, ods_row, save_ods


def cells_of(tmp_path: Path, book: Xlsx) -> dict[str, Cell]:
    """The second column by the first, of the first sheet."""
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    return {row.cells[0].text: row.cells[1] for row in source.rows()}


def texts(source: Source) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in source.rows()]


FORMATS = [
    ("0%", "0.125", "percent", Decimal("12.5"), "12.5 %", ""),
    ('0.0"%"', "5", "number", Decimal(5), "5", ""),
    ('#,##0.00\\ "₽"', "1234.5", "money", Decimal("1234.5"), "1234.5 RUB", "RUB"),
    ("# ##0,00 ₽", "10", "money", Decimal(10), "10 RUB", "RUB"),
    ("#,##0.00 [$€-407]", "10", "money", Decimal(10), "10 EUR", "EUR"),
    ("[$$-409]#,##0.00", "10", "money", Decimal(10), "10 USD", "USD"),
    ("[$$-C09]#,##0.00", "10", "money", Decimal(10), "10 AUD", "AUD"),
    ("[$UAH] #,##0", "10", "money", Decimal(10), "10 UAH", "UAH"),
    ('#,##0\\ "грн."', "10", "money", Decimal(10), "10 UAH", "UAH"),
    ('_-* #,##0.00\\ "лв."_-;\\-* #,##0.00\\ "лв."_-;_-* "-"??\\ "лв."_-;_-@_-', "7",
     "money", Decimal(7), "7 BGN", "BGN"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', "-3", "money", Decimal(-3), "-3 USD", "USD"),
    ("_-* #,##0.00_-;-* #,##0.00_-", "7", "number", Decimal(7), "7", ""),
    ('#,##0\\ "шт."', "7", "number", Decimal(7), "7", ""),
    ("[$-419]d\\ mmm\\ yyyy;@", "46157", "date", date(2026, 5, 15), "2026-05-15", ""),
    ("dd/mm/yyyy", "46157.5", "datetime", datetime(2026, 5, 15, 12), "2026-05-15 12:00:00", ""),
    ("yyyy\\-mm\\-dd\\ hh:mm", "46157.4375", "datetime", datetime(2026, 5, 15, 10, 30), "2026-05-15 10:30:00", ""),
    ("dd.mm.yyyy h:mm:ss", "46157.43819444444", "datetime", datetime(2026, 5, 15, 10, 31), "2026-05-15 10:31:00", ""),
    ("m/d/yy", "1", "date", date(1900, 1, 1), "1900-01-01", ""),
    ("h:mm", "0.75", "text", "18:00:00", "18:00:00", ""),
    ("[h]:mm", "1.5", "text", "36:00:00", "36:00:00", ""),
    ("@", "42", "text", "42", "42", ""),
    ("General", "12.299999999999999", "number", Decimal("12.3"), "12.3", ""),
    ("General", "1E-3", "number", Decimal("0.001"), "0.001", ""),
    ("[Red]0.00;[Blue]-0.00", "1.5", "number", Decimal("1.5"), "1.5", ""),
    ("00000", "1234", "number", Decimal(1234), "01234", ""),
    ('\\+0\\ \\(000\\)\\ 000\\-00\\-00', "79161234567", "number", Decimal(79161234567), "+7 (916) 123-45-67", ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "stored", "kind", "value", "text", "currency"), FORMATS)
def test_the_number_format_tells_the_kind(
    tmp_path: Path, code: str, stored: str, kind: str, value: object, text: str, currency: str
) -> None:
    book = Xlsx()
    book.sheet("S", [["Key", "Value"], ["a", book.number(stored, code)]])
    cell = cells_of(tmp_path, book)["a"]
    assert (cell.kind, cell.value, cell.text, cell.currency) == (kind, value, text, currency)


def test_days_that_never_were_are_refused_by_name(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet("S", [["Key", "Day"], ["a", book.number(60, "dd.mm.yyyy")], ["b", book.number(-5, "dd.mm.yyyy")]])
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    for row in source.rows():
        told = source.problem(row, 1)
        assert f"row {row.number}" in str(told.what) and "“Day”" in str(told.what) and "date" in str(told.what)


def test_days_are_counted_from_1904_where_the_workbook_does(tmp_path: Path) -> None:
    book = Xlsx()
    book.book = '<workbookPr date1904="1"/>'
    book.sheet("S", [["Key", "Day"], ["a", book.number(44695, "dd.mm.yyyy")]])
    assert cells_of(tmp_path, book)["a"].value == date(2026, 5, 15)


@pytest.mark.parametrize(
    ("stored", "code", "text", "flags"),
    [
        ("79161234567", "General", "79161234567", {"eaten"}),
        ("79161234567", "0", "79161234567", {"eaten"}),
        ("7.9161234567E10", "General", "79161234567", {"eaten", "scientific"}),
        ("79161234567", "0.00E+00", "79161234567", {"eaten", "scientific"}),
        ("7.91612E+10", "General", "79161200000", {"eaten", "scientific", "lost"}),
        ("4.08178100999E+19", "0", "40817810099900000000", {"eaten", "scientific", "lost"}),
        ("40817810099910004312", "0", "40817810099910004312", {"eaten", "lost"}),
        ("79161234567", "#,##0.00", "79161234567", set()),
        ("9161234567", "General", "9161234567", set()),
    ],
)
def test_telephones_that_became_numbers_are_told(
    tmp_path: Path, stored: str, code: str, text: str, flags: set[str]
) -> None:
    book = Xlsx()
    book.sheet("S", [["Key", "Phone"], ["a", book.number(stored, code)]])
    cell = cells_of(tmp_path, book)["a"]
    assert (cell.text, set(cell.flags)) == (text, flags)


def test_formulas_keep_their_value_or_are_refused_by_what_they_show(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet("S", [
        ["Key", "Value"],
        ["counted", book.formula("A1*2", "7.5", "0.00")],
        ["joined", book.formula('A1&"x"', "abc", kind="str")],
        ["nothing", book.formula('""', "", kind="str")],
        ["never", book.formula("A1*2", None)],
        ["failed", book.formula("A1/0", "#DIV/0!", kind="e")],
        ["away", book.formula("[1]Sheet1!A1*2", "5")],
        ["away2", book.formula("'[prices 2026.xlsx]My list'!B2", "5")],
        ["table", book.formula("Table1[[#This Row],[a]]*Other!B2", "5")],
        ["true", '<c {r} t="b"><v>1</v></c>'],
        ["iso", '<c {r} t="d"><v>2026-05-15T10:00:00Z</v></c>'],
        ["inline", '<c {r} t="inlineStr"><is><r><t>Rich </t></r><r><t>text</t></r><rPh><t>x</t></rPh></is></c>'],
        ["escaped", book.text("a_x000D_\nb")],
    ])  # fmt: skip
    cells = cells_of(tmp_path, book)
    assert cells["counted"] == Cell("number", Decimal("7.5"), "7.5", "", frozenset(("formula",)))
    assert (cells["joined"].kind, cells["joined"].text, cells["joined"].flags) == ("text", "abc", {"formula"})
    assert cells["nothing"].kind == "empty"
    assert {key: (cells[key].text, cells[key].reason) for key in ("never", "failed", "away", "away2")} == {
        "never": ("=A1*2", "uncounted"),
        "failed": ("#DIV/0!", "error"),
        "away": ("=[1]Sheet1!A1*2", "external"),
        "away2": ("='[prices 2026.xlsx]My list'!B2", "external"),
    }
    assert all(cells[key].kind == "error" for key in ("never", "failed", "away", "away2"))
    assert cells["table"].value == Decimal(5)
    assert (cells["true"].kind, cells["true"].value) == ("bool", True)
    assert (cells["iso"].kind, cells["iso"].value) == ("datetime", datetime(2026, 5, 15, 10))
    assert cells["inline"].text == "Rich text"
    assert cells["escaped"].text == "a\nb"


def test_a_refused_cell_names_file_sheet_row_and_column(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet("Sales", [["Name", "Sum"], ["a", book.formula("A1/0", "#DIV/0!", kind="e")]]).sheet("Other", [["x"]])
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "north.xlsx")
    (row,) = source.rows()
    told = source.problem(row, 1)
    for part in ("north.xlsx", "“Sales”", "row 2", "“Sum”", "#DIV/0!"):
        assert part in str(told.what)
    assert told.todo and (told.place.row, told.place.column) == (2, "Sum")


def test_merged_cells_have_their_value_in_the_first_and_its_text_below(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet(
        "S",
        [["Region", "City", "Sum"], ["North", "Riga", 1], [None, "Oslo", 2], ["hidden", "Rome", 3], ["Both", None, 4]],
        merged=["A2:A3", "A5:B5"],
    )
    rows = list(open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx").rows())
    assert [row.cells[0].text for row in rows] == ["North", "North", "hidden", "Both"]
    assert [row.cells[0].kind for row in rows] == ["text", "empty", "text", "text"]
    assert [set(row.cells[0].flags) for row in rows] == [set(), {"merged"}, set(), set()]
    assert rows[3].cells[1].flags == {"merged"}


def test_apostrophes_of_a_spreadsheet_are_told(tmp_path: Path) -> None:
    book = Xlsx()
    book.texts = ["+79161234567", "'+79161234567"]
    style = book.style("General", quoted=True)
    book.sheet(
        "S", [["Key", "Phone"], ["a", f'<c {{r}} s="{style}" t="s"><v>0</v></c>'], ["b", '<c {r} t="s"><v>1</v></c>']]
    )
    cells = cells_of(tmp_path, book)
    assert cells["a"] == cells["b"] == Cell("text", "+79161234567", "+79161234567", "", frozenset(("apostrophe",)))


def test_the_first_sheet_that_people_see_and_that_has_rows_is_read(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet("Lists", [["x"]], state="hidden").sheet("Cover", []).sheet("Clients", [["Name"], ["Ann"]])
    path = book.save(tmp_path / "book.xlsx")
    source = open_sheet(path, "book.xlsx")
    assert (source.sheets, source.sheet, texts(source)) == (("Cover", "Clients"), "Clients", [["Ann"]])
    assert open_sheet(path, "book.xlsx", sheet="Cover").header == ()
    with pytest.raises(Unreadable, match="Prices"):
        open_sheet(path, "book.xlsx", sheet="Prices")


def test_gaps_in_rows_and_cells_are_kept(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet("S", [None, ["Title"], None, ["Name", "City", "Sum"], None, ["Ann", None, 3]])
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    (row,) = source.rows()
    assert (source.title, source.header_row, row.number) == ("Title", 4, 6)
    assert [cell.kind for cell in row.cells] == ["text", "empty", "number"]


@pytest.mark.parametrize(
    "formula", ["SUM(B2:B3)", "SUBTOTAL(9,B2:B3)", "SUBTOTAL(109,B$2:$B$3)", "AGGREGATE(9,5,B2:B3)"]
)
def test_a_row_that_adds_up_its_column_is_one_of_totals(tmp_path: Path, formula: str) -> None:
    book = Xlsx()
    book.sheet("S", [["Name", "Sum"], ["a", 1], ["b", 2], [None, book.formula(formula, 3)], ["c", 5]])
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    assert [row[0] for row in texts(source)] == ["a", "b", "c"]
    (one,) = source.sums()
    assert (one.name, one.row, one.cell.value, one.first, one.last) == ("Sum", 4, Decimal(3), 2, 3)


def test_formulas_along_a_row_make_no_totals(tmp_path: Path) -> None:
    book = Xlsx()
    book.sheet("S", [
        ["Name", "A", "B", "All"],
        *[[f"n{at}", at, at, book.formula(f"SUM(B{at}:C{at})", 2 * at)] for at in range(2, 5)],
        ["Moving", 1, 1, book.formula("SUM(C2:C4)", 9)],
    ])  # fmt: skip
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    assert len(texts(source)) == 4 and source.sums() == ()


def test_a_copied_formula_adds_up_the_column_it_stands_in(tmp_path: Path) -> None:
    book = Xlsx()
    first = '<c {r}><f t="shared" ref="B4:C4" si="0">SUM(B2:B3)</f><v>3</v></c>'
    book.sheet(
        "S",
        [
            ["Name", "A", "B"],
            ["a", 1, 10],
            ["b", 2, 20],
            ["All of it", first, '<c {r}><f t="shared" si="0"/><v>30</v></c>'],
        ],
    )
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    assert [(one.name, one.cell.value, one.first, one.last) for one in source.sums()] == [
        ("A", Decimal(3), 2, 3), ("B", Decimal(30), 2, 3),
    ]  # fmt: skip
    assert source.total == 2


def test_a_workbook_of_another_program_reads_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Клиенты"
    sheet.append(["Имя", "Скидка", "Сумма", "Дата", "Активен", "Телефон"])
    sheet.append(["Пётр", 0.125, 1234.5, date(2026, 5, 15), True, 79161234567])
    sheet["B2"].number_format, sheet["C2"].number_format = "0.0%", '#,##0.00\\ "₽"'
    sheet.append(["Анна", None, None, datetime(2026, 5, 15, 10, 30), False, "+371 2"])
    sheet.merge_cells("B3:C3")
    book.save(tmp_path / "book.xlsx")
    source = open_sheet(tmp_path / "book.xlsx", "book.xlsx")
    first, second = source.rows()
    assert [cell.kind for cell in first.cells] == ["text", "percent", "money", "date", "bool", "number"]
    assert [cell.value for cell in first.cells[1:5]] == [Decimal("12.5"), Decimal("1234.5"), date(2026, 5, 15), True]
    assert second.cells[3].value == datetime(2026, 5, 15, 10, 30)
    assert second.cells[2].flags == {"merged"}


def ods(tmp_path: Path, *rows: str, **tables: str) -> Source:
    path = save_ods(
        tmp_path / "book.ods", {"Empty": ods_row(ods_cell(repeated=1024)), "Клиенты": "".join(rows), **tables}
    )
    return open_sheet(path, "book.ods")


def test_cells_of_an_ods_say_their_own_kind(tmp_path: Path) -> None:
    value = {"office__value_type": "float"}
    source = ods(
        tmp_path,
        ods_row("Key", "Value"),
        ods_row("percent", ods_cell("12,5 %", office__value_type="percentage", office__value="0.125")),
        ods_row("money", ods_cell("10 ₽", office__value_type="currency", office__currency="RUB", office__value="10")),
        ods_row("number", ods_cell("1 234,50", **value, office__value="1234.5")),
        ods_row("date", ods_cell("15.05.26", office__value_type="date", office__date_value="2026-05-15")),
        ods_row("moment", ods_cell("x", office__value_type="date", office__date_value="2026-05-15T10:30:00")),
        ods_row("yes", ods_cell("TRUE", office__value_type="boolean", office__boolean_value="true")),
        ods_row("phone", ods_cell("79161234567", **value, office__value="79161234567")),
        ods_row("masked", ods_cell("+7 916 123-45-67", **value, office__value="79161234567")),
        ods_row("short", ods_cell("7,92E+10", **value, office__value="79161234567")),
        ods_row("sum", ods_cell("3", **value, office__value="3", table__formula="of:=[.A1]+[.A2]")),
        ods_row("bad", ods_cell("#DIV/0!", calcext__value_type="error", table__formula="of:=1/0")),
        ods_row("none", ods_cell(table__formula="of:=1/0")),
        ods_row("lines", ods_cell("one\ntwo")),
        ods_row("apostrophe", "'+7916"),
    )  # fmt: skip
    found = {row.cells[0].text: row.cells[1] for row in source.rows()}
    assert (source.sheets, source.sheet, source.format) == (("Empty", "Клиенты"), "Клиенты", "ods")
    assert {key: (cell.kind, cell.value) for key, cell in found.items() if cell.kind not in ("text", "error")} == {
        "percent": ("percent", Decimal("12.5")), "money": ("money", Decimal(10)),
        "number": ("number", Decimal("1234.5")),
        "date": ("date", date(2026, 5, 15)), "moment": ("datetime", datetime(2026, 5, 15, 10, 30)),
        "yes": ("bool", True), "sum": ("number", Decimal(3)), "phone": ("number", Decimal(79161234567)),
        "masked": ("number", Decimal(79161234567)), "short": ("number", Decimal(79161234567)),
    }  # fmt: skip
    assert found["money"].currency == "RUB"
    assert found["masked"].text == "+7 916 123-45-67"
    assert {key: set(found[key].flags) for key in ("phone", "masked", "short", "sum", "apostrophe")} == {
        "phone": {"eaten"}, "masked": {"eaten"}, "short": {"eaten", "scientific"}, "sum": {"formula"},
        "apostrophe": {"apostrophe"},
    }  # fmt: skip
    assert [(found[key].text, found[key].reason) for key in ("bad", "none")] == [
        ("#DIV/0!", "error"),
        ("=1/0", "uncounted"),
    ]
    assert found["lines"].text == "one\ntwo"


def test_repeated_and_covered_cells_and_notes_of_an_ods(tmp_path: Path) -> None:
    note = "<table:table-cell><office:annotation><text:p>a remark</text:p></office:annotation>"
    note += '<text:p>Ann<text:s text:c="2"/>Lee</text:p></table:table-cell>'
    source = ods(
        tmp_path,
        ods_row("Name", "A", "B", ods_cell(repeated=16000)),
        ods_row(note, ods_cell("x", repeated=2)),
        ods_row(ods_cell(), repeated=3),
        ods_row("Bob", "<table:covered-table-cell/>", "y", repeated=2),
        ods_row(ods_cell(repeated=16384), repeated=1048000),
    )
    rows = list(source.rows())
    assert [row.number for row in rows] == [2, 6, 7]
    assert [[cell.text for cell in row.cells] for row in rows] == [
        ["Ann  Lee", "x", "x"],
        ["Bob", "", "y"],
        ["Bob", "", "y"],
    ]
    assert rows[1].cells[1].flags == {"merged"}


def test_totals_of_an_ods(tmp_path: Path) -> None:
    def number(value: int, **more: str) -> str:
        return ods_cell(str(value), office__value_type="float", office__value=str(value), **more)

    source = ods(
        tmp_path, ods_row("Name", "Sum"), ods_row("a", number(1)), ods_row("b", number(2)),
        ods_row("Final", number(3, table__formula="of:=SUM([.B2:.B3])")),
    )  # fmt: skip
    assert [(one.cell.value, one.first, one.last) for one in source.sums()] == [(Decimal(3), 2, 3)]
    assert [row.cells[0].text for row in islice(source.rows(), 5)] == ["a", "b"]
