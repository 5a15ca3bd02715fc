"""The generic commands: what they write and tell, whom they refuse, and what they never overwrite."""

from typing import Any
from uuid import uuid4

import pytest

from comity.access import policy
from comity.access.actors import Actor, user_actor
from comity.access.models import Role, Share
from comity.access.snapshot import changed
from comity.changes.bus import MAX_DEPTH, Cause, run
from comity.changes.commands import Create, Link, Restore, ShareRecord, Trash, Unlink, Update
from comity.changes.models import Answered
from comity.changes.undo import Undo
from comity.identity.models import Membership, Team, User
from comity.kernel import jobs
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.parties.companies.model import Company
from comity.records.models import RecordRef, Relation
from comity.timeline import sequencer
from comity.timeline.models import Event
from comity.timeline.story import field_history, story
from support.acts import card, event, update
from support.house import administrator, colleague, company, person

pytestmark = pytest.mark.django_db


# --- writing and telling ---------------------------------------------------------------------------------------------


def test_create_writes_and_tells(boss: Actor) -> None:
    result = run(boss, Create("company", {"name": " Ёлка  и Ко ", "employees": "12", "phones": ["89161234567"]}))
    made = card(result.record)
    assert (made.title, made.name, made.name_fold, made.employees) == ("Ёлка и Ко", "Ёлка и Ко", "елка и ко", 12)
    assert (made.owner_id, made.created_by, made.version) == (boss.user_id, boss.user_id, 1)
    told = event(result)
    assert (told.type, told.actor_id, told.primary_id) == ("record.created", boss.user_id, made.pk)
    assert told.payload["changes"]["phones"] == [None, [{"label": "", "value": "+79161234567", "ext": ""}]]


def test_update_keeps_old_and_new(boss: Actor) -> None:
    ref = company(boss, "One", employees="5")
    told = event(update(boss, ref, 1, name="Two", employees=""))
    assert told.payload["changes"] == {"name": ["One", "Two"], "employees": [5, None]}
    assert (told.payload["title_before"], told.record_version) == ("One", 2)
    assert (card(ref).title, card(ref).version) == ("Two", 2)


def test_nothing_changed_is_nothing_told(boss: Actor) -> None:
    ref = company(boss, "One")
    assert update(boss, ref, 1, name="  One ").events == []
    assert card(ref).version == 1


def test_wrong_input_names_every_field_and_writes_nothing(boss: Actor) -> None:
    ref = company(boss, "One")
    with pytest.raises(Invalid) as refused:
        update(boss, ref, 1, name="", employees="many", discount="12%", secret="x", updated_at="2026-01-01")
    assert set(refused.value.fields) == {"name", "employees", "secret", "updated_at"}
    assert card(ref).version == 1
    with pytest.raises(NotFound):
        run(boss, Create("rocket", {"name": "x"}))


def test_trash_and_restore(boss: Actor) -> None:
    ref = company(boss, "One")
    told = event(run(boss, Trash("company", ref.id, 1)))
    assert told.payload == {"title": "One"}
    assert card(ref).deleted_by == boss.user_id
    with pytest.raises(NotFound):
        update(boss, ref, name="Two")
    assert event(run(boss, Restore("company", ref.id))).type == "record.restored"
    assert (card(ref).deleted_at, card(ref).version) == (None, 3)
    with pytest.raises(NotFound):
        run(boss, Restore("company", ref.id))
    with pytest.raises(Conflict):
        run(boss, Trash("company", ref.id, 1))


def test_link_and_unlink_show_on_both_cards(boss: Actor) -> None:
    anna, firm = person(boss, "Anna", "Sample"), company(boss, "Firm")
    result = run(boss, Link("works_at", anna, firm, ("buyer", "decider"), " since  May "))
    relation = Relation.objects.get()
    assert (relation.roles, relation.note, relation.main) == ("|buyer|decider|", "since May", False)
    for ref in (anna, firm):
        assert result.event in [one.event.id for one in story(boss, ref)[0]]
    assert run(boss, Link("works_at", anna, firm, ("buyer", "decider"), "since May")).events == []
    run(boss, Unlink(relation.pk))
    assert not Relation.objects.exists()
    with pytest.raises(NotFound):
        run(boss, Unlink(relation.pk))


