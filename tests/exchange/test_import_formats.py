"""Workbooks, OpenDocument sheets and contact cards through the import itself; cells keep their kind or are refused."""

from base64 import b64encode
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comity.changes import dispatcher
from comity.exchange.imports.model import Import, ImportRow
from comity.kernel import storage
from comity.parties.models import Company, Person
from comity.records.models import ContactPoint, CustomRecord, Relation, StoredFile
from comity.sales.models import Deal
from comity.timeline.models import Event
from comity.work.models import Note
from support.browser import browser
from support.fields import field, kind
from support.house import again, company, person
from support.imports import begun, column, loaded, taken_back, targets_of
from support.tables import differing, live, whole
from support.workbooks import Xlsx, ods_cell, ods_row, save_ods

pytestmark = pytest.mark.django_db


def refused(load: Import) -> dict[int, list[list[str]]]:
    """{row as people see it: [[heading, why]]}."""
    return dict(ImportRow.objects.filter(load=load, refused=True).values_list("number", "reasons"))


def content(path: Path) -> bytes:
    return path.read_bytes()


def test_a_workbook_of_deals_with_cells_of_every_kind(boss: Any, tmp_path: Path) -> None:
    book = Xlsx()
    head = ["Название сделки", "Сумма", "Ожидаемая дата закрытия", "Компания", "Контакт", "Телефон"]
    book.sheet("Сделки", [
        ["Выгрузка на 1 мая"],
        head,
        ["Дата текстом", "1 234,56", "01.03.2030", "Ромашка", "Анна Белова", book.number(79161234567)],
        ["Дата датой", book.number("1234.56", "#,##0.00"), book.number(47543, "dd.mm.yyyy"), None, "Борис Чёрный",
         "+7 916 000-00-02"],
        ["Процент", book.number("0.12", "0%"), "02.03.2030", "Лютик", "Вера Синяя", "+79160000003"],
        ["Итог по формуле", book.formula("100*2", 200), "03.03.2030", "Лютик", "Вера Синяя", "+79160000003"],
        ["Ошибка в формуле", book.formula("1/0", "#DIV/0!", kind="e"), "04.03.2030", "Лютик", None, None],
        ["Без значения", book.formula("A1+B1", None), "05.03.2030", "Лютик", None, None],
        ["Телефон степенью", 5, "06.03.2030", "Лютик", "Глеб Сизый", "7,9161E+10"],
        ["Не дата", 5, "когда-нибудь", "Лютик", None, None],
        ["Одна сумма", 9, "07.03.2030", "Лютик", None, None],
        ["на две строки", None, "08.03.2030", "Лютик", None, None],
    ], merged=["D3:D4", "B11:B12"])  # fmt: skip
    load = loaded(boss, content(book.save(tmp_path / "deals.xlsx")), "deals.xlsx")
    assert load.mapping["main"] == "deal" and load.found["format"] == "xlsx" and load.found["header_row"] == 2
    deals = {one.title: one for one in Deal.unguarded.all()}
    assert {name: one.amount for name, one in deals.items()} == {
        "Дата текстом": 12_345_600, "Дата датой": 12_345_600, "Итог по формуле": 2_000_000,
        "Одна сумма": 90_000,
    }  # fmt: skip
    assert deals["Дата текстом"].expected_on == deals["Дата датой"].expected_on == date(2030, 3, 1)
    firms = {one.pk: one.title for one in Company.unguarded.all()}
    assert firms[deals["Дата датой"].company_id] == "Ромашка"  # one cell over two rows
    points = ContactPoint.objects.filter(field="phones").values_list("value", flat=True)
    assert set(points) == {"+79161234567", "+79160000002", "+79160000003"}
    told = refused(load)
    assert {row: why[0][0] for row, why in told.items()} == {
        5: "Сумма", 7: "Сумма", 8: "Сумма", 9: "Телефон", 10: "Ожидаемая дата закрытия", 12: "Сумма",
    }  # fmt: skip
    assert "12 %" in told[5][0][1] and "#DIV/0!" in told[7][0][1] and "7,9161E+10" in told[9][0][1]
    assert all(why[0][1] for why in told.values()) and len({why[0][1] for why in told.values()}) == 6
    assert loaded(boss, content(tmp_path / "deals.xlsx"), "deals.xlsx").counts["types"]["deal"]["made"] == 0


