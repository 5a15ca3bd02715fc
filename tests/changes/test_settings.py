"""Settings: who may write which, what is refused, what is told, and that every process hears of it."""

from datetime import date
from typing import Any

import pytest

from comity.access.models import Role
from comity.changes.commands import Create
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.identity.models import ExchangeRate, Membership, Organization, Team, User
from comity.kernel import stamps
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records.models import RelationKind, SavedView, Tag
from comity.timeline import types as event_types
from comity.timeline.models import Event

FIELD = {"type_key": "company", "key": "own_floors", "kind": "integer", "label": {"en": "Floors"}, "unit": "pieces"}


def last_event() -> Event:
    event = Event.objects.order_by("-id").first()
    assert event
    return event


def told_to(actor: Any, event: Event) -> Any:
    """What an event of settings says to somebody; None = nothing."""
    event_type = event_types.get(event.type)
    assert event_type
    return event_type.redact(event.payload, actor, None)


def test_a_change_is_told_with_old_and_new_and_moves_the_stamp(company: Any) -> None:
    before = stamps.read(stamps.SETTINGS)
    company.do("root", SaveSetting("organization", {"name": "Renamed"}, id=1))
    event = last_event()
    assert event.type == "setting.changed"
    assert event.payload["changes"] == {"name": ["Example", "Renamed"]}
    assert event.actor_id == company.users["root"]
    assert stamps.read(stamps.SETTINGS) > before
    assert company.actor("mira").state.organization.name == "Renamed"


def test_saving_the_same_tells_nothing(company: Any) -> None:
    before, events = stamps.read(stamps.SETTINGS), Event.objects.count()
    result = company.do("root", SaveSetting("organization", {"name": "Example"}, id=1))
    assert result.events == []
    assert result.record.id.int == 1
    assert (stamps.read(stamps.SETTINGS), Event.objects.count()) == (before, events)


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("organization", {"name": "Mine"}),
        ("team", {"name": "Mine"}),
        ("role", {"key": "mine", "name": {"en": "Mine"}}),
        ("rate", {"currency": "USD", "day": "2026-01-01", "rate": "1"}),
        ("field", FIELD),
        ("relation_kind", {"key": "own_mine", "forward": {"en": "a"}, "backward": {"en": "b"}}),
    ],
)
def test_without_the_permit_nothing_is_written(company: Any, setting: str, values: dict[str, Any]) -> None:
    events = Event.objects.count()
    with pytest.raises(Refused):
        company.do("mira", SaveSetting(setting, values, id=1 if setting == "organization" else None))
    assert Event.objects.count() == events
    assert Organization.objects.get().name == "Example"


def test_events_of_settings_show_only_with_the_permit(company: Any) -> None:
    company.do("fred", SaveSetting("field", FIELD))
    event = last_event()
    assert told_to(company.actor("fred"), event)
    assert told_to(company.actor("root"), event)
    assert told_to(company.actor("mira"), event) is None
    assert told_to(company.actor("ulla"), event) is None


def test_unknown_settings_rows_and_fields(company: Any) -> None:
    with pytest.raises(NotFound):
        company.do("root", SaveSetting("nonsense", {}))
    with pytest.raises(NotFound):
        company.do("root", SaveSetting("team", {"name": "x"}, id="no key"))
    with pytest.raises(Invalid) as wrong:
        company.do("root", SaveSetting("user", {"password": "x", "active": False}, id=company.users["mira"]))
    assert set(wrong.value.fields) == {"password", "active"}


def test_a_form_made_before_another_change_conflicts(company: Any) -> None:
    version = version_of(Organization.objects.get())
    company.do("root", SaveSetting("organization", {"name": "First"}, id=1, version=version))
    with pytest.raises(Conflict):
        company.do("root", SaveSetting("organization", {"name": "Second"}, id=1, version=version))
    assert Organization.objects.get().name == "First"


def test_the_company_is_set_up_once_and_with_real_codes(company: Any) -> None:
    with pytest.raises(Refused):
        company.do("root", SaveSetting("organization", {"name": "Second", "country": "FR", "currency": "EUR"}))
    bad = {"country": "QQ", "timezone": "Nowhere/Here", "language": "xx", "currency": "ABC", "languages": ["en", "xx"]}
    with pytest.raises(Invalid) as wrong:
        company.do("root", SaveSetting("organization", bad, id=1))
    assert set(wrong.value.fields) == set(bad)


