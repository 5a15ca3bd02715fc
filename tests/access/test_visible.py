"""Who sees which records: own, team with all below, all, shares; the narrow and the wide form give the same."""

from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from comity.access import policy
from comity.access.actors import Actor, user_actor
from comity.access.models import Role, RoleMember
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Trash, Update
from comity.identity.models import Membership, Team, User
from comity.kernel.errors import NotFound, Refused
from comity.records.models import RecordRef, UnguardedQuery
from comity.records.types import get
from support.house import administrator, colleague, company

pytestmark = pytest.mark.django_db
ACTIONS = ("view", "edit", "delete", "share", "restore", "export")


class House:
    """Sales over North and South, Service beside it; everybody owns two companies, one of them in the trash.

    One of "south" is shared with "north" to read, one of "service" with the team North to edit.
    """

    def __init__(self) -> None:
        self.boss = administrator().user_id
        sales = Team.objects.create(name="Sales")
        teams = {
            "sales": sales, "north": Team.objects.create(name="North", parent=sales),
            "south": Team.objects.create(name="South", parent=sales), "service": Team.objects.create(name="Service"),
        }  # fmt: skip
        self.teams = {name: team.pk for name, team in teams.items()}
        self.users = {name: colleague(name, "own", team=team).user_id for name, team in teams.items()}
        self.users["alone"] = colleague("alone", "own").user_id
        self.cards: dict[str, UUID] = {}
        for name, user in self.users.items():
            owner = user_actor(user)
            self.cards[name] = company(owner, name).id
            gone = company(owner, f"{name} gone")
            self.cards[gone_name(name)] = gone.id
            run(owner, Trash("company", gone.id))
        boss = user_actor(self.boss)
        for owner, more in (("south", {"user_id": self.users["north"]}),
                            ("service", {"team_id": self.teams["north"], "level": "edit"})):  # fmt: skip
            run(boss, ShareRecord("company", self.cards[owner], **more))

    def actor(self, name: str, scope: str = "own") -> Actor:
        """A colleague whose role reaches so far in everything."""
        role = Role.objects.get(key=f"role-{name}")
        role.grants = {"*": dict.fromkeys(ACTIONS, scope)}
        role.save()
        changed()
        return user_actor(self.users[name])

    def seen(self, actor: Actor, action: str = "view") -> set[str]:
        """The names of what he may do that with."""
        names = {one: name for name, one in self.cards.items()}
        return {names[one] for one in policy.visible(actor, get("company"), action).values_list("pk", flat=True)}


def gone_name(name: str) -> str:
    return f"{name} gone"


@pytest.fixture
def house(db: None) -> House:
    return House()


@pytest.mark.parametrize("scope", ["none", "own", "team", "all"])
def test_what_is_his_own_are_those_of_what_he_sees_that_name_him(house: House, scope: str) -> None:
    """Also where he sees by shares alone: one of them is of a card of his, which he sees for no other reason."""
    run(user_actor(house.boss), ShareRecord("company", house.cards["alone"], user_id=house.users["alone"]))
    for name, user in house.users.items():
        actor = house.actor(name, scope)
        own = set(policy.own(actor, get("company")).values_list("pk", flat=True))
        seen = policy.visible(actor, get("company")).filter(owner=user)
        assert own == set(seen.values_list("pk", flat=True))
        assert own == ({house.cards[name]} if scope != "none" or name == "alone" else set())


LIVE = {"sales", "north", "south", "service", "alone"}
REACH = {
    ("sales", "own"): {"sales"},
    ("sales", "team"): {"sales", "north", "south"},
    ("north", "own"): {"north", "south", "service"},  # two of them shared
    ("north", "team"): {"north", "south", "service"},
    ("north", "none"): {"south", "service"},  # a share opens what no role does
    ("south", "team"): {"south"},
    ("service", "team"): {"service"},
    ("alone", "own"): {"alone"},
    ("alone", "team"): {"alone"},
    ("alone", "none"): set(),
    ("alone", "all"): LIVE,
}


@pytest.mark.parametrize(
    ("who", "seen"), REACH.items(), ids=lambda one: "-".join(one) if isinstance(one, tuple) else ""
)
def test_how_far_one_sees(house: House, who: tuple[str, str], seen: set[str]) -> None:
    assert house.seen(house.actor(*who)) == seen


def test_what_a_share_allows(house: House) -> None:
    north = house.actor("north")
    assert house.seen(north, "edit") == {"north", "service"}
    for action in ("delete", "share", "export"):
        assert house.seen(north, action) == {"north"}, action
    assert house.seen(north, "restore") == {gone_name("north")}
    assert house.seen(house.actor("alone", "all"), "restore") == {gone_name(name) for name in LIVE}


def test_a_share_with_a_team_is_for_its_members_only(house: House) -> None:
    sales = house.actor("sales", "own")
    assert "service" not in house.seen(sales)  # Sales stands above North, but he is not in it


def test_a_shared_card_in_the_trash_is_gone(house: House) -> None:
    run(house.actor("south"), Trash("company", house.cards["south"]))
    assert house.seen(house.actor("north")) == {"north", "service"}