@pytest.mark.parametrize("kind", ["works_at", "belongs_to", "nothing"])
def test_what_cannot_be_linked(boss: Actor, kind: str) -> None:
    firm = company(boss, "Firm")
    with pytest.raises(Invalid):
        run(boss, Link(kind, firm, firm))
    with pytest.raises(Invalid):
        run(boss, Link("works_at", person(boss, "Anna", "Sample"), firm, ("king",)))


def test_undoing_a_change_of_company_brings_its_roles_back(boss: Actor) -> None:
    old, new = company(boss, "Old"), company(boss, "New")
    ref = person(boss, "Анна", "Орлова", company=str(old.id))
    run(boss, Link("works_at", ref, old, ("buyer", "engineer"), "since May"))
    run(boss, Link("works_at", ref, new, ("director",)))
    held = {old.id: ("|buyer|engineer|", "since May", True), new.id: ("|director|", "", False)}

    def relations() -> dict[Any, Any]:
        rows = Relation.objects.filter(from_id=ref.id)
        return {row.to_id: (row.roles, row.note, row.main) for row in rows}

    assert relations() == held
    changed = run(boss, Update("person", ref.id, 0, {"company": str(new.id)}))
    assert relations() == {new.id: ("|director|", "", True)}
    undone = run(boss, Undo(changed.event))  # type: ignore[arg-type]
    assert relations() == held
    run(boss, Undo(undone.event))  # type: ignore[arg-type]
    assert relations() == {new.id: ("|director|", "", True)}
    # What was set since is newer than what the change remembers.
    run(boss, Link("works_at", ref, old, ("accountant",)))
    moved = run(boss, Update("person", ref.id, 0, {"company": None}))
    run(boss, Link("works_at", ref, old, ("lawyer",)))
    run(boss, Undo(moved.event))  # type: ignore[arg-type]
    assert relations() == {new.id: ("|director|", "", True), old.id: ("|lawyer|", "", False)}


def test_the_main_company_and_its_relation_stay_one(boss: Actor) -> None:
    first, second = company(boss, "First"), company(boss, "Second")
    anna = person(boss, "Anna", "Sample", company=str(first.id))
    update(boss, anna, company=str(second.id))
    relation = Relation.objects.get(main=True)
    assert relation.to_id == second.id
    run(boss, Unlink(relation.pk))
    told = Event.objects.order_by("-id").first()
    assert told is not None
    assert told.payload["changes"] == {"company": [str(second.id), None]}


# --- two people at once ----------------------------------------------------------------------------------------------


def test_another_field_goes_through_the_same_field_conflicts(boss: Actor) -> None:
    ref, other = company(boss, "One", about="old"), administrator("Other")
    update(other, ref, 1, about="theirs")
    update(boss, ref, 1, name="Two")  # made against version 1, touches another field
    assert (card(ref).name, card(ref).about) == ("Two", "theirs")
    with pytest.raises(Conflict) as clash:
        update(boss, ref, 1, about="mine", legal_name="Two Ltd")
    current = clash.value.current
    assert (current["mine"], current["theirs"]) == ({"about": "mine"}, {"about": "theirs"})
    assert current["who"]["about"][0] == str(other.user_id)
    assert (card(ref).about, card(ref).legal_name) == ("theirs", "")
    update(boss, ref, 1, about="theirs")  # the same value twice is no conflict


def test_an_idempotency_key_works_once(boss: Actor) -> None:
    command = Create("company", {"name": "One"})
    first = run(boss, command, key="k1")
    again = run(boss, command, key="k1")
    assert (again.records, again.events) == (first.records, first.events)
    assert Company.unguarded.count() == 1
    run(boss, command, key="k2")
    run(administrator("Other"), command, key="k1")  # another's key is another key
    assert Company.unguarded.count() == 3


