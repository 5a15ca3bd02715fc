"""Files loaded: cards made, found, changed; told, refused, stopped, gone on with, taken back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.settings import SaveSetting
from comity.exchange.imports import running
from comity.exchange.imports.commands import LoadChunk, RunImport, StopImport
from comity.exchange.imports.model import ExternalKey, Import, ImportRow
from comity.kernel import jobs
from comity.kernel.errors import Refused
from comity.parties.models import Company, Person
from comity.records.models import ContactPoint, CustomRecord, Relation, Tag, TagLink
from comity.sales.models import Deal, DealLine, Lead, StageVisit
from comity.timeline.models import Event
from comity.work.models import Note
from support import fields
from support.browser import browser
from support.house import administrator, again, colleague, company, person
from support.imports import begun, column, fresh, loaded, mapped, table, taken_back, targets_of, tried

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


def test_the_story_shows_notes_at_the_dates_they_were_written(boss: Any) -> None:
    loaded(boss, table(AMO, ";"))
    deal = Deal.unguarded.get(title="Станок")
    told = browser(boss).get(f"/deals/{deal.pk}").content.decode()
    at = told.index("Первый разговор")
    assert "2024-02-03T10:15:00" in told[:at] and Note.objects.get(text="Первый разговор").created_at.year == 2024


def test_the_second_load_changes_nothing(boss: Any) -> None:
    loaded(boss, table(AMO, ";", "cp1251"))
    before = Event.objects.filter(type__in=("record.created", "record.updated", "note.written")).count()
    again = loaded(boss, table(AMO, ";", "utf-8"))
    assert Event.objects.filter(type__in=("record.created", "record.updated", "note.written")).count() == before
    assert {key: one["made"] + one["changed"] for key, one in again.counts["types"].items()} == {
        "company": 0, "person": 0, "deal": 0,
    }  # fmt: skip


PEOPLE = [
    ["Имя", "Фамилия", "Телефон", "E-mail", "Компания", "Скидка"],
    ["Анна", "Белова", "79161234567", "anna@example.com", "Ромашка", "x"],
    ["Борис", "Чёрный", "12", "boris@example.com", "Ромашка", "x"],
    ["Вера", "Синяя", "+7 916 000-00-01", "vera@example", "", "x"],
]  # fmt: skip


def test_refused_rows_come_back_as_a_file_to_mend(boss: Any) -> None:
    load = loaded(boss, table(PEOPLE))
    assert {one.title for one in Person.unguarded.all()} == {"Белова Анна"}
    rows = list(ImportRow.objects.order_by("position").values_list("number", "reasons"))
    assert [number for number, _why in rows] == [3, 4]
    assert rows[0][1][0][0] == "Телефон" and rows[1][1][0][0] == "E-mail"
    page = browser(boss)
    answer = page.get(f"/import/{load.pk}/refused.csv").content.decode("utf-8-sig")
    assert answer.count("\r\n") == 3 and "Борис" in answer and "Анна" not in answer
    mended = answer.replace(",12,", ",+79160000002,").replace("vera@example,", "vera@example.com,")
    again = loaded(boss, mended.encode())
    assert again.counts["refused"] == 0 and Person.unguarded.count() == 3 and Company.unguarded.count() == 1
    assert again.mapping["source"] == load.mapping["source"]


def test_a_percent_among_numbers_is_refused_by_name(boss: Any) -> None:
    rows = [["Название", "Сумма", "Клиент"], ["A", "100", "Ромашка"], ["B", "12 %", "Ромашка"], ["C", "1 234,56", ""]]
    load = loaded(boss, table(rows, ";"), main="deal")
    assert {one.title: one.amount for one in Deal.unguarded.all()} == {"A": 1_000_000, "C": 12_345_600}
    (row,) = ImportRow.objects.all()
    assert row.number == 3 and row.reasons[0][0] == "Сумма" and "12 %" in row.reasons[0][1]
    sums = load.found["sums"][0]
    assert sums["name"] == "Сумма" and sums["wrong"] == 1


def state() -> Any:
    """Cards, their points, links and notes as people see them."""
    found: list[Any] = []
    for model in (Person, Company, Deal, Lead):
        found += [
            (model.__name__, one.pk, one.title, one.owner_id, getattr(one, "company_id", None),
             getattr(one, "about", None), getattr(one, "amount", None))
            for one in model.unguarded.filter(deleted_at=None)
        ]  # fmt: skip
    live = {one[1] for one in found}
    points = ContactPoint.objects.filter(record_id__in=live).values_list("record_id", "field", "value", "position")
    links = [one for one in Relation.objects.values_list("kind", "from_id", "to_id", "roles", "main")
             if one[1] in live and one[2] in live]  # fmt: skip
    notes = Note.objects.filter(deleted_at=None, record_id__in=live).values_list("record_id", "text")
    return sorted(map(str, found)), sorted(map(str, points)), sorted(map(str, links)), sorted(map(str, notes))


def test_undo_leaves_everything_as_it_was(boss: Any, stopped_clock: Any) -> None:
    company(boss, "ООО Ромашка", about="Наши")
    person(boss, "Иван", "Петров", emails=["ivan@romashka.ru"])
    dispatcher.drain()
    before = state()
    load = loaded(boss, table(AMO, ";"))
    assert state() != before and Person.unguarded.count() == 1
    stopped_clock.move(Event.objects.latest("id").at + timedelta(days=60))
    load = taken_back(boss, load)
    assert load.state == "undone" and load.left == []
    assert state() == before
    assert not ExternalKey.objects.exists()
    assert Event.objects.filter(type="import.undone").count() == 1


def test_what_others_changed_since_is_left_and_listed(boss: Any) -> None:
    old = company(boss, "ООО Ромашка")
    dispatcher.drain()
    rows = [["Название", "Сайт", "Телефон"], ["ООО Ромашка", "romashka.ru", "+79161234567"], ["Лютик", "lutik.ru", ""]]
    load = loaded(boss, table(rows), main="company")
    other = colleague("Olga", "all")
    run(again(other), Update("company", old.id, 0, {"website": "https://new.example"}))
    made = Company.unguarded.get(title="Лютик")
    run(again(other), Update("company", made.pk, 0, {"about": "важное"}))
    load = taken_back(boss, load)
    card = Company.unguarded.get(pk=old.id)
    assert card.website == "https://new.example" and not ContactPoint.objects.filter(record_id=old.id).exists()
    assert Company.unguarded.get(pk=made.pk).deleted_at is None
    assert sorted((one[2], one[3]) for one in load.left) == [("Лютик", []), ("ООО Ромашка", ["website"])]


def test_a_killed_worker_doubles_nothing(boss: Any, monkeypatch: Any) -> None:
    rows = [["Имя", "Фамилия", "E-mail"], *[["Анна", f"Белова{n}", f"a{n}@example.com"] for n in range(120)]]
    load = tried(boss, begun(boss, table(rows)))
    run(again(boss), RunImport(load.pk))
    chunks = []

    def dies(self: Any, work: Any) -> None:
        if len(chunks) == 1:
            raise KeyboardInterrupt
        chunks.append(1)
        whole(self, work)

    whole = LoadChunk.apply
    monkeypatch.setattr(LoadChunk, "apply", dies)
    with pytest.raises(KeyboardInterrupt):
        running.go(fresh(load))
    monkeypatch.undo()
    assert 0 < Person.unguarded.count() == fresh(load).done < 120
    running.go(fresh(load))
    assert fresh(load).state == "done" and Person.unguarded.count() == 120
    running.go(fresh(load))
    assert Person.unguarded.count() == 120


def test_two_workers_at_once_load_every_row_once(boss: Any, monkeypatch: Any) -> None:
    rows = [["Имя", "Фамилия", "E-mail"], *[["Анна", f"Белова{n}", f"a{n}@example.com"] for n in range(120)]]
    load = tried(boss, begun(boss, table(rows)))
    run(again(boss), RunImport(load.pk))
    whole, met = LoadChunk.apply, []

    def twice(self: Any, work: Any) -> None:
        if not met:
            met.append(1)
            whole(LoadChunk(self.load_id, self.start, self.shape, self.rows), work)
        whole(self, work)

    monkeypatch.setattr(LoadChunk, "apply", twice)
    running.go(fresh(load))
    monkeypatch.undo()
    running.go(fresh(load))
    assert fresh(load).state == "done" and Person.unguarded.count() == 120


def test_it_can_be_stopped_and_gone_on_with(boss: Any, monkeypatch: Any) -> None:
    rows = [["Имя", "Фамилия", "E-mail"], *[["Анна", f"Белова{n}", f"a{n}@example.com"] for n in range(120)]]
    load = tried(boss, begun(boss, table(rows)))
    run(again(boss), RunImport(load.pk))
    whole = LoadChunk.apply

    def stopping(self: Any, work: Any) -> None:
        whole(self, work)
        StopImport(load.pk).apply(work)

    monkeypatch.setattr(LoadChunk, "apply", stopping)
    running.go(fresh(load))
    monkeypatch.undo()
    assert fresh(load).state == "stopped" and 0 < Person.unguarded.count() < 120
    run(again(boss), RunImport(load.pk))
    jobs.run_due()
    assert fresh(load).state == "done" and Person.unguarded.count() == 120


def test_a_hidden_card_is_as_if_it_were_not(boss: Any) -> None:
    known = person(boss, "Анна", "Белова", emails=["anna@example.com"])
    loaded(boss, table([["ID", "Имя", "Фамилия", "E-mail"], ["7", "Анна", "Белова", "anna@example.com"]]), source="x")
    narrow = colleague("Olga", "own")
    Role.objects.filter(members__user=narrow.user_id).update(permits=["import"])
    changed()
    rows = [["ID", "Имя", "Фамилия", "E-mail"], ["7", "Анна", "Белова", "anna@example.com"]]
    load = begun(again(narrow), table(rows))
    load = tried(narrow, mapped(narrow, load, source="x"))
    assert load.checked["counts"]["types"]["person"] == {"made": 1, "changed": 0, "same": 0}
    assert "Белова" not in str(load.checked["told"])
    loaded(narrow, fresh(load))
    assert Person.unguarded.filter(title="Белова Анна").count() == 2
    assert Person.unguarded.get(pk=known.id).owner_id == boss.user_id
    # the second load of the same file finds his own
    load = loaded(narrow, table(rows), source="x")
    assert load.counts["types"]["person"]["made"] == 0 and Person.unguarded.count() == 2


def test_without_the_right_there_is_no_import(boss: Any) -> None:
    narrow = colleague("Olga", "all")
    with pytest.raises(Refused):
        begun(narrow, table(PEOPLE))
    page = browser(narrow)
    assert page.get("/import").status_code == 403
    assert "/import" not in page.get("/").content.decode()


def test_nobody_opens_the_file_of_another(boss: Any) -> None:
    load = begun(boss, table(PEOPLE))
    assert browser(administrator("Other")).get(f"/import/{load.pk}").status_code == 404


def test_policies_say_what_becomes_of_cards_that_are_here(boss: Any) -> None:
    card = company(boss, "Ромашка", website="https://old.example")
    dispatcher.drain()
    rows = table([["Название", "Сайт", "О компании"], ["Ромашка", "new.example", "цветы"], ["Лютик", "l.example", ""]])
    loaded(boss, rows, main="company", policy={"company": "link"})
    assert Company.unguarded.get(pk=card.id).about == ""
    loaded(boss, rows, main="company", policy={"company": "create"})
    assert Company.unguarded.get(pk=card.id).about == "" and Company.unguarded.count() == 2
    loaded(boss, rows, main="company", policy={"company": "empty"})
    one = Company.unguarded.get(pk=card.id)
    assert (one.about, one.website) == ("цветы", "https://old.example")
    loaded(boss, rows, main="company", policy={"company": "overwrite"})
    assert Company.unguarded.get(pk=card.id).website == "https://new.example"


def test_two_people_share_a_telephone(boss: Any) -> None:
    rows = [["Имя", "Фамилия", "Телефон"], ["Анна", "Белова", "+79161234567"], ["Борис", "Чёрный", "+79161234567"],
            ["Анна", "Белова", "+79161234567"]]  # fmt: skip
    loaded(boss, table(rows))
    assert sorted(one.title for one in Person.unguarded.all()) == ["Белова Анна", "Чёрный Борис"]
    loaded(boss, table(rows))
    assert Person.unguarded.count() == 2


def test_the_pages_lead_from_the_file_to_the_cards(boss: Any) -> None:
    page = browser(boss)
    upload = SimpleUploadedFile("klienty.csv", table(AMO, ";", "cp1251"))
    answer = page.post("/import", {"file": upload, "idempotency": "1"})
    url = answer["Location"]
    assert "hx-trigger" in page.get(url).content.decode()
    jobs.run_due()
    text = page.get(url).content.decode()
    assert "amoCRM" in text and "Переговоры" in text and "utm_source" in text
    load = Import.objects.get()
    stage, at = column(load, "Этап сделки"), "value"
    assert at
    answer = page.post(f"{url}/map", {f"word-{stage}": "Переговоры", f"meant-{stage}": "=meeting", "try": "1"})
    assert answer.status_code == 302
    jobs.run_due()
    text = page.get(url).content.decode()
    assert "Станок" in text and Deal.unguarded.count() == 0
    page.post(f"{url}/run", {})
    jobs.run_due()
    assert page.get(url).status_code == 200
    assert {one.title: one.stage for one in Deal.unguarded.all()} == {"Станок": "won", "Сервис": "meeting"}
    page.post(f"{url}/undo", {})
    jobs.run_due()
    assert not Deal.unguarded.filter(deleted_at=None).exists()
    assert page.get("/import").status_code == 200


def test_the_page_names_the_cards_that_can_come_in(boss: Any) -> None:
    run(boss, SaveSetting("type", {"key": "own_vehicle", "slug": "vehicles", "label": {"en": "Vehicle"},
                                   "plural": {"en": "Vehicles"}}))  # fmt: skip
    run(again(boss), SaveSetting("organization", {"modules_off": ["leads"]}, 1))
    (named,) = re.findall(r"Что можно загрузить: ([^<]*)", browser(again(boss)).get("/import").content.decode())
    words = set(named.split(", "))
    assert {"Компании", "Люди", "Сделки", "Задачи", "Vehicles"} <= words and "Лиды" not in words


def test_products_become_the_lines_of_a_deal(boss: Any) -> None:
    head = ["ID", "Название сделки", "Стадия сделки", "Сумма", "Валюта", "Компания", "Контакт", "Товар", "Цена",
            "Количество", "Ответственный", "Дата создания"]  # fmt: skip
    base = ["5", "Поставка", "Сделка успешна", "2500", "RUB", "Ромашка", "Анна Белова"]
    rows = [head, [*base, "Стул", "500", "3", "Boss", "01.02.2024 10:00:00"],
            [*base, "Стол", "1000", "1", "Boss", "01.02.2024 10:00:00"]]  # fmt: skip
    load = loaded(boss, table(rows, ";", "cp1251"))
    assert load.mapping["program"] == "bitrix24"
    deal = Deal.unguarded.get()
    assert deal.state == "won" and deal.amount == 25_000_000
    assert sorted(DealLine.objects.values_list("name", "quantity", "price")) == [
        ("Стол", 10_000, 10_000_000), ("Стул", 30_000, 5_000_000),
    ]  # fmt: skip
    loaded(boss, table(rows, ";", "cp1251"))
    assert Deal.unguarded.count() == 1 and DealLine.objects.count() == 2


def test_new_words_of_a_list_are_made(boss: Any) -> None:
    rows = [["Имя", "Запрос", "Источник", "Теги"], ["Анна", "Стул", "Ярмарка", "опт, важный"]]
    load = begun(boss, table(rows))
    load = mapped(boss, load, main="lead")
    values = {column(load, "Источник"): {"Ярмарка": "+"}, column(load, "Теги"): {"опт": "+", "важный": ""}}
    load = loaded(boss, mapped(boss, load, values=values))
    lead = Lead.unguarded.get()
    assert again(boss).state.record_types["lead"].spec("source").choice(lead.source).label["ru"] == "Ярмарка"
    assert [one.name for one in Tag.objects.filter(name="опт")] == ["опт"]
    assert TagLink.objects.filter(record_id=lead.pk).count() == 1


def test_cards_of_the_firms_own_kind_come_in_with_what_is_worked_out_of_them(boss: Any) -> None:
    fields.kind(boss)
    fields.field(boss, "own_property", "area", "number", unit="square_metre")
    fields.field(boss, "own_property", "price", "money")
    fields.field(boss, "own_property", "rate", "money", formula="own_price / own_area")
    rows = [["Name", "Area", "Price", "Rate"], ["Mill Lane 4", "62,5", "250000", ""], ["Orchard 7", "80", "240000", ""]]
    load = loaded(boss, table(rows, ";"))
    made = {row.title: row.custom for row in CustomRecord.unguarded.filter(type_key="own_property")}
    assert {title: custom["own_rate"][0] for title, custom in made.items()} == {
        "Mill Lane 4": 40_000_000, "Orchard 7": 30_000_000,
    }  # fmt: skip
    assert loaded(boss, table(rows, ";")).counts["types"]["own_property"] == {"made": 0, "changed": 0, "same": 2}
    taken_back(boss, load)
    assert not CustomRecord.unguarded.filter(deleted_at=None).exists()
