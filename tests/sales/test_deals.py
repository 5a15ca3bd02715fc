"""Deals: made, moved, won, lost, reopened; who may, who is told, what two do at once."""

from datetime import timedelta
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.identity.models import Team
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.notices.models import Notice
from comity.records.models import RecordRef
from comity.sales.deals.commands import CreateDeal, WinDeal
from comity.timeline.models import Event, EventSubject
from comity.timeline.story import story
from support.browser import browser
from support.deals import deal, held, lose, move, pipeline, reopen, said, set_stage, win
from support.house import administrator, again, colleague, company, person

pytestmark = pytest.mark.django_db


def update(actor: Actor, ref: RecordRef, version: int = 0, **values: Any) -> Any:
    return run(again(actor), commands.update("deal", ref.id, version, values))


def test_a_new_deal_begins_in_the_first_stage_of_the_first_pipeline(boss: Actor, stopped_clock: Any) -> None:
    card = held(deal(boss, amount="1500"))
    assert (card.pipeline, card.stage, card.state, card.moves_back) == ("sales", "new", "open", 0)
    assert card.stage_since == now() and (card.amount, card.amount_currency) == (15_000_000, "RUB")


def test_a_deal_may_begin_in_a_later_stage_and_names_its_lead(boss: Actor) -> None:
    lead = run(boss, commands.Create("lead", {"contact_name": "Anna"})).record
    made = run(boss, CreateDeal("deal", {"name": "Pumps"}, stage="meeting", lead=lead.id)).record
    assert (held(made).stage, held(made).lead_id) == ("meeting", lead.id)
    with pytest.raises(Invalid) as wrong:
        run(boss, CreateDeal("deal", {"name": "Pumps"}, stage="won"))
    assert "stage" in wrong.value.fields


def test_the_default_pipeline_is_the_first_one_open_to_him(boss: Actor) -> None:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    pipeline("service", "asked", "planned", teams=(north.pk,))
    set_stage("new", name={"en": "New"})
    from comity.sales.models import Pipeline

    Pipeline.objects.filter(key="sales").update(teams=[str(south.pk)])
    nora, free = colleague("Nora", team=north), colleague("Free")
    assert held(deal(nora)).pipeline == "service"
    for actor, key in ((nora, "sales"), (free, "")):
        with pytest.raises(Invalid) as wrong:
            deal(actor, pipeline=key)
        assert list(wrong.value.fields) == ["pipeline"]


def test_another_pipeline_puts_the_deal_into_its_first_stage(boss: Actor, stopped_clock: Any) -> None:
    pipeline("service", "asked", "planned")
    ref = deal(boss)
    move(boss, ref, "quote", override="known client")
    stopped_clock.tick(days=2)
    changed = update(boss, ref, pipeline="service", about="also this")
    card = held(ref)
    assert (card.pipeline, card.stage, card.about, card.moves_back) == ("service", "asked", "also this", 0)
    assert card.stage_since == now()
    event = Event.objects.get(pk=changed.event)
    assert event.type == "deal.stage_changed" and event.payload["changes"]["pipeline"] == ["sales", "service"]
    from comity.changes.undo import Undo

    run(boss, Undo(event.id))
    assert (held(ref).pipeline, held(ref).stage, held(ref).about) == ("sales", "quote", "also this")


def test_a_closed_deal_changes_no_pipeline(boss: Actor) -> None:
    pipeline("service", "asked")
    ref = deal(boss)
    lose(boss, ref)
    with pytest.raises(Invalid):
        update(boss, ref, pipeline="service")
    update(boss, ref, about="still written")
    assert held(ref).about == "still written"


def test_moves_tell_in_words_where_to(boss: Actor) -> None:
    boss = administrator("Second", language="en")
    ref = deal(boss, amount="1")
    assert said(boss, move(boss, ref, "meeting")) == "moved this to “Meeting”"
    assert said(boss, move(boss, ref, "qualified")) == "moved this back to “Qualified”"
    assert (held(ref).moves_back, held(ref).stage) == (1, "qualified")
    assert said(boss, win(boss, ref)) == "won this"
    assert said(boss, reopen(boss, ref)) == "reopened this in “Qualified”"
    assert held(ref).moves_back == 1
    assert said(boss, lose(boss, ref)) == "lost this"


