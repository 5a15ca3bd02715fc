"""CSV in every encoding and delimiter, cells of several lines, broken quotation marks, the header and the totals."""

from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.sheets import TooMuch, Unreadable, limits, open_sheet
from comity.kernel.sheets.delimited import records
from comity.kernel.sheets.source import Source

RUSSIAN = "Имя;Фамилия;Компания;Телефон\nИван;Петров;ООО «Ромашка»;+79161234567\nПётр;Сидоров;ИП Ёлкин;+79031234567\n"
UKRAINIAN = "Ім'я;Прізвище;Компанія\nЇжак;Гнатюк;ТОВ Рута\nОлена;Шевченко;ФОП Явір\n"
GERMAN = "Name;Firma;Stadt\nMüller;Bäckerei Groß;Köln\n"
ARABIC = "الاسم;الشركة;المدينة\nمحمد;شركة النور;القاهرة\n"
SHORT = "Name;City\nIvan;Москва\nPeter;Berlin\n"


def read(source: Source) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in source.rows()]


def of(tmp_path: Path, content: str | bytes, written: str = "utf-8", **options: Any) -> Source:
    path = tmp_path / "clients.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
    return open_sheet(path, "clients.csv", **options)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, code) for text in (RUSSIAN, UKRAINIAN, GERMAN, ARABIC, SHORT)
     for code in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")]
    + [(RUSSIAN, code) for code in ("cp1251", "mac-cyrillic")]
    + [(RUSSIAN.replace("«", '"').replace("»", '"'), code) for code in ("koi8-r", "koi8-u", "cp866")]
    + [(UKRAINIAN, code) for code in ("cp1251", "koi8-u")]
    + [(GERMAN, "cp1252"), (ARABIC, "cp1256"), (SHORT, "cp1251"), (SHORT, "cp866")]
    + [("Imię;Miasto\nŁukasz;Łódź\nMałgorzata;Święte\n", "cp1250"), ("ФАМИЛИЯ;ГОРОД\nПЕТРОВ;КАЗАНЬ\n", "cp1251")],
)  # fmt: skip
def test_the_encoding_is_found(tmp_path: Path, text: str, encoding: str) -> None:
    source = of(tmp_path, text, encoding)
    lines = [line.split(";") for line in text.splitlines()]
    assert source.header == tuple(lines[0])
    assert source.delimiter == ";"
    assert read(source) == lines[1:]


def test_an_encoding_that_a_person_names_is_taken(tmp_path: Path) -> None:
    content = RUSSIAN.replace("«", "").replace("»", "").encode("iso-8859-5")
    assert read(of(tmp_path, content, encoding="iso-8859-5"))[0][1] == "Петров"
    with pytest.raises(Unreadable, match="cp9999"):
        of(tmp_path, RUSSIAN, encoding="cp9999")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["Name", "Address", "Sum"], ["Ann", "Main; street, 1", "1.5"], ["Bob", "Side|way\tx", "2.5"]]
    text = "\n".join(delimiter.join(f'"{cell}"' if set(cell) & set(";,\t|") else cell for cell in row) for row in rows)
    source = of(tmp_path, text)
    assert source.delimiter == delimiter
    assert read(source) == rows[1:]


def test_a_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    source = of(tmp_path, "sep=|\nName|City\nAnn|A;B;C;D\n")
    assert (source.delimiter, source.header, source.header_row) == ("|", ("Name", "City"), 2)
    assert read(source) == [["Ann", "A;B;C;D"]]


def test_one_column_is_not_parted_at_commas_of_its_texts(tmp_path: Path) -> None:
    source = of(tmp_path, "Full name\nПетров, Иван\nСидоров, Пётр\n")
    assert (source.header, source.delimiter) == (("Full name",), "")
    assert read(source) == [["Петров, Иван"], ["Сидоров, Пётр"]]