def test_a_refused_command_leaves_its_key_free(boss: Actor) -> None:
    with pytest.raises(Invalid):
        run(boss, Create("company", {"name": ""}), key="k")
    assert run(boss, Create("company", {"name": "One"}), key="k").events


def test_a_loop_of_consequences_ends(boss: Actor) -> None:
    caused = run(boss, Create("company", {"name": "x"}), Cause(1, MAX_DEPTH - 1))
    assert (event(caused).cause_id, event(caused).depth) == (1, MAX_DEPTH)
    with pytest.raises(Refused):
        run(boss, Create("company", {"name": "x"}), Cause(1, MAX_DEPTH))


def test_answers_to_repeated_requests_are_kept_for_a_week(boss: Actor, stopped_clock: Any) -> None:
    def send() -> RecordRef:
        return run(user_actor(boss.user_id), Create("company", {"name": "One"}), key="form").record  # type: ignore[arg-type]

    first = send()
    stopped_clock.tick(days=6)
    jobs.enqueue("changes.purge_answers")
    assert jobs.run_due() == 1
    assert send() == first
    stopped_clock.tick(days=2)
    jobs.enqueue("changes.purge_answers")
    assert jobs.run_due() == 1
    assert not Answered.objects.exists()


# --- rights ----------------------------------------------------------------------------------------------------------


def test_hidden_is_not_there_and_seen_is_refused(boss: Actor) -> None:
    ref = company(boss, "One")
    mira, reader = colleague("Mira"), colleague("Reader")
    run(user_actor(boss.user_id), ShareRecord("company", ref.id, reader.user_id))
    commands = [
        Update("company", ref.id, 1, {"name": "x"}), Trash("company", ref.id), Restore("company", ref.id),
        ShareRecord("company", ref.id, reader.user_id), Undo(Event.objects.earliest("id").pk),
    ]  # fmt: skip
    for command in commands:
        with pytest.raises(NotFound):
            run(mira, command)
    for command in commands[:2] + commands[3:4]:
        with pytest.raises(Refused):
            run(reader, command)
    with pytest.raises(NotFound):
        run(mira, Update("company", uuid4(), 1, {}))
    with pytest.raises(Refused):
        run(colleague("Nobody", "none"), Create("company", {"name": "x"}))


def test_a_share_to_edit_allows_editing_and_no_more(boss: Actor) -> None:
    ref, mira = company(boss, "One"), colleague("Mira")
    run(user_actor(boss.user_id), ShareRecord("company", ref.id, mira.user_id, level="edit"))
    update(mira, ref, about="by Mira")
    assert card(ref).about == "by Mira"
    with pytest.raises(Refused):
        run(mira, Trash("company", ref.id))
    run(user_actor(boss.user_id), ShareRecord("company", ref.id, mira.user_id, level=""))
    with pytest.raises(NotFound):
        update(mira, ref, about="again")


def test_who_may_not_edit_gives_nobody_the_right_to_edit(boss: Actor) -> None:
    ref, mira = company(boss, "One"), colleague("Mira", "none")
    Role.objects.filter(key="role-Mira").update(grants={"*": {"view": "all", "share": "all"}})
    changed()
    mira = user_actor(mira.user_id)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        run(mira, ShareRecord("company", ref.id, mira.user_id, level="edit"))
    run(mira, ShareRecord("company", ref.id, mira.user_id, level="view"))
    assert not Share.objects.get().edit