def test_only_open_stages_of_its_own_pipeline_are_moved_to(boss: Actor) -> None:
    pipeline("service", "asked")
    set_stage("agreement", archived_at=now())
    ref = deal(boss)
    words = set()
    for stage in ("asked", "won", "agreement", "nonsense"):
        with pytest.raises(Invalid) as wrong:
            move(boss, ref, stage)
        words.add(str(wrong.value.fields["stage"][0]))
    assert len(words) == 4
    assert held(ref).version == 1


def test_a_move_to_where_it_stands_changes_nothing(boss: Actor) -> None:
    ref = deal(boss)
    assert move(boss, ref, "new").event is None and held(ref).version == 1


def test_two_moves_from_one_page_conflict_another_field_does_not(boss: Actor) -> None:
    other = administrator("Other")
    ref = deal(boss)
    update(other, ref, about="news")
    move(boss, ref, "qualified", version=1)
    with pytest.raises(Conflict) as clash:
        move(other, ref, "meeting", version=2)
    current: Any = clash.value.current
    assert (current["theirs"], current["mine"], current["stage"]) == (
        {"stage": "qualified"}, {"stage": "meeting"}, "qualified",
    )  # fmt: skip
    assert current["who"]["stage"][0] == str(boss.user_id)
    assert held(ref).stage == "qualified"


def test_a_deal_is_won_with_what_decided_it_and_lost_with_why(boss: Actor, stopped_clock: Any) -> None:
    ref = deal(boss)
    for reason in ("", "nonsense", "competitor"):  # the last one is a reason to lose
        with pytest.raises(Invalid):
            run(boss, WinDeal(ref.id, 0, reason))
    win(boss, ref, note="They know us")
    card = held(ref)
    assert (card.state, card.stage, card.won_reason, card.close_note) == ("won", "won", "price", "They know us")
    assert card.closed_at == card.stage_since == now()
    with pytest.raises(Invalid):
        lose(boss, ref)
    reopen(boss, ref, "meeting")
    card = held(ref)
    assert (card.state, card.stage, card.won_reason, card.close_note, card.closed_at) == (
        "open",
        "meeting",
        "",
        "",
        None,
    )
    lose(boss, ref, note="too dear")
    card = held(ref)
    assert (card.state, card.stage, card.lost_reason, card.close_note) == ("lost", "lost", "price", "too dear")
    with pytest.raises(Invalid):
        move(boss, ref, "quote")


def test_lost_to_a_competitor_names_him_where_a_list_is_kept(boss: Actor) -> None:
    from comity.access import snapshot
    from comity.records.models import Option

    first = deal(boss)
    lose(boss, first, reason="competitor")
    assert held(first).lost_reason == "competitor"
    Option.objects.create(list_key="competitor", key="own_rival", label={"en": "Rival"})
    snapshot.changed()
    ref = deal(boss)
    for given in ("", "nonsense"):
        with pytest.raises(Invalid) as wrong:
            lose(boss, ref, reason="competitor", competitor=given)
        assert list(wrong.value.fields) == ["competitor"]
    lose(boss, ref, reason="competitor", competitor="own_rival")
    assert held(ref).competitor == "own_rival"


def test_a_client_s_card_tells_of_its_deals(boss: Actor) -> None:
    firm, anna = company(boss, "Acme"), person(boss, "Anna", "Sample")
    ref = deal(boss, company=str(firm.id), person=str(anna.id))
    moved = move(boss, ref, "qualified")
    subjects = set(EventSubject.objects.filter(event=moved.event).values_list("type_key", "record_id"))
    assert subjects == {("deal", ref.id), ("company", firm.id), ("person", anna.id)}
    told, _more = story(again(boss), firm)
    assert moved.event in {one.event.id for one in told}


def test_a_manager_moves_his_own_deals_a_head_those_of_his_team(boss: Actor) -> None:
    team = Team.objects.create(name="North")
    mira, nils, head = colleague("Mira", team=team), colleague("Nils", team=team), colleague("Head", "team", team=team)
    ref = deal(mira)
    for command in (lambda: move(nils, ref, "qualified"), lambda: win(nils, ref), lambda: lose(nils, ref)):
        with pytest.raises(NotFound):
            command()
    move(head, ref, "qualified")
    assert held(ref).stage == "qualified"