@pytest.fixture
def properties(boss: Any) -> Any:
    """A kind of cards of the firm's own."""
    kind(boss)
    field(boss, "own_property", "area", "number", unit="square_metre")
    field(boss, "own_property", "share", "percent")
    field(boss, "own_property", "price", "money")
    field(boss, "own_property", "built", "date")
    choices = [{"key": "free", "label": {"en": "Free", "ru": "Свободен"}}, {"key": "let", "label": {"en": "Let"}}]
    field(boss, "own_property", "state", "choice", choices=choices)
    field(boss, "own_property", "keeper", "phones")
    return boss


def held() -> dict[str, dict[str, Any]]:
    return {
        one.title: {key.removeprefix("own_"): value for key, value in one.custom.items() if not key.endswith("_fold")}
        for one in CustomRecord.unguarded.filter(deleted_at=None)
    }


def test_an_opendocument_sheet_into_a_kind_of_the_firms_own(properties: Any, tmp_path: Path) -> None:
    rows = [
        ods_row("Name", "Area", "Share", "Price", "Built", "State", "Keeper"),
        ods_row(
            "Villa", ods_cell("120,5", office__value_type="float", office__value="120.5"),
            ods_cell("25 %", office__value_type="percentage", office__value="0.25"),
            ods_cell("1 000 €", office__value_type="currency", office__value="1000", office__currency="EUR"),
            ods_cell("01.02.2003", office__value_type="date", office__date_value="2003-02-01"),
            ods_cell("Свободен", table__number_rows_spanned="2"),
            ods_cell("79161234567", office__value_type="float", office__value="79161234567"),
        ),
        ods_row("Mill", "1 234,56", ods_cell("50 %", office__value_type="percentage", office__value="0.5"), "2 500,00",
                "15.03.1999", "<table:covered-table-cell/>", "+7 916 000-00-02"),
        ods_row("Barn", ods_cell("10 %", office__value_type="percentage", office__value="0.1"), "", "", "", "", ""),
        ods_row("Shed", "7", ods_cell("0,3", office__value_type="float", office__value="0.3"), "", "", "", ""),
        ods_row("Hut", "8", "", "", "31.02.2001", "", ""),
    ]  # fmt: skip
    path = save_ods(tmp_path / "properties.ods", {"Sheet": "".join(rows)})
    load = loaded(properties, content(path), "properties.ods", main="own_property")
    assert targets_of(load)["Area"] == "own_property.own_area"
    found = held()
    assert found == {
        "Villa": {"area": 1_205_000, "share": 250_000, "price": [10_000_000, "EUR"], "built": "2003-02-01",
                  "state": "free"},
        "Mill": {"area": 12_345_600, "share": 500_000, "price": [25_000_000, "RUB"], "built": "1999-03-15",
                 "state": "free"},
    }  # fmt: skip
    assert sorted(ContactPoint.objects.values_list("value", flat=True)) == ["+79160000002", "+79161234567"]
    assert {row: why[0][0] for row, why in refused(load).items()} == {4: "Area", 5: "Share", 6: "Built"}
    assert loaded(properties, content(path), "properties.ods", main="own_property").counts["types"] == {
        "own_property": {"made": 0, "changed": 0, "same": 2}
    }  # fmt: skip
    assert len(held()) == 2


@pytest.mark.parametrize(("texts", "amounts"), [
    (["1 234,56", "7,5"], [12_345_600, 75_000]), (["1,234.56", "7.5"], [12_345_600, 75_000]),
    (["1.234,56", "7,25"], [12_345_600, 72_500]), (["1 234.56", "1.5"], [12_345_600, 15_000]),
])  # fmt: skip
def test_numbers_typed_as_text_are_read_as_their_column_writes_them(
    properties: Any, tmp_path: Path, texts: list[str], amounts: list[int]
) -> None:
    book = Xlsx().sheet("S", [["Name", "Area"], *[[f"P{at}", text] for at, text in enumerate(texts)]])
    load = loaded(properties, content(book.save(tmp_path / "a.xlsx")), "a.xlsx", main="own_property")
    assert refused(load) == {}
    assert [one["area"] for _name, one in sorted(held().items())] == amounts