def test_rates_are_of_other_currencies_and_one_a_day(company: Any) -> None:
    company.do("root", SaveSetting("rate", {"currency": "USD", "day": "2026-03-01", "rate": "0.9215"}))
    rate = ExchangeRate.objects.get()
    assert (rate.day, str(rate.rate)) == (date(2026, 3, 1), "0.9215000000")
    with pytest.raises(Invalid):
        company.do("root", SaveSetting("rate", {"currency": "USD", "day": "2026-03-01", "rate": "0.93"}))
    with pytest.raises(Invalid):
        company.do("root", SaveSetting("rate", {"currency": "EUR", "day": "2026-03-02", "rate": "1"}))
    with pytest.raises(Invalid):
        company.do("root", SaveSetting("rate", {"currency": "USD", "day": "2026-03-02", "rate": "0"}))
    with pytest.raises(Invalid):
        company.do("root", SaveSetting("organization", {"currency": "USD"}, id=1))
    company.do("root", DeleteSetting("rate", rate.pk))
    assert last_event().type == "setting.removed"
    assert company.actor("root").state.rates == {}


def test_teams_make_a_tree(company: Any) -> None:
    top = company.do("ulla", SaveSetting("team", {"name": "Sales"})).record.id
    low = company.do("ulla", SaveSetting("team", {"name": "North", "parent": str(top)})).record.id
    assert Team.objects.get(pk=low).parent_id == top
    for parent in (top, low):
        with pytest.raises(Invalid):
            company.do("ulla", SaveSetting("team", {"parent": parent}, id=top))
    with pytest.raises(Invalid):
        company.do("ulla", SaveSetting("team", {"name": "x", "parent": company.users["mira"]}))


def test_a_team_in_use_stays(company: Any) -> None:
    top = company.do("ulla", SaveSetting("team", {"name": "Sales"})).record.id
    low = company.do("ulla", SaveSetting("team", {"name": "North", "parent": top})).record.id
    company.do("ulla", SaveSetting("membership", {"user": company.users["mira"], "team": low}))
    company.do("mira", Create("company", {"name": "Acme"}))
    for team in (top, low):
        with pytest.raises(Invalid):
            company.do("ulla", DeleteSetting("team", team))
    assert Team.objects.count() == 2


def test_one_team_of_a_colleague_is_the_main_one(company: Any) -> None:
    first, second = (company.do("ulla", SaveSetting("team", {"name": name})).record.id for name in ("A", "B"))
    mira = company.users["mira"]
    company.do("ulla", SaveSetting("membership", {"user": mira, "team": first, "main": True}))
    company.do("ulla", SaveSetting("membership", {"user": mira, "team": second, "main": True, "lead": True}))
    assert dict(Membership.objects.values_list("team_id", "main")) == {first: False, second: True}
    assert company.actor("mira").main_team == second
    with pytest.raises(Invalid):
        company.do("ulla", SaveSetting("membership", {"user": mira, "team": first}))


def test_who_manages_users_gives_himself_nothing(company: Any) -> None:
    team = company.do("ulla", SaveSetting("team", {"name": "Board"})).record.id
    ulla = company.users["ulla"]
    with pytest.raises(Refused):
        company.do("ulla", SaveSetting("membership", {"user": ulla, "team": team}))
    with pytest.raises(Refused):
        company.do("ulla", SaveSetting("user", {"administrator": True}, id=ulla))
    with pytest.raises(Refused):
        company.do("ulla", SaveSetting("role_member", {"user": ulla, "role": company.roles["director"]}))
    with pytest.raises(Refused):
        company.do("ulla", SaveSetting("user", {"email": "mine@example.com"}, id=company.users["root"]))
    with pytest.raises(Refused):
        company.do("ulla", SaveSetting("user", {"email": "mine@example.com"}, id=company.users["fred"]))
    assert not User.objects.get(pk=ulla).administrator


def test_who_manages_users_puts_no_team_below_his_own(company: Any) -> None:
    mine, other, free = (company.do("root", SaveSetting("team", {"name": name})).record.id for name in "ABC")
    company.do("root", SaveSetting("membership", {"user": company.users["ulla"], "team": mine, "main": True}))
    with pytest.raises(Refused):
        company.do("ulla", SaveSetting("team", {"parent": mine}, id=other))
    company.do("ulla", SaveSetting("team", {"parent": free}, id=other))
    company.do("root", SaveSetting("team", {"parent": mine}, id=other))


def test_the_last_administrator_stays_one(company: Any) -> None:
    with pytest.raises(Refused):
        company.do("root", SaveSetting("user", {"administrator": ""}, id=company.users["root"]))
    company.do("root", SaveSetting("user", {"administrator": "1"}, id=company.users["mira"]))
    company.do("root", SaveSetting("user", {"administrator": ""}, id=company.users["root"]))
    assert list(User.objects.filter(administrator=True).values_list("pk", flat=True)) == [company.users["mira"]]