def test_who_sees_but_may_not_edit_is_refused(boss: Actor) -> None:
    from comity.access import snapshot
    from comity.access.models import Role

    ref, mira = deal(boss), colleague("Mira", "all")
    role = Role.objects.get(key="role-Mira")
    role.grants = {"*": {"view": "all"}}
    role.save()
    snapshot.changed()
    with pytest.raises(Refused):
        move(mira, ref, "qualified")


def test_to_whom_the_stage_is_hidden_no_move_is_told(boss: Actor) -> None:
    ref = deal(boss)
    moved = move(boss, ref, "qualified")
    mira = colleague("Mira", "all", {"deal": {"stage": "hide"}})
    assert said(boss, moved) and said(mira, moved) == ""


def test_the_owner_s_manager_hears_of_a_won_deal_and_not_of_its_undo(boss: Actor) -> None:
    from comity.access import snapshot
    from comity.changes.undo import Undo
    from comity.identity.models import User

    mira, head = colleague("Mira"), colleague("Head", "all")
    User.objects.filter(pk=mira.user_id).update(manager_id=head.user_id)
    snapshot.changed()
    ref = deal(mira, amount="5")
    won = win(mira, ref)
    dispatcher.drain()
    assert list(Notice.objects.filter(kind="deal_won").values_list("user_id", "record_id")) == [(head.user_id, ref.id)]
    run(again(mira), Undo(won.event))
    run(again(mira), Undo(Event.objects.filter(primary_id=ref.id).order_by("-id")[0].id))
    assert held(ref).state == "won"
    dispatcher.drain()
    assert Notice.objects.filter(kind="deal_won").count() == 1


def test_company_and_person_of_a_deal_change_like_any_link(boss: Actor) -> None:
    first, second = company(boss, "One"), company(boss, "Two")
    ref = deal(boss, company=str(first.id))
    update(boss, ref, company=str(second.id))
    assert held(ref).company_id == second.id


def test_fields_of_the_house_are_written_by_no_other_door(boss: Actor) -> None:
    ref = deal(boss)
    for key in ("stage", "state", "stage_since", "closed_at", "lost_reason"):
        with pytest.raises(Invalid):
            update(boss, ref, **{key: "won"})
    with pytest.raises(Invalid):
        run(boss, Update("deal", ref.id, 0, {"stage": "won"}))
    assert held(ref).stage == "new" and timedelta(0) <= now() - held(ref).stage_since


def test_a_deal_that_came_without_a_pipeline_is_given_one_first(boss: Actor) -> None:
    ref = run(boss, commands.Create("deal", {"name": "Old"})).record  # as another program's base may bring it
    for command in (lambda: win(boss, ref), lambda: lose(boss, ref), lambda: move(boss, ref, "new")):
        with pytest.raises(Invalid):
            command()
    update(boss, ref, pipeline="sales")
    assert (held(ref).stage, held(ref).state) == ("new", "open")
    win(boss, ref)
    assert held(ref).state == "won"


def test_the_story_says_a_move_once_and_lists_what_else_was_written(boss: Actor) -> None:
    ref = deal(boss)
    english = administrator("Second", language="en")
    move(boss, ref, "qualified")
    lose(boss, ref, note="Too dear")
    page = browser(english).get(f"/deals/{ref.id}/story").content.decode()
    assert "moved this to “Qualified”" in page and "lost this" in page
    assert "How it ended:" in page and "Too dear" in page and "Why lost:" in page
    assert "Lost to:" not in page and not any(f"{one}:" in page for one in ("In this stage since", "Stage", "Closed"))
    undo = f"/undo/{Event.objects.filter(type='deal.stage_changed').latest('id').pk}"
    assert undo in page and browser(english).post(undo).status_code == 302
    assert (held(ref).state, held(ref).stage, held(ref).close_note) == ("open", "qualified", "")
    assert (
        "took back a move: it is in “Qualified” again"
        in browser(english).get(f"/deals/{ref.id}/story").content.decode()
    )
