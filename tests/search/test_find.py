"""Finding: words, fragments, phones, slips, the wrong layout, and never what the finder may not see or read."""

import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor, system, user_actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Restore, ShareRecord, Trash, Update
from comity.changes.settings import SaveSetting
from comity.identity.models import Team, User
from comity.kernel import jobs
from comity.search import consumer, sources
from comity.search.find import find
from comity.search.index import Sight
from comity.search.models import SearchDoc
from comity.search.words import forgiving, readings, satisfied, spaced
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db


def titles(actor: Actor, query: str, **more: Any) -> list[str]:
    return [hit.title for hit in find(actor, query, **more)]


def test_words_stand_anywhere_and_all_of_them(boss: Actor) -> None:
    company(boss, "ООО «Ромашка»")
    company(boss, "Ромашковый чай")
    company(boss, "Чайная")
    dispatcher.drain()
    assert titles(boss, "ромашка") == ["ООО «Ромашка»"]
    assert titles(boss, "машк чай") == ["Ромашковый чай"]
    assert titles(boss, "ооо ромашка") == ["ООО «Ромашка»"]
    assert titles(boss, "ромашка озеро") == []
    assert titles(boss, "") == titles(boss, " .,") == []


def test_beginnings_of_titles_come_first(boss: Actor) -> None:
    company(boss, "Завод Марс")
    company(boss, "Комарский")
    company(boss, "Марс и сыновья")
    company(boss, "Венера", about="бывший марсианин")
    dispatcher.drain()
    assert titles(boss, "мар") == ["Марс и сыновья", "Завод Марс", "Венера", "Комарский"]


def test_two_letters_find_beginnings_of_words(boss: Actor) -> None:
    person(boss, "Ли", "Ян")
    person(boss, "Али", "Колян")
    dispatcher.drain()
    assert titles(boss, "ли") == ["Ян Ли"]
    assert titles(boss, "ли ян") == ["Ян Ли"]


@pytest.mark.parametrize(
    "typed", ["+7 916 123-45-67", "8 (916) 123 45 67", "89161234567", "1234567", "123 45 67", "23-45", "4567", "+7916"]
)
def test_phone_fragments_however_written(boss: Actor, typed: str) -> None:
    person(boss, "Иван", "Петров", phones=["+7 916 123-45-67"])
    person(boss, "Олег", "Другой", phones=["+7 495 000-00-01"])
    dispatcher.drain()
    hits = find(boss, typed)
    assert [(hit.title, hit.matched) for hit in hits] == [("Петров Иван", "phones")]


@pytest.mark.parametrize("typed", ["050 123 45 67", "0501234567", "00380501234567", "50 123"])
def test_national_prefix_of_other_countries(boss: Actor, typed: str) -> None:
    person(boss, "Тарас", "Шевчук", phones=["+380501234567"])
    dispatcher.drain()
    assert titles(boss, typed) == ["Шевчук Тарас"]


def test_mail_fragments_and_other_fields(boss: Actor) -> None:
    person(boss, "Mara", "Sample", emails=["mara.sample@example-shop.com"], position="Chief buyer")
    dispatcher.drain()
    for typed in ("mara.sam", "e@example-s", "shop.com", "chief", "Sample buyer"):
        assert titles(boss, typed) == ["Sample Mara"], typed
    assert find(boss, "shop.com")[0].matched == "emails"
    assert find(boss, "chief")[0].context == "Chief buyer"


@pytest.mark.parametrize(
    "typed", ["ковольчук", "ковалчук", "коввальчук", "коавльчук", "ковальчу", "ковальчукк", "овальчук"]
)
def test_one_slip_is_forgiven(boss: Actor, typed: str) -> None:
    person(boss, "Анна", "Ковальчук")
    person(boss, "Анна", "Кравчук")
    dispatcher.drain()
    assert titles(boss, typed) == ["Ковальчук Анна"]


def test_two_slips_and_short_words_are_not_forgiven(boss: Actor) -> None:
    person(boss, "Анна", "Ковальчук")
    person(boss, "Яна", "Кот")
    dispatcher.drain()
    assert titles(boss, "ковольчуг") == []
    assert titles(boss, "кит") == []
    assert [hit.how for hit in find(boss, "ковольчук анна")] == ["fuzzy"]


@pytest.mark.parametrize(("typed", "title"), [("rjdfkmxer", "Ковальчук Анна"), ("Ыфьзду", "Sample Mara")])
def test_the_wrong_layout_is_understood(boss: Actor, typed: str, title: str) -> None:
    person(boss, "Анна", "Ковальчук")
    person(boss, "Mara", "Sample")
    dispatcher.drain()
    assert [(hit.title, hit.how) for hit in find(boss, typed)] == [(title, "layout")]


