"""Files with the headers of seven programs, in two encodings and two languages each: in with no mapping by hand."""

from typing import Any

import pytest

from comity.exchange.imports.recognising import SURE
from comity.parties.models import Company, Person
from comity.records.models import ContactPoint
from comity.sales.models import Deal, Lead
from comity.timeline.models import Event
from support.imports import begun, loaded, table, taken_back
from support.program_files import FILES

pytestmark = pytest.mark.django_db
MODELS = {"person": Person, "company": Company, "deal": Deal, "lead": Lead}


def told() -> int:
    return Event.objects.filter(type__in=("record.created", "record.updated", "note.written")).count()


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_program_goes_in_by_itself(boss: Any, name: str) -> None:
    one = FILES[name]
    first, second = (table(one.rows, one.delimiter, encoding) for encoding in one.encodings)
    load = begun(boss, first)
    assert load.mapping["program"] == one.program, load.mapping
    unsure = {
        column["name"] for column, said in zip(load.found["columns"], load.mapping["columns"], strict=True)
        if said["sure"] < SURE
    }  # fmt: skip
    assert unsure <= one.doubtful
    load = loaded(boss, load)
    assert load.counts["refused"] == 0, list(load.rows.values_list("reasons", flat=True))
    made = {key: next(iter(model.unguarded.all()), None) for key, model in MODELS.items()}
    assert {key: card.title for key, card in made.items() if card} == one.made
    assert all(model.unguarded.count() <= 1 for model in MODELS.values())
    if "deal" in one.made and "company" in one.made:
        assert made["deal"].company_id == made["company"].pk
    assert ContactPoint.objects.filter(type_key="company").count() == 0
    before = told()
    again = loaded(boss, second)
    assert told() == before, again.counts
    assert again.found["encoding"] != load.found["encoding"]
    taken_back(boss, load)
    assert not any(model.unguarded.filter(deleted_at=None).exists() for model in MODELS.values())


VCARD = {
    "3.0": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Bell;Ann;;;\r\nFN:Ann Bell\r\nORG:Daisy Ltd\r\nTITLE:Buyer\r\n"
    "TEL;TYPE=CELL:+447700900123\r\nEMAIL;TYPE=INTERNET:ann@example.com\r\nNOTE:Met\r\nUID:u1\r\nEND:VCARD\r\n",
    "2.1": "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=91=D0=B5=D0=BB=D0=BE"
    "=D0=B2=D0=B0;=D0=90=D0=BD=D0=BD=D0=B0\r\nTEL;CELL:+79161234567\r\nEND:VCARD\r\n",
    "4.0": "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann Bell\r\nN:Bell;Ann;;;\r\nTEL;VALUE=uri;TYPE=cell:tel:+447700900123\r\n"
    "EMAIL:ann@example.com\r\nEND:VCARD\r\n",
}  # fmt: skip


@pytest.mark.parametrize("version", VCARD)
def test_vcards_go_in_by_themselves(boss: Any, version: str) -> None:
    content = VCARD[version].encode()
    load = loaded(boss, content, "cards.vcf")
    assert load.mapping["program"] == "vcard" and load.counts["refused"] == 0
    person = Person.unguarded.get()
    assert person.given_name in ("Ann", "Анна") and person.family_name in ("Bell", "Белова")
    assert ContactPoint.objects.filter(record_id=person.pk, field="phones").count() == 1
    before = told()
    loaded(boss, content, "cards.vcf")
    assert told() == before
