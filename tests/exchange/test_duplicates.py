"""The queue of likely pairs: found in the base, kept true, shown to who may merge them, merged in bulk."""

from typing import Any
from uuid import UUID

import pytest

from comity.access.actors import Actor
from comity.changes.batch import undo
from comity.changes.bus import run
from comity.changes.commands import Trash, Update, create
from comity.changes.settings import SaveSetting
from comity.changes.undo import Undo
from comity.exchange.duplicates import bulk, finding, pairs, scan
from comity.exchange.duplicates.commands import TellApart
from comity.exchange.duplicates.model import LikelyPair, Scan
from comity.exchange.merging.commands import MergeRecords
from comity.kernel import jobs
from comity.kernel.errors import Conflict, NotFound, Refused
from comity.parties.models import Company, Person
from comity.records.models import RecordRef
from comity.search import likeness
from comity.search.duplicates import likely
from support.browser import browser
from support.house import again, colleague, company, person
from support.merging import settle

pytestmark = pytest.mark.django_db


def open_pairs(type_key: str = "person") -> set[frozenset[UUID]]:
    rows = LikelyPair.objects.filter(type_key=type_key, state="open")
    return {frozenset(ends) for ends in rows.values_list("first_id", "second_id")}


def both(one: RecordRef, other: RecordRef) -> frozenset[UUID]:
    return frozenset((one.id, other.id))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Иванов Юрій", "Yuriy Ivanov", True),
        ("Юрий Иванов", "Iurii Ivanov", True),
        ("Щербаков Александр", "Alexander Shcherbakov", True),
        ("Наталья Ковальчук", "Наталя Ковальчюк", True),
        ("محمد يوسف", "Mohammed Yusuf", True),
        ("محمد علي", "Mohamed Ali", True),
        ("ООО «Ромашка»", "OOO Romashka", True),
        ("Чайковский", "Tchaikovsky", True),
        ("Анна Ковальчук", "Наталья Ковальчук", False),
        ("Ромашка Плюс", "Ромашка", False),
        ("Филиал 1", "Филиал 2", False),
        ("علي", "Ole", False),
    ],
)
def test_names_as_they_sound(one: str, other: str, same: bool) -> None:
    first, second = likeness.sounds(one), likeness.sounds(other)
    assert bool(likeness.alike(first, second)) is same
    assert likeness.alike(first, second) == likeness.alike(second, first)


def test_a_name_in_another_script_is_found_while_typing(boss: Actor) -> None:
    person(boss, "Юрій", "Іванов")
    settle()
    record_type = boss.state.record_types["person"]
    (match,) = likely(boss, record_type, {"given_name": "Yuriy", "family_name": "Ivanov"})
    assert (match.title, match.why) == ("Іванов Юрій", "name")
    assert likely(boss, record_type, {"given_name": "Anna", "family_name": "Ivanova"}) == []


def test_weights_change_what_is_found(boss: Actor) -> None:
    person(boss, "Юрій", "Іванов", phones=["+79161234567"])
    settle()
    typed = {"given_name": "Yuriy", "family_name": "Ivanov"}
    run(boss, SaveSetting("duplicate_rules", {"type_key": "person", "weights": {"title": 0}, "threshold": 40}))
    actor = again(boss)
    record_type = actor.state.record_types["person"]
    assert likely(actor, record_type, typed) == []
    assert likely(actor, record_type, typed | {"phones": "+79161234567"})[0].rules == ("phones",)
    page = browser(boss).get("/settings/duplicates").content.decode()
    assert 'name="weight-person-phones"' in page
    answer = browser(boss).post("/settings/duplicates/do/save?type=person", {"weight-person-title": "60"})
    assert answer.status_code == 302
    assert likely(again(boss), record_type, typed)[0].score == 60
    told = browser(boss).get("/settings/audit").content.decode()
    assert ">60</bdi>" in told and "…</bdi>" not in told  # not that something is otherwise, but what
    wrong = browser(boss).post("/settings/duplicates/do/save?type=person", {"weight-person-title": "600"})
    assert wrong.status_code == 422