@pytest.mark.parametrize("action", ["view", "edit", "delete"])
def test_narrow_branches_and_wide_form_give_the_same(
    house: House, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_type = get("company")
    tried = 0
    for name, scope in product(house.users, ("none", "own", "team")):
        actor = house.actor(name, scope)
        monkeypatch.setattr(policy, "WIDE", 2.0)  # nobody is wide
        narrow = house.seen(actor, action)
        assert not policy.is_wide(actor)
        parts = policy.branches(actor, "company", action)
        assert parts is not None
        live = record_type.model.unguarded.filter(deleted_at=None)
        merged = {one for q in parts for one in live.filter(q).values_list("pk", flat=True)}
        by_parts = {label for label, one in house.cards.items() if one in merged}
        monkeypatch.setattr(policy, "WIDE", 0.0)  # everybody is
        assert policy.is_wide(actor)
        wide = house.seen(actor, action)
        assert narrow == wide == by_parts, (name, scope)
        single = set()
        for label, one in house.cards.items():
            record = record_type.model.unguarded.get(pk=one)
            if record.deleted_at is None and policy.may(actor, record_type, record, action):
                single.add(label)
        assert single == narrow, (name, scope)
        tried += bool(narrow)
    assert tried >= 10


def test_rights_of_several_roles_add_up(house: House) -> None:
    actor = house.actor("north", "own")
    wider = Role.objects.create(key="wider", name={"en": "Wider"}, grants={"company": {"view": "all"}, "person": {}})
    RoleMember.objects.create(role=wider, user_id=actor.user_id)
    changed()
    actor = user_actor(house.users["north"])
    assert house.seen(actor) == LIVE
    assert house.seen(actor, "delete") == {"north"}
    assert actor.scope("person", "view") == "own"


def test_a_role_names_a_type_or_all_types(house: House) -> None:
    role = Role.objects.get(key="role-alone")
    role.grants = {"*": {"view": "all"}, "company": {"view": "own"}}
    role.save()
    changed()
    actor = user_actor(house.users["alone"])
    assert (actor.scope("company", "view"), actor.scope("person", "view")) == ("own", "all")
    assert actor.scope("company", "edit") == "none"
    with pytest.raises(ValueError, match="fly"):
        actor.scope("company", "fly")


def test_the_tree_may_be_deep_and_move(house: House) -> None:
    deep = Team.objects.create(name="Deep", parent_id=house.teams["north"])
    Membership.objects.filter(user=house.users["alone"]).delete()
    Membership.objects.create(user_id=house.users["alone"], team=deep)
    changed()
    run(user_actor(house.boss), Update("company", house.cards["alone"], 0, {"team": str(deep.pk)}))
    assert house.seen(house.actor("sales", "team")) == {"sales", "north", "south", "alone"}
    Team.objects.filter(pk=house.teams["north"]).update(parent=house.teams["service"])
    changed()
    assert house.seen(house.actor("sales", "team")) == {"sales", "south"}
    assert house.seen(house.actor("service", "team")) == {"service", "north", "alone"}


def test_one_record_at_a_time(house: House) -> None:
    record_type, north = get("company"), house.actor("north")
    assert policy.get(north, record_type, house.cards["north"], "edit").title == "north"
    with pytest.raises(NotFound):
        policy.get(north, record_type, house.cards["alone"])
    with pytest.raises(NotFound):
        policy.get(north, record_type, house.cards["alone"], "edit")
    with pytest.raises(Refused):
        policy.get(north, record_type, house.cards["south"], "edit")
    with pytest.raises(NotFound):
        policy.get(north, record_type, house.cards[gone_name("north")])


def test_titles_are_of_visible_records_only(house: House) -> None:
    refs = {RecordRef("company", one) for one in house.cards.values()} | {RecordRef("rocket", house.cards["north"])}
    assert sorted(policy.titles(house.actor("north"), refs).values()) == ["north", "service", "south"]
    assert policy.titles(house.actor("alone", "none"), refs) == {}


def test_field_rights_of_several_roles_and_of_the_field(house: House) -> None:
    actor = house.actor("north")
    first, second = Role.objects.get(key="role-north"), Role.objects.get(key="role-south")
    first.fields = {"company": {"phones": "hide", "about": "mask", "updated_at": "write"}}
    second.fields = {"company": {"phones": "mask", "about": "mask"}}
    first.save()
    second.save()
    RoleMember.objects.create(role=second, user_id=actor.user_id)
    changed()
    actor = user_actor(house.users["north"])
    levels = {spec.key: level for spec, level in policy.shown_fields(actor, get("company"))}
    assert (levels["phones"], levels["about"], levels["updated_at"], levels["name"]) == (
        "mask",
        "mask",
        "read",
        "write",
    )
    readable = {spec.key for spec in policy.readable_fields(actor, get("company"))}
    assert readable.isdisjoint({"phones", "about"})
    assert set(policy.condition_scope(actor, get("company")).fields) == readable


def test_the_plain_door_is_closed() -> None:
    for key in ("company", "person"):
        with pytest.raises(UnguardedQuery):
            get(key).model.objects.all()


def test_who_has_no_role_or_is_nobody_sees_nothing(house: House) -> None:
    stranger = User.objects.create(name="S", email="s@example.com", email_fold="s@example.com")
    changed()
    actor: Any = user_actor(stranger.pk)
    assert house.seen(actor) == set()
    assert house.seen(replace(actor, user_id=UUID(int=1))) == set()
