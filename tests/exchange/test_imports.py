"""Files loaded: cards made, found, changed; told, refused, stopped, gone on with, taken back."""

from typing import Any

import pytest

from comity.exchange.imports.model import ExternalKey, ImportRow
from comity.parties.models import Company, Person
from comity.records.models import ContactPoint, Relation
from comity.sales.models import Deal, StageVisit
from comity.timeline.models import Event
from comity.work.models import Note
from support.imports import loaded, table, targets_of

pytestmark = pytest.mark.django_db

AMO = [
    ["ID", "Название сделки", "Бюджет, руб.", "Ответственный", "Дата создания сделки", "Этап сделки", "Теги",
     "Примечание", "Примечание 2", "Полное имя контакта", "Компания контакта", "Мобильный телефон", "Рабочий email",
     "utm_source"],
    ["11", "Станок", "1 250 000", "Boss", "03.02.2024 10:15:00", "Успешно реализовано", "", "Первый разговор", "",
     "Петров Иван Ильич", "ООО Ромашка", "'+79161234567", "ivan@romashka.ru", "ya"],
    ["12", "Сервис", "1200,50", "Кто-то", "05.03.2024 09:00:00", "Переговоры", "", "", "Ждут счёт",
     "Петров Иван Ильич", "ООО Ромашка", "89161234567", "", ""],
]  # fmt: skip


def test_a_file_of_deals_brings_their_clients_and_notes(boss: Any) -> None:
    load = loaded(boss, table(AMO, ";", "cp1251"))
    assert load.mapping["program"] == "amocrm" and load.mapping["main"] == "deal"
    assert ImportRow.objects.count() == 0
    assert [one.title for one in Company.unguarded.all()] == ["ООО Ромашка"]
    person = Person.unguarded.get()
    assert (person.given_name, person.family_name, person.patronymic) == ("Иван", "Петров", "Ильич")
    assert person.company_id == Company.unguarded.get().pk
    deals = {one.title: one for one in Deal.unguarded.all()}
    assert deals["Станок"].amount == 12_500_000_000 and deals["Станок"].state == "won"
    assert deals["Станок"].created_at.isoformat() == "2024-02-03T10:15:00+00:00"
    assert deals["Сервис"].amount == 12_005_000 and deals["Сервис"].state == "open"
    assert {one.person_id for one in deals.values()} == {person.pk}
    assert StageVisit.objects.count() == 2
    assert ContactPoint.objects.filter(field="phones").values_list("value", flat=True)[0] == "+79161234567"
    texts = set(Note.objects.values_list("text", flat=True))
    assert {"Первый разговор", "Ждут счёт"} <= texts
    assert any("Кто-то" in text and "Переговоры" in text for text in texts)
    assert ExternalKey.objects.filter(type_key="deal", source="amocrm", external="11").count() == 1
    assert Relation.objects.filter(kind="works_at", main=True).count() == 1
    assert Event.objects.filter(batch_id=load.batch, type="record.created").count() == 4
    assert targets_of(load)["utm_source"] == "-"


def test_the_second_load_changes_nothing(boss: Any) -> None:
    loaded(boss, table(AMO, ";", "cp1251"))
    before = Event.objects.filter(type__in=("record.created", "record.updated", "note.written")).count()
    again = loaded(boss, table(AMO, ";", "utf-8"))
    assert Event.objects.filter(type__in=("record.created", "record.updated", "note.written")).count() == before
    assert {key: one["made"] + one["changed"] for key, one in again.counts["types"].items()} == {
        "company": 0, "person": 0, "deal": 0,
    }  # fmt: skip