def test_new_and_changed_cards_come_into_the_queue_and_go(boss: Actor) -> None:
    one = person(boss, "Anna", "Beck", phones=["+493012345678"])
    other = person(boss, "Carl", "Dorn", phones=["+49 (30) 12345678", "+493099999999"])
    third = person(boss, "Анна", "Бек")
    settle()
    run(boss, Update("person", other.id, 0, {"phones": ["+493012345678"]}))
    settle()
    assert open_pairs() == {both(one, other), both(one, third)}
    row = LikelyPair.objects.get(first_id=min(one.id, other.id), second_id=max(one.id, other.id))
    assert (row.score, row.reasons) == (70, "|phones|")
    run(boss, Update("person", other.id, 0, {"phones": []}))
    run(boss, Trash("person", third.id))
    settle()
    assert open_pairs() == set()


def test_namesakes_are_told_apart_by_their_company(boss: Actor) -> None:
    """Of a name that too many bear only those at one company are likely the same."""
    firm, other = company(boss, "Rossi"), company(boss, "Weber")
    crowd = [person(boss, "Ivan", "Ivanov") for _n in range(finding.MOST_NAMESAKES + 1)]
    one, two = (person(boss, "Ivan", "Ivanov", company=str(firm.id)) for _n in range(2))
    cyrillic = person(boss, "Иван", "Иванов", company=str(firm.id))
    lone = person(boss, "Ivan", "Ivanov", company=str(other.id))
    run(boss, scan.StartScan("person"))
    settle()
    assert open_pairs() == {both(one, two), both(one, cyrillic), both(two, cyrillic)}
    row = LikelyPair.objects.get(first_id=min(one.id, two.id), second_id=max(one.id, two.id))
    assert row.score == 80 and row.reasons == "|title_at|title|"
    page = browser(again(boss)).get("/duplicates/people").content.decode()
    assert "Ivanov" in page and len(crowd) == 7
    # A move to another firm is a change like any other.
    run(again(boss), Update("person", lone.id, 0, {"company": str(firm.id)}))
    settle()
    assert open_pairs() == {both(one, two), both(one, cyrillic), both(two, cyrillic), both(lone, one), both(lone, two),
                            both(lone, cyrillic)}  # fmt: skip


def test_a_company_alone_makes_no_pair(boss: Actor) -> None:
    """Colleagues are different people and different leads; a company beside a name makes the name surer."""
    firm = company(boss, "Rossi")
    person(boss, "Anna", "Beck", company=str(firm.id))
    person(boss, "Carl", "Dorn", company=str(firm.id))

    def lead(name: str, of: str = "Rossi Windows") -> RecordRef:
        return run(again(boss), create("lead", {"contact_name": name, "company_name": of})).record

    anna, _carl, other = lead("Anna Beck"), lead("Carl Dorn"), lead("Анна Бек")
    _unnamed, _too = lead(""), lead("")
    settle()
    assert open_pairs() == set()
    assert open_pairs("lead") == {both(anna, other)}
    assert LikelyPair.objects.get(type_key="lead").score == 65
    typed = {"contact_name": "Ole Holm", "company_name": "Rossi Windows"}
    assert [one.ref.type for one in likely(again(boss), boss.state.record_types["lead"], typed)] == []


def test_a_company_that_is_hidden_speaks_for_nothing(boss: Actor) -> None:
    firm = company(boss, "Rossi")
    one = person(boss, "Ivan", "Ivanov", company=str(firm.id))
    settle()
    record_type = boss.state.record_types["person"]
    typed = {"given_name": "Ivan", "family_name": "Ivanov", "company": str(firm.id)}
    (match,) = likely(again(boss), record_type, typed)
    assert (match.ref, match.score, match.rules) == (one, 80, ("title_at", "title"))
    mira = colleague("Mira", "all")
    mira.state.roles[mira.state.roles_of[mira.user_id][0]].grants["company"] = {"view": "own"}
    (match,) = likely(mira, record_type, typed)
    assert match.rules == ("title",)