def test_a_number_that_may_be_read_two_ways_is_asked_about_and_refused_unless_answered(
    properties: Any, tmp_path: Path
) -> None:
    book = Xlsx().sheet("S", [["Name", "Area"], ["P1", "1,234"], ["P2", "5,678"]])
    path = book.save(tmp_path / "a.xlsx")
    load = begun(properties, content(path), "a.xlsx")
    page = browser(again(properties)).get(f"/import/{load.pk}").content.decode()
    assert f"decimal-{column(load, 'Area')}" in page
    load = loaded(properties, load, main="own_property")
    assert set(refused(load)) == {2, 3} and held() == {}
    again_with = begun(properties, content(path), "a.xlsx")
    loaded(properties, again_with, main="own_property", columns={column(again_with, "Area"): {"decimal": ","}})
    assert {name: one["area"] for name, one in held().items()} == {"P1": 12_340, "P2": 56_780}


def outlet(tmp_path: Path, name: str, cells: list[Any], total: Any) -> bytes:
    """One outlet's sales of kits, as its manager sends them; "76%" is a cell in percents."""
    book = Xlsx()
    rows: list[list[Any]] = [["Kits sold in May"], ["Name", "Kits"]]
    for at, cell in enumerate(cells):
        value = book.number(Decimal(cell.rstrip("%")) / 100, "0%") if isinstance(cell, str) else cell
        rows.append([f"{name} {at}", value])
    rows.append(["Total", book.formula(f"SUM(B3:B{len(cells) + 2})", total)])
    return content(book.sheet("May", rows).save(tmp_path / f"{name}.xlsx"))


def test_three_outlets_come_to_the_right_total_and_percents_are_refused_by_name(boss: Any, tmp_path: Path) -> None:
    kind(boss, "Sale", "Sales")
    field(boss, "own_sale", "kits", "number", unit="pieces")
    north = loaded(boss, outlet(tmp_path, "north", [100, 57], 157), "north.xlsx", main="own_sale")
    south = loaded(boss, outlet(tmp_path, "south", [60, "76%", 40], 100.76), "south.xlsx", main="own_sale")
    west = loaded(boss, outlet(tmp_path, "west", [70, 6.5], 80), "west.xlsx", main="own_sale")
    assert sum(one["kits"] for one in held().values()) == 3_335_000  # without the percent: 333.5 kits
    assert refused(north) == refused(west) == {}
    ((row, why),) = refused(south).items()
    assert row == 4 and why[0][0] == "Kits" and "76 %" in why[0][1]
    assert south.found["sums"][0]["wrong"] == 1 and "south.xlsx" in south.found["sums"][0]["problems"][0]
    assert [one["amount"] for load in (north, west) for one in load.found["sums"]] == ["157", "76.5"]
    assert north.found["differences"] == [] and "west.xlsx" in west.found["differences"][0]
    page = browser(again(boss)).get(f"/import/{west.pk}").content.decode()
    assert "76,5" in page or "76.5" in page


PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 4 + b"\xff\xd9"
LINES = {
    "2.1": "VERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=91=D0=B5=D0=BB=D0=BE=D0=B2=D0=B0;=D0=90=D0=BD="
    "\r\n=D0=BD=D0=B0\r\nTEL;CELL:+79161234567\r\nPHOTO;ENCODING=BASE64;JPEG:{photo}\r\n\r\n",
    "3.0": "VERSION:3.0\r\nN:Белова;Анна;;;\r\nFN:Анна Белова\r\nTEL;TYPE=CELL:+79161234567\r\nORG:Ромашка\r\n"
    "PHOTO;ENCODING=b;TYPE=JPEG:{photo}\r\n",
    "4.0": "VERSION:4.0\r\nN:Белова;Анна;;;\r\nFN:Анна Белова\r\nTEL;VALUE=uri:tel:+79161234567\r\n"
    "PHOTO:data:image/jpeg;base64,{photo}\r\n",
}  # fmt: skip


def contact(version: str, picture: bytes = PICTURE) -> bytes:
    lines = LINES[version].replace("{photo}", b64encode(picture).decode())
    return f"BEGIN:VCARD\r\n{lines}END:VCARD\r\n".encode()


@pytest.mark.parametrize("version", LINES)
def test_the_photo_of_a_contact_card_becomes_a_file_once_and_goes_with_the_undo(boss: Any, version: str) -> None:
    before = whole()
    load = loaded(boss, contact(version), "cards.vcf")
    assert load.mapping["program"] == "vcard" and targets_of(load)["Photo"] == "person.@photo"
    card = Person.unguarded.get()
    assert (card.title, load.counts["refused"]) == ("Белова Анна", 0)
    assert list(ContactPoint.objects.values_list("value", flat=True)) == ["+79161234567"]
    kept = StoredFile.objects.get(type_key="person")
    assert (kept.record_id, kept.name, kept.mime, kept.size) == (card.pk, "photo.jpg", "image/jpeg", len(PICTURE))
    with storage.open(kept.sha256) as held_content:
        assert held_content.read() == PICTURE
    assert "photo.jpg" in browser(again(boss)).get(f"/people/{card.pk}").content.decode()
    after = whole()
    loaded(boss, contact(version), "cards.vcf")
    assert differing(after, whole()) == {}
    assert taken_back(boss, load).left == []
    assert differing(live(before), live(whole())) == {}