def test_slips_are_tried_only_when_little_was_found(boss: Actor) -> None:
    for number in range(6):
        person(boss, f"Имя{number}", "Сидоров")
    person(boss, "Пётр", "Сидороа")
    dispatcher.drain()
    assert len(titles(boss, "сидоров")) == 6
    assert titles(boss, "сидороа") == ["Сидороа Пётр"]  # somebody is called just that
    assert titles(boss, "сидороо") == ["Сидороа Пётр", *(f"Сидоров Имя{number}" for number in range(6))]


@pytest.mark.parametrize("word", ["петри", "петрин", "петринов", "петриновский"])
def test_every_edit_is_a_candidate_of_the_index(boss: Actor, word: str) -> None:
    """What the index is asked for covers every single edit of a word, at every place."""
    size = len(word)
    edits = {word[:i] + word[i + 1 :] for i in range(size)} | {word[:i] + "ю" + word[i:] for i in range(size + 1)}
    edits |= {word[:i] + "ю" + word[i + 1 :] for i in range(size)}
    edits |= {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(size - 1)}
    edits.discard(word)
    for edit in edits:
        company(boss, f"дом {edit} сад")
    dispatcher.drain()
    assert len(titles(boss, word, limit=80)) == len(edits)


def test_documents_follow_the_records(boss: Actor) -> None:
    ref = company(boss, "Старое имя")
    dispatcher.drain()
    run(boss, Update("company", ref.id, 0, {"name": "Новое имя", "phones": ["+79161112233"]}))
    dispatcher.drain()
    assert titles(boss, "старое") == []
    assert titles(boss, "9161112233") == ["Новое имя"]
    run(boss, Trash("company", ref.id))
    assert titles(boss, "новое") == []  # at once, before the consumer has seen it
    dispatcher.drain()
    assert not SearchDoc.objects.exists()
    run(boss, Restore("company", ref.id))
    dispatcher.drain()
    assert titles(boss, "новое") == ["Новое имя"]


def test_events_seen_twice_change_nothing(boss: Actor) -> None:
    from comity.timeline.models import Event

    company(boss, "Дважды")
    dispatcher.drain()
    before = list(SearchDoc.objects.values_list("id", "text"))
    consumer.handle(list(Event.objects.all()))
    assert list(SearchDoc.objects.values_list("id", "text")) == before
    assert titles(boss, "дважды") == ["Дважды"]


def test_rebuild_makes_missing_and_removes_stale_documents(boss: Actor) -> None:
    company(boss, "Первый")
    dispatcher.drain()
    SearchDoc.objects.all().delete()
    SearchDoc.objects.create(type_key="company", record_id=UUID(int=5), text=" призрак ", parts={"title": " призрак "})
    SearchDoc.objects.create(type_key="gone", record_id=UUID(int=6), text=" призрак ", parts={"title": " призрак "})
    assert consumer.rebuild() == 1
    assert titles(boss, "первый") == ["Первый"]
    assert SearchDoc.objects.count() == 1


def test_texts_of_other_rooms_are_found(boss: Actor) -> None:
    ref = company(boss, "Вега")

    def texts(type_key: str, ids: Sequence[UUID]) -> dict[UUID, str]:
        return {ref.id: "договорились о скидке"} if type_key == "company" else {}

    sources.register("memo", texts, ["memo."])
    try:
        dispatcher.drain()
        assert [(hit.title, hit.matched) for hit in find(boss, "скидк")] == [("Вега", "memo")]
    finally:
        sources.unregister("memo")


def test_a_custom_field_is_searched_from_when_it_is_marked(boss: Actor) -> None:
    values = {"type_key": "company", "key": "own_nickname", "kind": "text", "label": {"en": "Nickname"}}
    made = run(boss, SaveSetting("field", values))
    company(boss, "Лотос", own_nickname="Ромашка")
    dispatcher.drain()
    jobs.run_due()  # the look for its likely pairs: nothing of the search
    assert titles(again(boss), "ромашка") == []
    run(again(boss), SaveSetting("field", {"search": True}, made.record.id))
    dispatcher.drain()
    assert jobs.run_due() == 1
    assert titles(again(boss), "ромашка") == ["Лотос"]
    run(again(boss), SaveSetting("field", {"search": False}, made.record.id))
    assert titles(again(boss), "ромашка") == []


def test_hidden_records_leave_no_trace(boss: Actor) -> None:
    own = colleague("Own")
    other = colleague("Other")
    hidden = person(other, "Тайна", "Секретова", phones=["+79165550001"], emails=["secret@example.com"])
    person(own, "Явь", "Открытова")
    dispatcher.drain()
    for typed in ("секретова", "9165550001", "5550001", "secret@", "тайна", "сикретова", "ctrhtnjdf", "се"):
        assert find(own, typed) == [], typed
        assert len(find(other, typed)) == 1, typed
    run(user_actor(boss.user_id), ShareRecord("person", hidden.id, own.user_id))
    assert titles(own, "секретова") == ["Секретова Тайна"]
    assert titles(own, "явь") == ["Открытова Явь"]