def test_the_base_is_looked_through_in_the_background(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of five rows: pairs do not depend on where a chunk ends. Values too many share make nobody the same."""
    refs = [person(boss, f"Name{n}", f"Family{n}", emails=[f"x{n // 2}@firm.example"]) for n in range(8)]
    crowd = [person(boss, f"One{n}", f"Two{n}", phones=["+493011111111"]) for n in range(5)]
    monkeypatch.setattr(finding, "CHUNK", 5)
    monkeypatch.setattr(finding, "MOST_SHARING", 4)
    stale = LikelyPair.objects.create(type_key="person", first_id=refs[0].id, second_id=refs[7].id, score=99)
    result = run(boss, scan.StartScan("person"))
    assert run(boss, scan.StartScan("person")).data == result.data
    while jobs.run_due():
        pass
    wanted = {both(refs[n], refs[n + 1]) for n in range(0, 8, 2)}
    assert open_pairs() == wanted
    assert not LikelyPair.objects.filter(pk=stale.pk).exists()
    assert len(crowd) == 5
    done = Scan.objects.get()
    assert (done.stage, done.pairs, done.finished_at is not None) == ("done", 4, True)
    with pytest.raises(Refused):
        run(colleague("Ann", "all"), scan.StartScan("person"))


def test_a_look_goes_on_where_a_killed_worker_stopped(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    one = person(boss, "Anna", "Beck", emails=["a@x.example"], phones=["+493012345678"])
    other = person(boss, "Carl", "Dorn", emails=["a@x.example"])
    third = person(boss, "Else", "Fink", phones=["+493012345678"])
    scan_id = UUID(run(boss, scan.StartScan("person")).data["scan"])
    calls = []

    def dies(*arguments: Any) -> int:
        calls.append(1)
        raise RuntimeError("killed")

    whole = scan.judge
    monkeypatch.setattr(scan, "judge", dies)
    with pytest.raises(RuntimeError):
        scan.run_scan(scan_id)
    assert calls == [1]
    monkeypatch.setattr(scan, "judge", whole)
    scan.run_scan(scan_id)
    assert open_pairs() == {both(one, other), both(one, third)}
    scan.run_scan(scan_id)
    assert LikelyPair.objects.count() == 2


def test_a_stopped_look_stays_stopped(boss: Actor) -> None:
    person(boss, "Anna", "Beck")
    scan_id = UUID(run(boss, scan.StartScan("person")).data["scan"])
    run(boss, scan.StopScan("person"))
    scan.run_scan(scan_id)
    assert Scan.objects.get().stage == "keys"


def test_told_apart_is_remembered(boss: Actor) -> None:
    one, other = (person(boss, "Anna", "Beck", emails=["a@x.example"]) for _n in range(2))
    settle()
    client = browser(boss)
    page = client.get("/duplicates/people").content.decode()
    assert f"/merge/people/{one.id}/{other.id}" in page
    ends = {"first": str(one.id), "second": str(other.id)}
    assert client.post("/duplicates/people/different", ends).status_code == 302
    run(boss, Update("person", one.id, 0, {"position": "Buyer"}))
    run(boss, scan.StartScan("person"))
    settle()
    assert open_pairs() == set()
    assert "Beck" not in client.get("/duplicates/people").content.decode()
    assert "Beck" in client.get("/duplicates/people?state=different").content.decode()
    client.post("/duplicates/people/again", ends)
    assert open_pairs() == {both(one, other)}


def test_pairs_show_only_to_who_sees_and_may_edit_both(boss: Actor) -> None:
    ann, guest = colleague("Ann"), colleague("Guest")
    masked = colleague("Masked", "all", {"person": {"emails": "mask"}})
    mine = person(ann, "Anna", "Beck", emails=["a@x.example"])
    secret = person(boss, "Secret", "Twin", emails=["a@x.example"])
    own = person(ann, "Carl", "Dorn", emails=["a@x.example"])
    settle()
    assert len(open_pairs()) == 3
    record_type = boss.state.record_types["person"]
    seen = {who: pairs.page_of(again(who), record_type)[0] for who in (ann, guest, masked)}
    assert [{one.first, one.second} for one in seen[ann]] == [{mine.id, own.id}]
    assert seen[guest] == []
    assert seen[masked] == []
    assert pairs.count(again(ann), record_type) == 1
    for who in (ann, guest, masked):
        for url in ("/duplicates/people", "/duplicates/people/merge?least=1"):
            assert "Secret" not in browser(who).get(url).content.decode()
    with pytest.raises(NotFound):
        run(again(ann), TellApart("person", mine.id, secret.id))


def test_pages_of_pairs(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        for _twin in range(2):
            person(boss, f"Name{n}", f"Family{n}", emails=[f"x{n}@firm.example"])
    settle()
    record_type, found, after = boss.state.record_types["person"], [], None
    while True:
        page, after = pairs.page_of(boss, record_type, after=after, size=2)
        found += [one.id for one in page]
        if after is None:
            break
    assert len(found) == len(set(found)) == 5


def test_many_are_merged_as_the_plan_says_and_taken_back(boss: Actor) -> None:
    first = [company(boss, f"Firm{n} Orchard", emails=[f"f{n}@x.example"]) for n in range(3)]
    second = [
        company(boss, f"Firm{n} Orchard", emails=[f"f{n}@x.example"], website=f"https://f{n}.example") for n in range(3)
    ]
    against = [
        company(boss, "Against", emails=["z@x.example"], tax_number=number, country="RU")
        for number in ("7707083893", "7736050003")
    ]
    settle()
    record_type = boss.state.record_types["company"]
    plan = bulk.plan(boss, record_type, 30)
    assert plan.merges == {one.id: (other.id,) for one, other in zip(first, second, strict=True)}
    client = browser(boss)
    page = client.get("/duplicates/companies/merge?least=80").content.decode()
    assert "Firm0 Orchard" in page
    assert Company.unguarded.filter(deleted_at=None).count() == 8
    digest = bulk.plan(boss, record_type, 80).digest
    assert client.post("/duplicates/companies/merge", {"least": "80", "digest": "other"}).status_code == 409
    assert client.post("/duplicates/companies/merge", {"least": "80", "digest": digest}).status_code == 302
    live = set(Company.unguarded.filter(deleted_at=None).values_list("pk", flat=True))
    assert live == {ref.id for ref in (*first, *against)}
    assert {one.website for one in Company.unguarded.filter(pk__in=[ref.id for ref in first])} == {
        f"https://f{n}.example" for n in range(3)
    }
    batch = bulk.latest(boss, record_type)
    assert batch is not None
    assert "bulk/undo" in client.get("/duplicates/companies").content.decode()
    undo(again(boss), batch.pk)
    assert Company.unguarded.filter(deleted_at=None).count() == 8
    assert not Company.unguarded.exclude(website="").filter(pk__in=[ref.id for ref in first]).exists()


def test_likeness_is_not_handed_on(boss: Actor) -> None:
    """A = B by phone, B = C by mail: C is not merged into A unasked."""
    one = person(boss, "Anna", "Beck", phones=["+493012345678"])
    middle = person(boss, "Carl", "Dorn", phones=["+493012345678"], emails=["a@x.example"])
    last = person(boss, "Else", "Fink", emails=["a@x.example"])
    settle()
    plan = bulk.plan(boss, boss.state.record_types["person"], 40)
    assert plan.number == 1
    ((kept, lost),) = plan.merges.items()
    assert {kept, *lost} in ({one.id, middle.id}, {middle.id, last.id})


def test_a_merged_pair_leaves_the_queue_and_comes_back(boss: Actor) -> None:
    one, other = (person(boss, "Anna", "Beck", emails=["a@x.example"]) for _n in range(2))
    settle()
    result = run(boss, MergeRecords("person", one.id, other.id))
    settle()
    assert pairs.count(boss, boss.state.record_types["person"]) == 0
    run(boss, Undo(result.event))
    settle()
    assert open_pairs() == {both(one, other)}
    assert Person.unguarded.filter(deleted_at=None).count() == 2


def test_another_rule_set_forgets_old_pairs(boss: Actor) -> None:
    for _n in range(2):
        person(boss, "Anna", "Beck")
    settle()
    assert len(open_pairs()) == 1
    run(boss, SaveSetting("duplicate_rules", {"type_key": "person", "weights": {"title": 30}, "threshold": 40}))
    run(again(boss), scan.StartScan("person"))
    settle()
    assert open_pairs() == set()


def test_a_stale_plan_is_refused(boss: Actor) -> None:
    with pytest.raises(Conflict):
        bulk.start(boss, boss.state.record_types["person"], 50, "")
