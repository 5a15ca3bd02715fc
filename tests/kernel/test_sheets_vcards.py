"""vCards of every version become rows with columns; nothing of a card is lost without a word."""

import base64
from datetime import date
from pathlib import Path

import pytest

from comity.kernel.sheets import Source, TooMuch, Unreadable, limits, open_sheet

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 4
QP = "=D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2;=D0=98=D0=B2=\r\n=D0=B0=D0=BD;=D0=9F.;;"


def of(tmp_path: Path, *cards: str | bytes, newline: str = "\r\n") -> Source:
    path = tmp_path / "contacts.vcf"
    path.write_bytes(
        b"".join(card if isinstance(card, bytes) else card.replace("\n", newline).encode() for card in cards)
    )
    return open_sheet(path, "contacts.vcf")


def filled(source: Source) -> list[dict[str, object]]:
    return [
        {name: cell.value for name, cell in zip(source.header, row.cells, strict=True) if cell.kind != "empty"}
        for row in source.rows()
    ]


def card(*lines: str, version: str = "3.0") -> str:
    return "\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def folded(content: bytes, indent: str = " ") -> str:
    packed = base64.b64encode(content).decode()
    return f"\n{indent}".join(packed[at : at + 70] for at in range(0, len(packed), 70))


def test_version_2_1_quoted_printable_with_soft_breaks_bare_types_and_charsets(tmp_path: Path) -> None:
    old = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:" + QP.encode() + b"\r\n"
        b"ORG;CHARSET=windows-1251:" + "Ромашка;Сбыт".encode("cp1251") + b"\r\n"
        b"TEL;WORK;VOICE:+74951234567\r\nTEL;CELL;PREF:+79161234567\r\nEMAIL;INTERNET:ivan@example.com\r\n"
        b"NOTE;QUOTED-PRINTABLE:first=0D=0Asecond =\r\nstill second\r\nEND:VCARD\r\n"
    )
    source = of(tmp_path, old)
    assert source.format == "vcard"
    (found,) = filled(source)
    assert found == {
        "Last Name": "Иванов", "First Name": "Иван", "Middle Name": "П.", "Organization Name": "Ромашка",
        "Organization Department": "Сбыт", "Phone 1 - Label": "cell", "Phone 1 - Value": "+79161234567",
        "Phone 2 - Label": "work", "Phone 2 - Value": "+74951234567", "E-mail 1 - Value": "ivan@example.com",
        "Notes": "first\r\nsecond still second",
    }  # fmt: skip


def test_version_3_folds_escapes_labels_and_addresses(tmp_path: Path) -> None:
    (found,) = filled(of(tmp_path, card(
        "FN:José Muñoz\\, Jr", "N:Muñoz;José;;Dr.;Jr", "item1.TEL;TYPE=pref:+34 600 000 000",
        "item1.X-ABLabel:_$!<Mobile>!$_", "item2.EMAIL;type=INTERNET:jose@example.com",
        "item2.X-ABLabel:Billing\\, only",
        "ADR;TYPE=HOME:PO 1;Floor 2;1\\; Main St;Vigo;Galicia;36201;Spain", "NOTE:a long\n  line\\nand \\\\another",
        "BDAY:1990-01-02", "CATEGORIES:vip,trade\\, fair", "UID:urn:uuid:1", "URL:https://example.com", "NICKNAME:Pepe",
        "X-SKYPE:jose", "ORG:A\\\\;B\\;C;D", "TITLE:Director",
    )))  # fmt: skip
    assert found == {
        "Full Name": "José Muñoz, Jr", "Last Name": "Muñoz", "First Name": "José", "Name Prefix": "Dr.",
        "Name Suffix": "Jr", "Phone 1 - Label": "Mobile", "Phone 1 - Value": "+34 600 000 000",
        "E-mail 1 - Label": "Billing, only", "E-mail 1 - Value": "jose@example.com", "Address 1 - Label": "home",
        "Address 1 - PO Box": "PO 1", "Address 1 - Extended Address": "Floor 2", "Address 1 - Street": "1; Main St",
        "Address 1 - City": "Vigo", "Address 1 - Region": "Galicia", "Address 1 - Postal Code": "36201",
        "Address 1 - Country": "Spain", "Notes": "a long line\nand \\another", "Birthday": date(1990, 1, 2),
        "Labels": "vip, trade, fair", "UID": "urn:uuid:1", "Website 1 - Value": "https://example.com",
        "Nickname": "Pepe", "X-SKYPE": "jose",
        "Organization Name": "A\\", "Organization Department": "B;C, D", "Organization Title": "Director",
    }  # fmt: skip