def test_a_user_has_an_address_of_his_own_and_no_ring_of_managers(company: Any) -> None:
    users = company.users
    with pytest.raises(Invalid):
        company.do("root", SaveSetting("user", {"email": "ROOT@example.com"}, id=users["mira"]))
    company.do("root", SaveSetting("user", {"manager": users["fred"]}, id=users["mira"]))
    with pytest.raises(Invalid):
        company.do("root", SaveSetting("user", {"manager": users["mira"]}, id=users["fred"]))
    with pytest.raises(Refused):
        company.do("root", DeleteSetting("user", users["mira"]))


def test_roles_take_only_known_words(company: Any) -> None:
    bad = {
        "key": "Bad Key", "name": {}, "grants": {"company": {"view": "everything"}},
        "fields": {"company": {"name": "see"}}, "permits": ["fly"],
    }  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        company.do("root", SaveSetting("role", bad))
    assert set(wrong.value.fields) == set(bad)


def test_a_role_works_at_once_and_goes_with_its_rights(company: Any) -> None:
    assert company.actor("mira").scope("company", "view") == "own"
    role = company.roles["manager"]
    company.do("root", SaveSetting("role", {"grants": {"*": {"view": "all"}}}, id=role))
    assert company.actor("mira").scope("company", "view") == "all"
    company.do("root", DeleteSetting("role", role))
    assert company.actor("mira").scope("company", "view") == "none"
    assert not Role.objects.filter(pk=role).exists()


def test_everybody_makes_tags_but_not_everybody_renames_them(company: Any) -> None:
    tag = company.do("mira", SaveSetting("tag", {"name": " Key   account "})).record.id
    assert Tag.objects.get().name == "Key account"
    with pytest.raises(Invalid):
        company.do("mira", SaveSetting("tag", {"name": "KEY ACCOUNT"}))
    with pytest.raises(Refused):
        company.do("mira", SaveSetting("tag", {"name": "Other"}, id=tag))
    with pytest.raises(Refused):
        company.do("mira", DeleteSetting("tag", tag))
    company.do("fred", SaveSetting("tag", {"name": "Other"}, id=tag))
    company.do("fred", DeleteSetting("tag", tag))
    assert not Tag.objects.exists()


def test_a_relation_kind_in_use_stays(company: Any) -> None:
    from comity.changes.commands import Link
    from comity.records.models import RecordRef

    values = {"key": "own_rival", "forward": {"en": "Rivals"}, "backward": {"en": "Rivals"}}
    kind = company.do("fred", SaveSetting("relation_kind", values)).record.id
    with pytest.raises(Invalid):
        company.do("fred", SaveSetting("relation_kind", values))
    with pytest.raises(Invalid):
        company.do("fred", SaveSetting("relation_kind", values | {"key": "related"}))
    one, two = (company.do("root", Create("company", {"name": name})).record.id for name in ("A", "B"))
    company.do("root", Link("own_rival", RecordRef("company", one), RecordRef("company", two)))
    with pytest.raises(Invalid):
        company.do("fred", DeleteSetting("relation_kind", kind))
    assert RelationKind.objects.get().archived_at is None


def test_views_are_ones_own_unless_shared_by_who_may(company: Any) -> None:
    where = {"all": [{"field": "name", "op": "starts", "value": "A"}]}
    values = {"type_key": "company", "name": "Mine", "where": where,
              "columns": ["name", "owner"], "sort": "-updated_at"}  # fmt: skip
    view = company.do("mira", SaveSetting("view", values)).record.id
    assert SavedView.objects.get().owner_id == company.users["mira"]
    for name in ("fred", "root"):
        with pytest.raises(NotFound):
            company.do(name, SaveSetting("view", {"name": "Taken"}, id=view))
        with pytest.raises(NotFound):
            company.do(name, DeleteSetting("view", view))
    with pytest.raises(Refused):
        company.do("mira", SaveSetting("view", {"shared": True}, id=view))
    shared = company.do("fred", SaveSetting("view", values | {"shared": True})).record.id
    with pytest.raises(Refused):
        company.do("mira", DeleteSetting("view", shared))
    company.do("mira", DeleteSetting("view", view))
    assert list(SavedView.objects.values_list("pk", flat=True)) == [shared]


def test_a_view_filters_by_nothing_its_maker_cannot_read(company: Any) -> None:
    company.do("root", SaveSetting("role", {"fields": {"company": {"phones": "mask"}}}, id=company.roles["manager"]))
    where = {"all": [{"field": "phones", "op": "contains", "value": "123"}]}
    for values in ({"where": where}, {"where": {"all": "x"}}, {"columns": ["nonsense"]}, {"sort": "phones"}):
        with pytest.raises(Invalid):
            company.do("mira", SaveSetting("view", {"type_key": "company", "name": "x", **values}))