def test_team_scopes_wide_and_narrow(boss: Actor) -> None:
    team = Team.objects.create(name="North")
    wide = colleague("Wide", "team", team=team)
    for number in range(12):
        User.objects.create(name=f"U{number}", email=f"u{number}@x.com", email_fold=f"u{number}@x.com")
    south = Team.objects.create(name="South")
    mate = colleague("Mate", "team", team=south)
    person(wide, "Север", "Северов")
    person(mate, "Юг", "Северов")
    dispatcher.drain()
    assert titles(wide, "северов") == ["Северов Север"]
    assert titles(mate, "северов") == ["Северов Юг"]


@pytest.mark.parametrize("level", ["hide", "mask"])
def test_fields_not_read_in_clear_match_nothing(boss: Actor, level: str) -> None:
    clerk = colleague("Clerk", "all", {"person": {"phones": level, "about": level, "given_name": level}})
    person(boss, "Глафира", "Петрова", phones=["+79161234567"], about="любит оперу", position="директор")
    dispatcher.drain()
    assert titles(boss, "оперу") == titles(boss, "9161234567") == ["Петрова Глафира"]
    for typed in ("оперу", "9161234567", "1234567", "оперв", "глафира", "глафера"):
        assert find(clerk, typed) == [], typed
    assert len(find(clerk, "петрова")) == len(find(clerk, "директор")) == 1


def test_unreadable_matches_do_not_crowd_out_readable_ones(boss: Actor) -> None:
    clerk = colleague("Clerk", "all", {"company": {"about": "hide"}})
    company(boss, "Жемчуг")
    for number in range(230):
        company(boss, f"Фирма {number}", about="жемчуг")
    dispatcher.drain()
    assert titles(clerk, "емчуг") == ["Жемчуг"]


def test_only_the_named_types(boss: Actor) -> None:
    person(boss, "Вера", "Лотос")
    company(boss, "Лотос")
    dispatcher.drain()
    assert titles(boss, "лотос", type_keys=["company"]) == ["Лотос"]
    assert {hit.ref.type for hit in find(boss, "лотос")} == {"person", "company"}


def test_two_thousand_records_and_few_queries(boss: Actor, engine: str) -> None:
    rng = random.Random(7)
    names = ["".join(rng.choices("абвгдежзиклмнопрст", k=8)).title() for _ in range(2000)]
    docs = [
        SearchDoc(type_key="person", record_id=UUID(int=number), title=name.lower(), text=f" {name.lower()} ",
                  parts={"title": f" {name.lower()} "})
        for number, name in enumerate(names)
    ]  # fmt: skip
    SearchDoc.objects.bulk_create(docs)
    refs = [person(boss, "Зоя", name) for name in names[:3]]
    dispatcher.drain()
    assert [hit.ref for hit in find(boss, names[1])] == [refs[1]]  # documents without a record show nothing
    counts = []
    for typed in (names[0], names[1][:6], "нетакогослова"):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            find(boss, typed)
        counts.append(len(captured))
    assert max(counts) <= 6


def test_the_index_is_used(boss: Actor) -> None:
    SearchDoc.objects.bulk_create(
        [SearchDoc(type_key="person", record_id=UUID(int=n), text=f" слово{n} ", parts={}) for n in range(2000)]
    )
    sight = Sight(boss, list(boss.state.record_types.values()))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # what autovacuum does in time
            cursor.execute("ANALYZE search_searchdoc; SELECT gin_clean_pending_list('search_by_trigram')")
        with CaptureQueriesContext(connection) as captured:
            rows = sight.candidates(readings("слово1999"), 0, 200)
        assert len(rows) == 1
        cursor.execute(f"EXPLAIN {captured[-1]['sql']}" if connection.vendor == "postgresql"
                       else f"EXPLAIN QUERY PLAN {captured[-1]['sql']}")  # fmt: skip
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "search_by_trigram" in plan if connection.vendor == "postgresql" else "VIRTUAL TABLE INDEX" in plan
    assert "SCAN d" not in plan


def test_quotes_and_operators_are_words(boss: Actor) -> None:
    company(boss, 'Дом "Книги"; OR 1=1 --')
    dispatcher.drain()
    for typed in ('"книги"', "книги' OR '", "%книги%", "книги*", "NEAR(книги)", "text:книги", "к_иги", "AND OR NOT"):
        titles(boss, typed)
    assert titles(boss, '"книги"') == titles(boss, "%книги%") == ['Дом "Книги"; OR 1=1 --']


def test_readings_agree_with_their_own_test() -> None:
    text = spaced("Иванов Пётр ivan@example.com +79161234567")
    for typed in ("иван петр", "8916 1234567", "n@ex", "+7(916)123"):
        assert any(satisfied(one, [text]) for one in readings(typed)), typed
    assert all(how in ("layout", "fuzzy") for how, _one in forgiving("иваноф"))


def test_the_house_sees_all(boss: Actor) -> None:
    person(colleague("Solo"), "Нина", "Одинокова")
    dispatcher.drain()
    assert titles(system("test"), "одинокова") == ["Одинокова Нина"]