def test_one_gives_records_only_as_far_as_one_reaches(boss: Actor) -> None:
    north = Team.objects.create(name="North")
    lead, inside = colleague("Lead", "team", team=north), colleague("Inside", team=north)
    lead, outside = user_actor(lead.user_id), colleague("Outside")
    ref = company(user_actor(lead.user_id), "One")
    with pytest.raises(Invalid):
        update(user_actor(lead.user_id), ref, owner=str(outside.user_id))
    update(user_actor(lead.user_id), ref, owner=str(inside.user_id))
    with pytest.raises(Invalid):
        update(user_actor(inside.user_id), ref, owner=str(lead.user_id))
    User.objects.filter(pk=outside.user_id).update(active=False)
    from comity.access.snapshot import changed

    changed()
    with pytest.raises(Invalid):
        update(user_actor(boss.user_id), ref, owner=str(outside.user_id))


def test_the_team_follows_the_owner(boss: Actor) -> None:
    north = Team.objects.create(name="North")
    mira = colleague("Mira", team=north)
    ref = company(boss, "One")
    assert card(ref).team_id is None
    update(user_actor(boss.user_id), ref, owner=str(mira.user_id))
    assert card(ref).team_id == north.pk
    assert Membership.objects.count() == 1


def test_links_to_hidden_records_are_unknown_choices(boss: Actor) -> None:
    hidden, mira = company(boss, "Hidden"), colleague("Mira")
    with pytest.raises(Invalid) as refused:
        person(mira, "Anna", "Sample", company=str(hidden.id))
    with pytest.raises(Invalid) as unknown:
        person(mira, "Anna", "Sample", company=str(uuid4()))
    assert refused.value.fields == unknown.value.fields


def test_field_rights_in_writing_and_in_the_history(boss: Actor) -> None:
    mira = colleague("Mira", "all", {"company": {"turnover": "hide", "about": "read", "employees": "mask"}})
    boss = user_actor(boss.user_id)
    ref = company(boss, "One", turnover="100")
    update(boss, ref, turnover="200")
    both = update(boss, ref, turnover="300", about="seen", employees="7")
    with pytest.raises(Invalid) as refused:
        update(mira, ref, turnover="1", about="x", employees="9")
    unknown = str(refused.value.fields["turnover"][0])
    with pytest.raises(Invalid) as nothing:
        update(mira, ref, never_there="1")
    assert unknown == str(nothing.value.fields["never_there"][0])
    told = {one.event.id: one.payload.get("changes") for one in story(mira, ref)[0]}
    assert told[both.event] == {"about": [None, "seen"]}
    assert not any("turnover" in changes or "employees" in changes for changes in told.values())
    assert len(told) == 2  # the change of nothing but the turnover is not told at all
    assert field_history(mira, ref, "turnover") == []
    assert len(field_history(boss, ref, "turnover")) == 3
    assert policy.level(mira, mira.state.record_types["company"], mira.state.record_types["company"].spec("turnover")) \
        == "hide"  # fmt: skip


def test_looking_through_anothers_eyes_writes_nothing(boss: Actor) -> None:
    mira = colleague("Mira")
    with pytest.raises(Refused):
        run(user_actor(mira.user_id, seen_by=boss.user_id), Create("company", {"name": "x"}))


# --- the chain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"payload": {"title": "forged"}}, {"type": "record.forged"}, {"actor_id": uuid4()},
                                    {"at": "2020-01-01T00:00:00Z"}, {"primary_id": uuid4()}])  # fmt: skip
def test_a_tampered_event_breaks_the_chain(boss: Actor, change: dict[str, Any]) -> None:
    for name in ("One", "Two", "Three"):
        company(boss, name)
    sequencer.number_committed()
    assert sequencer.broken_links() == []
    victim = Event.objects.get(seq=2)
    Event.objects.filter(pk=victim.pk).update(**change)
    assert sequencer.broken_links() == [2]
    assert sequencer.broken_links(start=3) == []


def test_a_removed_event_breaks_the_chain(boss: Actor) -> None:
    for name in ("One", "Two", "Three"):
        company(boss, name)
    sequencer.number_committed()
    Event.objects.get(seq=2).delete()
    assert sequencer.broken_links() == [3]