def test_version_4_addresses_with_a_scheme_and_order_of_preference(tmp_path: Path) -> None:
    (found,) = filled(of(tmp_path, card(
        "FN:X", 'TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-555-5555;ext=5555', "TEL;PREF=1;TYPE=work:+1-555-0000",
        "EMAIL:mailto:x@example.com", "BDAY:--0203", version="4.0",
    )))  # fmt: skip
    assert found == {
        "Full Name": "X", "Phone 1 - Label": "work", "Phone 1 - Value": "+1-555-0000", "Phone 2 - Label": "home",
        "Phone 2 - Value": "+1-555-555-5555 ext. 5555", "E-mail 1 - Value": "x@example.com", "Birthday": "--0203",
    }  # fmt: skip


@pytest.mark.parametrize("photo", [
    f"PHOTO;ENCODING=BASE64;JPEG:{folded(JPEG)}\n", f"PHOTO;ENCODING=b;TYPE=JPEG:{folded(JPEG)}",
    f"PHOTO;BASE64;JPEG:\n{folded(JPEG, '')}\n", f"PHOTO:data:image/jpeg;base64,{folded(JPEG)}",
])  # fmt: skip
def test_a_photo_comes_as_its_bytes(tmp_path: Path, photo: str) -> None:
    source = of(tmp_path, card("FN:X", photo, "NOTE:after"))
    (row,) = source.rows()
    cell = row.cells[source.header.index("Photo")]
    assert (cell.kind, cell.value, cell.text) == ("file", JPEG, "image/jpeg")
    assert row.cells[source.header.index("Notes")].text == "after"


@pytest.mark.parametrize("newline", ["\r\n ", ""])
def test_a_photo_too_large_is_refused_and_the_card_is_kept(tmp_path: Path, newline: str) -> None:
    line = "A" * 70
    content = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPHOTO;ENCODING=b:" + (line + newline) * 750_000 + "\r\nFN:X\r\nEND:VCARD\r\n"
    )
    source = of(tmp_path, content.encode())
    (row,) = source.rows()
    cell = row.cells[source.header.index("Photo")]
    assert (cell.kind, cell.reason) == ("error", "photo")
    assert "52.5 MB" in str(source.problem(row, source.header.index("Photo")).what)
    assert row.cells[source.header.index("Full Name")].text == "X"


def test_many_cards_have_one_table_and_their_numbers(tmp_path: Path) -> None:
    source = of(tmp_path, *(card(f"FN:N{at}", *(["TEL:1"] if at % 2 else ["NOTE:x"])) for at in range(5)), newline="\n")
    assert source.header == ("Full Name", "Phone 1 - Value", "Notes")
    assert [row.number for row in source.rows()] == [1, 2, 3, 4, 5]
    assert (source.total, source.sums()) == (5, ())


def test_an_assistants_card_within_another_is_passed_over_and_a_missing_end_mended(tmp_path: Path) -> None:
    found = filled(of(
        tmp_path,
        "BEGIN:VCARD\nVERSION:2.1\nFN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Helper\nEND:VCARD\nTITLE:Chief\nEND:VCARD\n",
        "BEGIN:VCARD\nFN:Open\n", "BEGIN:VCARD\nFN:Last\n",
    ))  # fmt: skip
    assert found == [{"Full Name": "Boss", "Organization Title": "Chief"}, {"Full Name": "Open"}, {"Full Name": "Last"}]


@pytest.mark.parametrize(
    ("written", "name"), [("cp1251", "Пётр Иванов"), ("utf-16", "Пётр Иванов"), ("utf-8-sig", "Пётр")]
)
def test_cards_in_other_encodings(tmp_path: Path, written: str, name: str) -> None:
    text = card(f"FN:{name}", "NOTE:Старый клиент из Москвы").replace("\n", "\r\n")
    assert filled(of(tmp_path, text.encode(written))) == [{"Full Name": name, "Notes": "Старый клиент из Москвы"}]


def test_more_telephones_than_columns_stay_together(tmp_path: Path) -> None:
    (found,) = filled(of(tmp_path, card("FN:X", *(f"TEL:{at}" for at in range(limits.CARD_COLUMNS + 2)))))
    assert found["TEL"] == f"{limits.CARD_COLUMNS}\n{limits.CARD_COLUMNS + 1}"
    assert found[f"Phone {limits.CARD_COLUMNS} - Value"] == str(limits.CARD_COLUMNS - 1)


def test_broken_letters_are_named(tmp_path: Path) -> None:
    source = of(tmp_path, b"BEGIN:VCARD\r\nFN;CHARSET=UTF-8:P\xffter\r\nEND:VCARD\r\n")
    (row,) = source.rows()
    assert "row 1" in str(source.problem(row, 0).what) and "Full Name" in str(source.problem(row, 0).what)


def test_a_file_without_contacts_and_a_card_without_end_of_lines_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        of(tmp_path, "BEGIN:VCARD\nEND:VCARD\n")
    with pytest.raises(Unreadable, match="more lines"):
        of(tmp_path, card(*["NOTE:x"] * (limits.CARD_LINES + 1)))


def test_more_cards_than_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS", 3)
    with pytest.raises(TooMuch, match="more than 3 rows"):
        of(tmp_path, *[card("FN:X")] * 4)
