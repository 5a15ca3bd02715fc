"""Access for a term: it begins and ends by the clock wherever cards are read, is asked for, answered, taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import AccessRequest, Share
from comity.access.snapshot import snapshot
from comity.changes import dispatcher
from comity.changes.batch import StartBatch, start, undo
from comity.changes.bus import run
from comity.changes.commands import ShareRecord
from comity.changes.openings import A_DAY, AnswerRequest, AskForAccess, CloseCard, OpenCard
from comity.changes.undo import Undo
from comity.identity.models import Team
from comity.kernel import clock, jobs
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from comity.notices.bell import recent
from comity.records.models import RecordRef
from comity.search.find import find as search
from comity.timeline.models import Event
from support.browser import browser
from support.house import administrator, again, colleague, company

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRIDAY = "2026-11-27"
LATER = datetime(2026, 11, 28, 0, 0, 1, tzinfo=UTC)  # a second after the term


@pytest.fixture
def boss() -> Actor:
    snapshot()
    return administrator()


def opened(boss: Actor, ref: RecordRef, to: Actor, level: str = "view", **more: Any) -> Share:
    run(again(boss), OpenCard(ref.type, ref.id, to.user_id, None, level, more.get("until", FRIDAY), "the fair"))
    return Share.objects.get(user=to.user_id, until__isnull=False, record_id=ref.id)


def ways(actor: Actor, ref: RecordRef) -> list[bool]:
    """Whether each door shows the card, with statements that are kept between the askings."""
    actor = again(actor)
    record_type = actor.state.record_types[ref.type]
    page = browser(actor)
    return [
        policy.find(actor, record_type, ref.id) is not None,
        ref in policy.titles(actor, [ref]),
        policy.visible(actor, record_type).filter(pk=ref.id).exists(),
        record_type.key in policy.shared_types(actor),
        page.get(f"/{record_type.slug}/{ref.id}").status_code == 200,
        "Meridian" in page.get(f"/{record_type.slug}/").content.decode(),
        "Meridian" in page.get("/palette?q=merid").content.decode(),
        ref in [hit.ref for hit in search(actor, "Meridian")],
    ]


@pytest.mark.parametrize("scope", ["none", "own", "team"])
def test_a_card_is_there_until_the_end_of_the_day_and_not_a_second_longer(boss: Actor, scope: str) -> None:
    """Without any job having run, at every door, by statements made while it was open."""
    with clock.stopped(MONDAY):
        ref = company(boss, "Meridian")
        ann = colleague("Ann", scope, team=Team.objects.create(name="North"))
        dispatcher.drain()
        assert not any(ways(ann, ref))
        opened(boss, ref, ann)
        assert all(ways(ann, ref))
    with clock.stopped(LATER - timedelta(seconds=2)):
        assert all(ways(ann, ref))
    with clock.stopped(LATER):
        assert not any(ways(ann, ref))


def test_to_a_team_to_edit_and_what_was_shared_for_good_stays(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        ref = company(boss, "Meridian")
        north = Team.objects.create(name="North")
        ann = colleague("Ann", "own", team=north)
        run(again(boss), ShareRecord("company", ref.id, user_id=ann.user_id))
        run(again(boss), OpenCard("company", ref.id, None, north.pk, "edit", FRIDAY, "holiday"))
        kind = again(ann).state.record_types["company"]
        assert policy.may(again(ann), kind, policy.find(again(ann), kind, ref.id), "edit")
    with clock.stopped(LATER):
        card = policy.find(again(ann), kind, ref.id)
        assert card is not None
        assert not policy.may(again(ann), kind, card, "edit")


def test_the_end_is_told_once_and_the_row_goes(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        ref = company(boss, "Meridian")
        ann = colleague("Ann")
        opened(boss, ref, ann)
    with clock.stopped(LATER):
        for _turn in range(2):
            jobs.enqueue("changes.end_openings")
            jobs.run_due()
        assert Event.objects.filter(type="access.ended").count() == 1
        assert not Share.objects.exists()
        assert "the access of Ann has ended" in browser(again(boss)).get(f"/companies/{ref.id}").content.decode()


def test_who_may_open_and_for_how_long(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        ref = company(boss, "Meridian")
        ann, bob = colleague("Ann"), colleague("Bob")

        def give(actor: Actor, level: str = "view", until: str = FRIDAY, reason: str = "fair", to: Any = bob) -> None:
            run(again(actor), OpenCard("company", ref.id, to and to.user_id, None, level, until, reason))

        with pytest.raises(NotFound):
            give(ann)
        opened(boss, ref, ann, "edit")
        with pytest.raises(Refused):
            give(ann)  # what is open to him he does not pass on
        for wrong in ({"until": "2026-11-22"}, {"until": "soon"}, {"until": "2028-01-01"}, {"until": "9999-12-31"},
                      {"reason": "  "}, {"level": "own"}, {"to": None}):  # fmt: skip
            with pytest.raises(Invalid):
                give(boss, **wrong)
        give(boss, until="2026-11-23")  # to the end of today
        assert policy.find(again(bob), again(bob).state.record_types["company"], ref.id)


def test_it_is_taken_back_and_undone(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        ref = company(boss, "Meridian")
        ann, bob = colleague("Ann"), colleague("Bob")
        kind = again(ann).state.record_types["company"]
        first = opened(boss, ref, ann)
        with pytest.raises(NotFound):
            run(again(bob), CloseCard(first.pk))
        opened(boss, ref, ann, "edit", until="2026-11-30")
        assert Share.objects.count() == 1
        changed, given = Event.objects.filter(type="access.opened").order_by("-id")
        run(again(boss), Undo(changed.id))
        share = Share.objects.get()
        assert (share.edit, share.until) == (False, datetime(2026, 11, 28, tzinfo=UTC))
        with pytest.raises(Conflict):
            run(again(boss), Undo(changed.id))
        run(again(boss), Undo(given.id))
        assert policy.find(again(ann), kind, ref.id) is None
        run(again(boss), CloseCard(opened(boss, ref, ann).pk))
        assert policy.find(again(ann), kind, ref.id) is None


def test_many_cards_at_once_and_back(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        cards = [company(boss, f"Firm {n}") for n in range(3)]
        ann = colleague("Ann")
        given = {"user": str(ann.user_id), "team": "", "level": "view", "until": FRIDAY, "reason": "fair"}
        held = start(again(boss), StartBatch("company", "open", [one.id for one in cards], given))
        kind = again(ann).state.record_types["company"]
        assert (held.done, policy.visible(again(ann), kind).count()) == (3, 3)
        undo(again(boss), held.pk)
        assert policy.visible(again(ann), kind).count() == 0


def bell(actor: Actor) -> list[tuple[str, str]]:
    dispatcher.drain()
    groups, _before = recent(again(actor))
    return [(item.kind.key, group.url or "") for group in groups for item in group.items]


def test_asking_is_answered_alike_whatever_is_there(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        owner, ann = colleague("Owner"), colleague("Ann")
        hidden = company(owner, "Meridian")
        page = browser(again(ann))
        answers = []
        for path in (f"/companies/{hidden.id}", f"/companies/{uuid4()}", f"/nonsense/{uuid4()}"):
            missing = page.get(path).content.decode()
            assert f"/access/ask?address={path}" in missing
            said = page.post("/access/ask", {"address": f"https://crm.example{path}?x=1", "reason": "the fair"})
            answers.append((said.status_code, said["Location"], said.cookies["said"].value.split(":")[0]))
        assert len(set(answers)) == 1
        assert AccessRequest.objects.count() == 3
        kinds = bell(owner)
        assert [kind for kind, _url in kinds] == ["access"]
        assert bell(ann) == []
        answer = kinds[0][1]
        assert browser(again(ann)).get(answer).status_code == 404
        asked = browser(again(owner)).get(answer).content.decode()
        assert "Ann" in asked and "the fair" in asked and "Meridian" in asked
        browser(again(owner)).post(answer, {"level": "view", "until": FRIDAY, "reason": "the fair"})
        assert page.get(f"/companies/{hidden.id}").status_code == 200
        assert [kind for kind, _url in bell(ann)] == ["opened"]
        assert "opened" in browser(again(owner)).get(answer).content.decode()
        again_asked = page.post("/access/ask", {"address": f"/companies/{hidden.id}", "reason": "x"})
        assert again_asked["Location"] == f"/companies/{hidden.id}"


def test_refused_once_and_asked_no_more_than_so_often(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        owner, ann = colleague("Owner"), colleague("Ann")
        ref = company(owner, "Meridian")
        for _turn in range(2):
            run(again(ann), AskForAccess("company", ref.id, "the fair"))
        request = AccessRequest.objects.get()
        run(again(owner), AnswerRequest(request.pk, ""))
        with pytest.raises(Conflict):
            run(again(owner), AnswerRequest(request.pk, "view", FRIDAY))
        assert bell(ann) == []
        for _turn in range(A_DAY - 1):
            run(again(ann), AskForAccess("company", uuid4(), "the fair"))
        with pytest.raises(TooMany):
            run(again(ann), AskForAccess("company", uuid4(), "the fair"))


def test_who_is_asked_when_the_responsible_is_gone(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        north = Team.objects.create(name="North")
        head = colleague("Head", "team", team=north, lead=True)
        owner, ann = colleague("Owner", team=north), colleague("Ann")
        ref, alone = company(owner, "Meridian"), company(boss, "Alone", owner=None)
        from comity.access.snapshot import changed
        from comity.identity.models import User

        User.objects.filter(pk=owner.user_id).update(active=False)
        changed()
        run(again(ann), AskForAccess("company", ref.id, "the fair"))
        run(again(ann), AskForAccess("company", alone.id, "the fair"))
        told = dict(AccessRequest.objects.values_list("record_id", "told"))
        assert told == {ref.id: [str(head.user_id)], alone.id: [str(boss.user_id)]}


def test_the_dialog_and_the_page_of_what_is_open(boss: Actor) -> None:
    with clock.stopped(MONDAY):
        ref = company(boss, "Meridian")
        ann = colleague("Ann")
        page = browser(again(boss))
        url = f"/companies/{ref.id}/open"
        assert f'"{url}"' in page.get(f"/companies/{ref.id}").content.decode()
        wrong = page.post(url, {"with": f"user:{ann.user_id}", "level": "view", "until": "", "reason": ""})
        assert wrong.status_code == 422
        page.post(url, {"with": f"user:{ann.user_id}", "level": "view", "until": FRIDAY, "reason": "the fair"})
        for who in (boss, ann):
            shown = browser(again(who)).get("/settings/openings").content.decode()
            assert "Meridian" in shown and "the fair" in shown
        share = Share.objects.get()
        assert browser(again(ann)).post(f"/settings/openings/do/close?id={share.pk}").status_code == 404
        page.post(f"/settings/openings/do/close?id={share.pk}")
        assert not Share.objects.exists()
        assert "took back what was opened to Ann" in page.get(f"/companies/{ref.id}").content.decode()