def test_cells_of_several_lines_are_one_cell_and_rows_count_as_in_a_sheet(tmp_path: Path) -> None:
    source = of(tmp_path, 'Name;Note\r\nAnn;"first\r\nsecond ""quoted"""\r\n\r\nBob;x\r\n')
    rows = list(source.rows())
    assert [row.cells[1].text for row in rows] == ['first\r\nsecond "quoted"', "x"]
    assert [row.number for row in rows] == [2, 4]
    assert source.total == 2


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"ООО "Ромашка"";Москва;1', ['ООО "Ромашка"', "Москва", "1"]),
        ('"ООО "Ромашка"";"Москва";"1"', ['ООО "Ромашка"', "Москва", "1"]),
        ('"Ann;Riga;2', ['"Ann', "Riga", "2"]),
        ('Ann "the boss";Riga;2', ['Ann "the boss"', "Riga", "2"]),
        ('Pipe 5";Riga;2', ['Pipe 5"', "Riga", "2"]),
        ('"Ann" Lee;Riga;2', ['"Ann" Lee', "Riga", "2"]),
    ],
)
def test_broken_quotation_marks_spoil_neither_letters_nor_other_rows(
    tmp_path: Path, line: str, cells: list[str]
) -> None:
    before, after = "Eve;Oslo;0", 'Zed;"Rome; Italy";3'
    source = of(tmp_path, f"Name;City;Number\n{before}\n{line}\n{after}\n{after}\n")
    assert read(source) == [["Eve", "Oslo", "0"], cells, *[["Zed", "Rome; Italy", "3"]] * 2]


def test_a_row_with_broken_marks_says_so(tmp_path: Path) -> None:
    rows = list(of(tmp_path, 'Name;City\n"Ann;Riga\nBob;Oslo\n').rows())
    assert [row.notes for row in rows] == [{"quoting"}, set()]


def test_a_row_with_more_cells_than_the_header_says_so(tmp_path: Path) -> None:
    rows = list(of(tmp_path, "Name,Sum\nAnn,1\nBob,2,5\nEve,3,\n").rows())
    assert [len(row.cells) for row in rows] == [2, 3, 2]
    assert [row.notes for row in rows] == [set(), {"long"}, set()]


def test_unreadable_letters_are_named_with_row_and_column(tmp_path: Path) -> None:
    content = b"Name;City\n" + b"Ann;Riga\n" * 50 + "Пётр;Рига\n".encode() * 50 + b"Bo\xff\xfeb;Oslo\nEve\0;Rome\n"
    source = of(tmp_path, content)
    assert source.encoding == "utf-8"
    bad = [row for row in source.rows() if row.cells[0].kind == "error"]
    assert [row.number for row in bad] == [102, 103]
    told = source.problem(bad[0], 0)
    assert "clients.csv" in str(told.what) and "row 102" in str(told.what) and "Name" in str(told.what)
    assert "encoding" in str(told.todo)


def test_titles_above_the_header_are_told_apart(tmp_path: Path) -> None:
    source = of(tmp_path, "Clients of the year\nMade on 12.05.2026\n\nName;Phone;City\nAnn;+371;Riga\n")
    assert (source.header, source.header_row) == (("Name", "Phone", "City"), 4)
    assert source.title == "Clients of the year\nMade on 12.05.2026"
    assert [row.number for row in source.rows()] == [5]


def test_headings_that_stand_twice_are_kept_apart_and_named_with_their_letter(tmp_path: Path) -> None:
    source = of(tmp_path, "utm_source;Name;utm_source\na;Ann;b\n")
    assert source.header == ("utm_source", "Name", "utm_source")
    assert [source.place(2, at).column for at in range(3)] == ["utm_source (A)", "Name", "utm_source (C)"]


