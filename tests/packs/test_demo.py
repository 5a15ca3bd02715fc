"""The demo company: a year with invented clients in each of six languages."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from comity.access import policy
from comity.access.actors import user_actor
from comity.changes.entrance import log_in
from comity.identity.models import Membership, Organization, Team, User
from comity.kernel import storage
from comity.kernel.clock import now
from comity.kernel.errors import Refused
from comity.packs import demo
from comity.parties.companies.model import Company
from comity.parties.consents.model import Consent
from comity.records.labels import LANGUAGES
from comity.records.models import CustomField, RecordRef, Relation, SavedView, StoredFile
from comity.sales.pipelines.model import Goal
from comity.timeline import sequencer
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.work.notes.model import Note
from support.demo import assert_invented
from support.held import held

# Other tests load it on PostgreSQL: here it is only looked at.
pytestmark = pytest.mark.alike


def actor(key: str) -> Any:
    return user_actor(User.objects.get(email=f"{key}@demo.example").id)


def seen(key: str, type_key: str) -> Any:
    who = actor(key)
    return policy.visible(who, who.state.record_types[type_key])


@pytest.fixture(scope="module")
def base(django_db_setup: None, django_db_blocker: Any) -> Iterator[demo.DemoLogins]:
    """The English demo, loaded once for the tests of this file and taken away after them."""
    with held(django_db_blocker):
        yield demo.load("en")


@pytest.fixture
def loaded(base: demo.DemoLogins, db: None) -> demo.DemoLogins:
    return base


def test_the_whole_company(loaded: demo.DemoLogins) -> None:
    organization = Organization.objects.get()
    assert organization.demo
    people = ("owner", "head", "north", "south", "assistant", "accountant")
    assert [login.email for login in loaded] == [f"{key}@demo.example" for key in people]
    assert seen("owner", "company").count() == 120
    assert seen("owner", "person").count() == 200
    tree = {team.name: team.parent and team.parent.name for team in Team.objects.all()}
    assert tree == {"Sales": None, "Sales North": "Sales", "Sales South": "Sales", "Service": None, "Office": None}
    assert Membership.objects.count() == 6
    assert {row.kind for row in CustomField.objects.all()} >= {
        "choice", "choices", "date", "money", "integer", "number", "percent", "text", "user", "bool",
    }  # fmt: skip
    assert all(set(row.label) == set(LANGUAGES) for row in CustomField.objects.all())
    assert Counter(SavedView.objects.values_list("shared", flat=True)) == {True: 3, False: 2}
    several = Counter(Relation.objects.filter(kind="works_at").values_list("from_id", flat=True))
    assert sum(1 for firms in several.values() if firms == 2) >= 10
    staff = Counter(Relation.objects.filter(kind="works_at", main=True).values_list("to_id", flat=True))
    assert sum(1 for people in staff.values() if people >= 3) >= 30
    assert Relation.objects.filter(kind="belongs_to").count() == 4
    assert Counter(Consent.objects.values_list("purpose", "given")) == {
        ("processing", True): 20, ("mail", True): 20, ("mail", False): 4,
    }  # fmt: skip
    assert Company.unguarded.filter(deleted_at__isnull=False).count() == 1
    assert sequencer.broken_links() == []


def test_the_owner_logs_in_with_the_printed_password(loaded: demo.DemoLogins) -> None:
    assert log_in(loaded[0].email, loaded[0].password, "127.0.0.1", "test")
    assert demo.logins() == loaded


def test_the_stories_live(loaded: demo.DemoLogins) -> None:
    events = Event.objects.filter(primary_type="company").order_by("seq")
    times = list(events.values_list("at", flat=True))
    assert times == sorted(times)
    assert (times[-1] - times[0]).days > 330
    kinds = Counter(events.values_list("type", flat=True))
    assert kinds["record.updated"] > 300
    assert kinds["record.trashed"] == 2
    assert kinds["record.restored"] == 1
    assert kinds["record.shared"] == 2
    assert events.filter(payload__undone__isnull=False).count() == 1
    moved = [event for event in events.filter(type="record.updated") if "owner" in event.payload["changes"]]
    assert len(moved) == 8
    owner = actor("owner")
    told, _more = story(owner, RecordRef("company", moved[0].primary_id))
    assert len({one.event.actor_id for one in told}) >= 2
    # Whoever acted could see the card: nothing but the founding was done by the house itself.
    assert not events.filter(actor_kind="system").exclude(type="duplicate.suspected").exists()


def test_notes_ask_colleagues_and_files_are_what_they_say(loaded: demo.DemoLogins) -> None:
    assert Note.objects.count() == 77
    text = Note.objects.filter(text__contains="@").first().text
    assert "@Henry Loomis" in text or "@Ada Inkwell" in text
    asked = Event.objects.filter(type="note.written").exclude(payload__mentions=[])
    assert asked.count() == 15
    for stored in StoredFile.objects.all():
        with storage.open(stored.sha256) as content:
            start = content.read(8)
        picture = stored.mime == "image/png"
        assert start.startswith(b"\x89PNG" if picture else b"%PDF-1.4")
        assert stored.name.endswith(".png" if picture else ".pdf")
    assert StoredFile.objects.count() == 4


def test_a_year_of_sales(loaded: demo.DemoLogins) -> None:
    """Today, late, stuck, won: every signal lives in it."""
    moment = now()
    deals, leads, tasks = (seen("owner", key) for key in ("deal", "lead", "task"))
    assert (deals.count(), leads.count()) == (90, 60)
    assert tasks.count() >= 400
    states = Counter(deals.values_list("state", flat=True))
    assert states["open"] > 30
    assert states["won"] > states["lost"] > 15
    assert len(set(deals.values_list("pipeline", flat=True))) == 2
    assert len(set(deals.filter(state="open").values_list("stage", flat=True))) >= 8
    running = deals.filter(state="open")
    assert running.filter(next_at__lt=moment).count() >= 5
    assert running.filter(next_at=None).count() >= 5
    assert running.filter(next_at__gt=moment).count() >= 10
    assert running.filter(stage_since__lt=moment - timedelta(days=14)).count() >= 3
    assert deals.filter(moves_back__gt=0).exists()
    assert deals.filter(state="won", closed_at__gt=moment - timedelta(days=40)).count() >= 2
    assert not deals.filter(state="lost", lost_reason="").exists()
    waiting = leads.filter(state="new")
    assert waiting.filter(answer_due_at__lt=moment).exists()
    assert leads.filter(state="converted").exclude(deal_id=None).count() == 24
    assert Goal.objects.count() == 48


def test_a_manager_sees_his_own_and_the_head_all(loaded: demo.DemoLogins) -> None:
    for key, other in (("north", "south"), ("south", "north")):
        shared = 1 if key == "south" else 0
        mine = actor(key)
        firms = seen(key, "company")
        assert 40 < firms.count() < 80
        assert firms.exclude(owner=mine.user_id).count() == shared
        assert not seen(key, "person").exclude(owner=mine.user_id).exists()
        assert not firms.filter(owner=actor(other).user_id).exclude(title="Moonlit Windmill").count() > shared
    assert seen("head", "company").count() == 120
    assert seen("accountant", "company").count() == 120


def test_the_assistant_sees_no_phone_in_clear(loaded: demo.DemoLogins) -> None:
    who = actor("assistant")
    shown = {spec.key: level for spec, level in policy.shown_fields(who, who.state.record_types["person"])}
    assert shown["phones"] == shown["emails"] == "mask"


def test_nothing_in_it_belongs_to_anybody(loaded: demo.DemoLogins) -> None:
    assert_invented("en")


def test_a_base_in_use_is_left_alone(loaded: demo.DemoLogins) -> None:
    head = sequencer.head()
    with pytest.raises(Refused) as refused:
        demo.load("ru")
    assert "in use" in str(refused.value)
    assert (sequencer.head(), Organization.objects.get().language) == (head, "en")
