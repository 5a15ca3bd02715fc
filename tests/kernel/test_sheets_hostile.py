"""Files made to do harm, and files of other formats: refused with a reason and a way out, within bounds."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from comity.kernel.errors import Problem
from comity.kernel.sheets import TooMuch, Unreadable, limits, open_sheet
from support.workbooks import Xlsx, ods_cell, ods_row, save_ods, save_zip


def refused(path: Path, name: str = "") -> Problem:
    with pytest.raises((Unreadable, TooMuch)) as caught:
        for _row in open_sheet(path, name or path.name).rows():
            pass
    told = caught.value
    assert (name or path.name) in str(told.what)
    assert str(told.todo) and "Nothing was taken" in str(told.kept)
    return told


def simple() -> Xlsx:
    return Xlsx().sheet("S", [["Name", "Sum"], ["Ann", 1]])


def test_an_archive_that_unpacks_to_far_more_is_refused_before_it_is(tmp_path: Path) -> None:
    book = simple()
    book.raw("Bomb", "<sheetData/>" + " " * (limits.ENTRY_FREE + 1))
    tracemalloc.start()
    try:
        path = book.save(tmp_path / "bomb.xlsx")
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        assert "packed" in str(refused(path).what)
        assert tracemalloc.get_traced_memory()[1] - before < 8 * 1024**2
    finally:
        tracemalloc.stop()


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = simple().save(tmp_path / "liar.xlsx")
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = (10).to_bytes(4, "little")
        at = content.find(b"PK\x01\x02", at + 4)
    path.write_bytes(content)
    assert "damaged" in str(refused(path).what)


def test_an_archive_of_countless_entries_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENTRIES", 10)
    book = simple()
    book.extra = {f"xl/media/{at}.png": b"" for at in range(11)}
    assert "packed" in str(refused(book.save(tmp_path / "many.xlsx")).what)


DECLARATIONS = [
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
]
SHEET = (
    '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("declaration", DECLARATIONS)
@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", SHEET), ("xl/sharedStrings.xml", "<sst/>"), ("xl/styles.xml", "<styleSheet/>"),
        ("xl/workbook.xml", "<workbook/>"), ("_rels/.rels", "<Relationships/>"),
    ],
)  # fmt: skip
def test_entities_and_document_types_are_refused_in_every_part(
    tmp_path: Path, declaration: str, part: str, content: str
) -> None:
    book = simple()
    book.extra = {part: declaration + content}
    assert "entities" in str(refused(book.save(tmp_path / "xxe.xlsx")).what)


def test_entities_are_refused_in_an_ods(tmp_path: Path) -> None:
    path = save_zip(tmp_path / "x.ods", {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": DECLARATIONS[0] + "<a>&e;</a>",
    })  # fmt: skip
    assert "entities" in str(refused(path).what)


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS", 50)
    book = Xlsx().sheet("S", [["Name"], *[["x"]] * 60])
    assert "more than 50 rows" in str(refused(book.save(tmp_path / "long.xlsx")).what)
    far = Xlsx().raw(
        "S", '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="99"><c r="A99"><v>1</v></c></row></sheetData>'
    )
    assert "more than 50 rows" in str(refused(far.save(tmp_path / "far.xlsx")).what)
    table = {"S": ods_row("Name") + ods_row("x", repeated=2_000_000)}
    assert "more than 50 rows" in str(refused(save_ods(tmp_path / "long.ods", table)).what)


@pytest.mark.full
def test_two_million_rows_are_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "two-million.csv"
    path.write_bytes(b"Name;City\n" + b"Ann;Riga\n" * 2_000_000)
    source = open_sheet(path, "two-million.csv")
    tracemalloc.start()
    try:
        with pytest.raises(TooMuch, match="1 048 576 rows"):
            source.count()
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024**2
    finally:
        tracemalloc.stop()


def test_a_cell_far_to_the_right_is_refused_and_an_empty_one_is_nothing(tmp_path: Path) -> None:
    cell = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD2" s="0">{}</c></row>'
    far = Xlsx().raw("S", f"<sheetData>{cell.format('<v>1</v>')}</sheetData>").save(tmp_path / "far.xlsx")
    assert "row 2" in str(refused(far).what) and "columns" in str(refused(far).what)
    empty = Xlsx().raw("S", f"<sheetData>{cell.format('')}</sheetData>").save(tmp_path / "empty.xlsx")
    assert len(list(open_sheet(empty, "empty.xlsx").rows())) == 1
    wide = {"S": ods_row("Name") + ods_row(ods_cell("x", repeated=16384))}
    assert "columns" in str(refused(save_ods(tmp_path / "wide.ods", wide)).what)


def test_merged_ranges_over_the_whole_sheet_cost_little_and_heaps_are_refused(tmp_path: Path) -> None:
    rows = [["Name", "Sum"], *[["x", 1]] * 3]
    path = Xlsx().sheet("S", rows, merged=["A3:XFD1048576"]).save(tmp_path / "merged.xlsx")
    found = [row.cells[0].text for row in open_sheet(path, "merged.xlsx").rows()]
    assert found == ["x", "x"]
    heap = Xlsx().sheet("S", rows, merged=["A1:XFD9"] * (limits.COLUMNS + 1)).save(tmp_path / "heap.xlsx")
    assert "damaged" in str(refused(heap).what)


def test_one_text_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    text = "ab" * limits.LINE
    for place, book in enumerate((Xlsx().sheet("S", [["Name"], [text]]), Xlsx().raw("S", SHEET.replace("Name", text)))):
        assert "longer than any cell" in str(refused(book.save(tmp_path / f"text{place}.xlsx")).what)
    assert "longer than any cell" in str(refused(save_ods(tmp_path / "text.ods", {"S": ods_row("Name", text)})).what)


@pytest.mark.parametrize("stored", ["1E+999999999", "NaN", "Infinity", "1" * 60, "1,5", "abc", "0x10"])
def test_numbers_that_are_none_are_refused_by_name(tmp_path: Path, stored: str) -> None:
    book = Xlsx()
    book.sheet("S", [["Name", "Sum"], ["a", book.number(stored)]])
    source = open_sheet(book.save(tmp_path / "book.xlsx"), "book.xlsx")
    (row,) = source.rows()
    assert row.cells[1].kind == "error" and "row 2" in str(source.problem(row, 1).what)


def test_macros_are_refused(tmp_path: Path) -> None:
    book = simple()
    assert "macros" in str(refused(book.save(tmp_path / "book.xlsm")).what)
    book.extra = {"xl/vbaProject.bin": b"x"}
    assert "macros" in str(refused(book.save(tmp_path / "renamed.xlsx")).what)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old XLS format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web page"),
        (b"\xef\xbb\xbf<!DOCTYPE html><table></table>", "web page"),
        (b"%PDF-1.7\n", "not a table"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not a table"),
        (bytes(range(1, 32)) * 40, "not a table"), (b"PK\x03\x04broken", "damaged"),
        (b'<?xml version="1.0"?><Workbook/>', "not a table"),
    ],
)  # fmt: skip
def test_other_formats_are_refused_with_a_way_out(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "clients.xls"
    path.write_bytes(content)
    assert words in str(refused(path).what)


def test_other_archives_are_refused_with_a_way_out(tmp_path: Path) -> None:
    assert "not a table" in str(refused(save_zip(tmp_path / "a.zip", {"clients.csv": "a;b"})).what)
    assert "XLSB" in str(refused(save_zip(tmp_path / "a.xlsb", {"xl/workbook.bin": "x"})).what)
    locked = save_ods(tmp_path / "a.ods", {"S": ""}, "<manifest><encryption-data/></manifest>")
    assert "password" in str(refused(locked).what)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_broken_part_is_damage(tmp_path: Path, part: str) -> None:
    book = simple()
    book.extra = {part: "<broken><c>"}
    assert "damaged" in str(refused(book.save(tmp_path / "broken.xlsx")).what)


def test_a_workbook_cut_off_or_without_its_sheet_is_damage(tmp_path: Path) -> None:
    path = simple().save(tmp_path / "cut.xlsx")
    path.write_bytes(path.read_bytes()[:-300])
    assert "damaged" in str(refused(path).what)
    whole = simple().save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if "sheet1" not in name}
    assert "damaged" in str(refused(save_zip(tmp_path / "less.xlsx", parts)).what)


def test_a_text_that_the_table_of_texts_lacks_is_damage(tmp_path: Path) -> None:
    book = Xlsx().sheet("S", [["Name"], ['<c {r} t="s"><v>99</v></c>']])
    assert "damaged" in str(refused(book.save(tmp_path / "less.xlsx")).what)


def test_rows_and_parts_that_point_out_of_the_archive_are_not_followed(tmp_path: Path) -> None:
    book = simple()
    book.extra = {"xl/_rels/workbook.xml.rels": (
        '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/></Relationships>'
    )}  # fmt: skip
    assert "damaged" in str(refused(book.save(tmp_path / "out.xlsx")).what)


def test_lines_and_formulas_made_to_be_slow_are_read_in_bounded_steps(tmp_path: Path) -> None:
    path = tmp_path / "slow.csv"
    path.write_text("Name;City\n" + '"a;' * 300_000 + "\n")
    assert "columns" in str(refused(path).what)
    book = Xlsx()
    formula = book.formula("'[" * 100_000 + "SUM(" + " " * 100_000, 5)
    book.sheet("S", [["Name", "Sum"], *[["a", formula]] * 20])
    source = open_sheet(book.save(tmp_path / "slow.xlsx"), "slow.xlsx")
    assert [row.cells[1].kind for row in source.rows()] == ["number"] * 20
    card = tmp_path / "slow.vcf"
    card.write_text("BEGIN:VCARD\nFN:x\nNOTE;X=" + '"' * 500_001 + "\nN:" + "\\;" * 400_000 + "\nEND:VCARD\n")
    assert len(list(open_sheet(card, "slow.vcf").rows())) == 1