def test_the_photo_goes_to_a_card_that_is_here_and_leaves_it_again(boss: Any) -> None:
    card = person(boss, "Анна", "Белова", phones=["+79161234567"])
    before = whole()
    load = loaded(boss, contact("4.0"), "cards.vcf")
    assert Person.unguarded.count() == 1 and StoredFile.objects.filter(record_id=card.id, deleted_at=None).count() == 1
    taken_back(boss, load)
    assert differing(live(before), live(whole())) == {}
    assert Event.objects.filter(type="file.removed", primary_id=card.id).count() == 1


def test_what_is_no_picture_is_told_in_a_note_and_the_contact_comes(boss: Any) -> None:
    load = loaded(boss, contact("3.0", b"%PDF-1.7 no picture"), "cards.vcf")
    assert load.counts["refused"] == 0 and Person.unguarded.count() == 1
    assert not StoredFile.objects.filter(type_key="person").exists()
    assert any("Photo" in text for text in Note.objects.values_list("text", flat=True))


EMPLOYEE = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Bell;Ann;;;\r\nFN:Ann Bell\r\nORG:Daisy Ltd\r\nTITLE:Buyer\r\nUID:u1\r\n"
    "END:VCARD\r\n"
)
COMPANY_CARDS = {
    "kind": "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:org\r\nFN:Daisy Ltd\r\n{rest}END:VCARD\r\n",
    "apple": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;;;;\r\nFN:Daisy Ltd\r\nORG:Daisy Ltd;\r\nX-ABShowAs:COMPANY\r\n"
    "{rest}END:VCARD\r\n",
}
REST = (
    "TEL;TYPE=WORK:+442071234567\r\nEMAIL:office@daisy.example\r\nURL:https://daisy.example\r\nNOTE:Pays late\r\n"
    "UID:c1\r\n"
    "ADR;TYPE=WORK:;;1 High Street;Leeds;;LS1 1AA;United Kingdom\r\nTITLE:Sole agent\r\nBDAY:2001-02-03\r\n"
)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("way", COMPANY_CARDS)
def test_a_company_of_an_address_book_is_a_company_and_those_who_name_it_work_there(
    boss: Any, way: str, turned: bool
) -> None:
    before = whole()
    cards = [COMPANY_CARDS[way].replace("{rest}", REST), EMPLOYEE]
    content = "".join(reversed(cards) if turned else cards).encode()
    load = loaded(boss, content, "cards.vcf")
    assert load.counts["refused"] == 0 and load.counts["rows"] == 2
    ann, daisy = Person.unguarded.get(), Company.unguarded.get()
    assert (ann.given_name, daisy.name, daisy.website) == ("Ann", "Daisy Ltd", "https://daisy.example")
    assert daisy.actual_address["city"] == "Leeds" and Relation.objects.filter(to_id=daisy.pk, from_id=ann.pk).exists()
    points = ContactPoint.objects.filter(record_id=daisy.pk).order_by("field").values_list("field", "value")
    assert list(points) == [("emails", "office@daisy.example"), ("phones", "+442071234567")]
    notes = "\n".join(Note.objects.filter(record_id=daisy.pk).values_list("text", flat=True))
    assert "Pays late" in notes and "Sole agent" in notes and "2001" in notes
    seen = whole()
    loaded(boss, content, "cards.vcf")
    assert differing(seen, whole()) == {}
    assert taken_back(boss, load).left == []
    assert differing(live(before), live(whole())) == {}


def test_a_card_of_an_address_book_names_a_company_that_is_here(boss: Any) -> None:
    daisy = company(boss, "Daisy Ltd")
    dispatcher.drain()
    loaded(boss, EMPLOYEE.encode(), "cards.vcf")
    ann = Person.unguarded.get()
    assert Company.unguarded.count() == 1 and Relation.objects.filter(to_id=daisy.id, from_id=ann.pk).exists()