def test_a_file_of_numbers_has_no_header_and_a_person_may_say_where_it_is(tmp_path: Path) -> None:
    source = of(tmp_path, "1;2\n3;4\n")
    assert (source.header, source.header_row, source.total) == (("", ""), 0, None)
    assert read(source) == [["1", "2"], ["3", "4"]]
    assert read(of(tmp_path, "Ann;Riga\nBob;Oslo\n", header=0)) == [["Ann", "Riga"], ["Bob", "Oslo"]]
    assert of(tmp_path, "Some;Title\nName;City\nBob;Oslo\n", header=2).header == ("Name", "City")


def test_rows_are_read_from_the_middle(tmp_path: Path) -> None:
    source = of(tmp_path, "Name;City\n" + "".join(f"N{at};C\n" for at in range(10)))
    rows = list(source.rows(start=7))
    assert [row.cells[0].text for row in rows] == ["N7", "N8", "N9"]
    assert [row.position for row in rows] == [7, 8, 9]


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL:", "Итого", "Итого по отделу продаж:", "Всього", "Разом", "Общо", "Jumlah", "المجموع"]
)
def test_a_row_of_totals_is_no_row_of_data(tmp_path: Path, label: str) -> None:
    source = of(tmp_path, f"Name;City;Sum\nAnn;Riga;10,5\nBob;Oslo;20\n{label};;30,5\n")
    assert [row[0] for row in read(source)] == ["Ann", "Bob"]
    (one,) = source.sums()
    assert (one.column, one.name, one.row, one.label, one.cell.text) == (2, "Sum", 4, label, "30,5")


@pytest.mark.parametrize(
    "line", ["Total;Paris;30", "TotalEnergies;;30", "Total;+33 1 47 44 45 46;text", "Итого;Москва;нет"]
)
def test_a_firm_of_that_name_is_a_row_of_data(tmp_path: Path, line: str) -> None:
    source = of(tmp_path, f"Name;City;Sum\nAnn;Riga;10\n{line}\n")
    assert [row[0] for row in read(source)] == ["Ann", line.partition(";")[0]]
    assert source.sums() == ()


def test_a_bare_total_among_rows_is_a_name(tmp_path: Path) -> None:
    source = of(tmp_path, "Name;Sum\nAnn;10\nTotal;20\nBob;30\n")
    assert [row[0] for row in read(source)] == ["Ann", "Total", "Bob"]


def test_apostrophes_that_protect_are_taken_off_and_telephones_eaten_are_told(tmp_path: Path) -> None:
    text = "Name;Phone\n'+79161234567;'+79161234567\n'Ann';79161234567\nBob;7.9161234567E+10\n"
    text += "Eve;7,91612E+10\nX;'t Hooft\n"
    phones = [row.cells[1] for row in of(tmp_path, text).rows()]
    assert [(cell.text, set(cell.flags)) for cell in phones] == [
        ("+79161234567", {"apostrophe"}),
        ("79161234567", {"eaten"}),
        ("79161234567", {"eaten", "scientific"}),
        ("7,91612E+10", {"scientific", "lost"}),
        ("'t Hooft", set()),
    ]


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS", 20)
    source = of(tmp_path, "Name;City\n" + "Ann;Riga\n" * 21)
    with pytest.raises(TooMuch, match="more than 20 rows"):
        list(source.rows())
    assert len(list(islice(source.rows(), 5))) == 5


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 1000)
    with pytest.raises(TooMuch, match="longer than any cell"):
        of(tmp_path, "Name;City\n" + "x" * 2000)


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\0" * 100])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="empty"):
        of(tmp_path, content)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(";,\t|"))
def test_what_is_written_properly_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    text = "".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows)
    assert [found for found, _notes in records(physical(text), delimiter)] == rows


@given(st.text(alphabet='ab";\n', max_size=40))
def test_no_letter_of_a_broken_file_is_lost(text: str) -> None:
    found = "".join("".join(cells) for cells, _notes in records(physical(text), ";"))
    assert [sign for sign in found if sign in "ab"] == [sign for sign in text if sign in "ab"]


def physical(text: str) -> Iterator[str]:
    return iter(StringIO(text, newline=""))
