"""Rights by condition: who sees and edits what fits, at every door, from the moment it fits until it does not."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access import policy
from comity.access.actors import Actor, user_actor
from comity.access.bounds import Bounds
from comity.access.models import Role, SharingRule
from comity.access.snapshot import snapshot
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Trash, Update
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.changes.sharing_rules import MOST_RULES
from comity.identity.models import Team
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.models import CustomField, RecordRef
from comity.search.find import find as search
from support.browser import browser
from support.house import administrator, again, colleague, company, person

pytestmark = pytest.mark.django_db
CUSTOMERS = {"all": [{"field": "kind", "op": "any", "value": ["customer"]}]}


@pytest.fixture
def boss() -> Actor:
    snapshot()
    return administrator()


def rule(boss: Actor, where: Any = None, type_key: str = "company", **more: Any) -> Any:
    values = {"name": "rule", "type_key": type_key, "where": CUSTOMERS if where is None else where, **more}
    return run(again(boss), SaveSetting("sharing_rule", values)).record.id


def doors(actor: Actor, ref: RecordRef) -> list[bool]:
    actor = again(actor)
    kind = actor.state.record_types[ref.type]
    page = browser(actor)
    return [
        policy.find(actor, kind, ref.id) is not None,
        ref in policy.titles(actor, [ref]),
        policy.visible(actor, kind, every=True).filter(pk=ref.id).exists(),
        kind.key in policy.shared_types(actor) or actor.scope(kind.key, "view") != "none",
        page.get(f"/{kind.slug}/{ref.id}").status_code == 200,
        "Meridian" in page.get(f"/{kind.slug}/").content.decode(),
        ref in [hit.ref for hit in search(actor, "Meridian")],
    ]


@pytest.mark.parametrize("scope", ["none", "own", "team"])
@pytest.mark.parametrize("whom", ["user", "team", "role"])
def test_what_fits_is_open_and_what_no_longer_fits_is_closed(boss: Actor, scope: str, whom: str) -> None:
    north = Team.objects.create(name="North")
    ann = colleague("Ann", scope, team=north)
    other = colleague("Other", "none")
    ref = company(boss, "Meridian", kind="customer")
    plain = company(boss, "Meridian two", kind="supplier")
    dispatcher.drain()
    assert not policy.visible(again(ann), again(ann).state.record_types["company"]).exists()
    key = {"user": ann.user_id, "team": north.pk, "role": Role.objects.get(key="role-Ann").pk}[whom]
    made = rule(boss, **{whom: str(key)})
    assert all(doors(ann, ref))
    assert not any(doors(other, ref)[:3])
    assert policy.find(again(ann), again(ann).state.record_types["company"], plain.id) is None
    run(again(boss), Update("company", ref.id, 0, {"kind": "supplier"}))
    dispatcher.drain()
    assert doors(ann, ref)[0] is doors(ann, ref)[4] is doors(ann, ref)[6] is False
    run(again(boss), Update("company", ref.id, 0, {"kind": "customer"}))
    assert all(doors(ann, ref))
    run(again(boss), DeleteSetting("sharing_rule", made))
    assert doors(ann, ref)[0] is doors(ann, ref)[4] is doors(ann, ref)[6] is False


def test_editing_and_nothing_more(boss: Actor) -> None:
    ann = colleague("Ann", "none")
    ref = company(boss, "Meridian", kind="customer")
    made = rule(boss, user=str(ann.user_id))
    with pytest.raises(Refused):
        run(again(ann), Update("company", ref.id, 0, {"name": "Mine"}))
    run(again(boss), SaveSetting("sharing_rule", {"edit": True}, made))
    run(again(ann), Update("company", ref.id, 0, {"name": "Mine"}))
    kind = again(ann).state.record_types["company"]
    card = policy.find(again(ann), kind, ref.id)
    assert policy.may(again(ann), kind, card, "edit")
    assert not policy.may(again(ann), kind, card, "delete")
    with pytest.raises(Refused):
        run(again(ann), Trash("company", ref.id))
    bounded = user_actor(ann.user_id, bounds=Bounds.of("person:read"))  # type: ignore[arg-type]
    assert policy.find(bounded, kind, ref.id) is None
    run(again(boss), Trash("company", ref.id))
    assert policy.find(again(ann), kind, ref.id) is None


def test_a_rule_names_its_reader(boss: Actor) -> None:
    """“me” is whoever the rule is asked for."""
    north = Team.objects.create(name="North")
    ann, bob = colleague("Ann", "none", team=north), colleague("Bob", "none", team=north)
    ref = person(boss, "Given", "Meridian", owner=str(bob.user_id))
    rule(boss, {"all": [{"field": "owner", "op": "any", "value": ["me"]}]}, "person", team=str(north.pk))
    kind = again(bob).state.record_types["person"]
    assert policy.find(again(bob), kind, ref.id) is not None
    assert policy.find(again(ann), kind, ref.id) is None


@pytest.mark.parametrize("where", [
    {"all": [{"field": "created_at", "op": "past_days", "value": "7"}]},
    {"all": [{"field": "nonsense", "op": "is", "value": "x"}]},
    {"all": [{"field": "kind", "op": "contains", "value": "x"}]},
    {"all": "x"}, ["x"], {"all": [{"field": "kind", "op": "any", "value": ["customer"]}] * 11},
    {"all": [{"field": "owner", "op": "any", "value": ["nobody"]}]},
])  # fmt: skip
def test_conditions_that_carry_no_right(boss: Actor, where: Any) -> None:
    with pytest.raises(Invalid):
        rule(boss, where, user=str(boss.user_id))
    assert not SharingRule.objects.exists()


def test_without_a_condition_or_with_a_field_that_is_gone_nothing_is_open(boss: Actor) -> None:
    ann = colleague("Ann", "none")
    ref = company(boss, "Meridian", kind="customer")
    kind = again(ann).state.record_types["company"]
    for where in ({}, {"all": []}):
        rule(boss, where, user=str(ann.user_id))
        assert policy.find(again(ann), kind, ref.id) is None
    CustomField.objects.create(type_key="company", key="own_x", kind="bool", label={"en": "X"})
    from comity.access.snapshot import changed

    changed()
    rule(boss, {"all": [{"field": "own_x", "op": "no"}]}, user=str(ann.user_id))
    assert policy.find(again(ann), kind, ref.id) is not None
    CustomField.objects.update(archived_at="2026-01-01T00:00:00Z")
    changed()
    assert policy.find(again(ann), kind, ref.id) is None


def test_who_may_make_rules_and_how_many(boss: Actor) -> None:
    ann = colleague("Ann")
    values = {"name": "mine", "type_key": "company", "where": CUSTOMERS, "user": str(ann.user_id)}
    with pytest.raises(Refused):
        run(again(ann), SaveSetting("sharing_rule", values))
    for wrong in ({"user": None}, {"team": "x"}, {"type_key": "nonsense"}, {"name": ""}):
        with pytest.raises(Invalid):
            run(again(boss), SaveSetting("sharing_rule", values | wrong))
    for _n in range(MOST_RULES):
        rule(boss, user=str(ann.user_id))
    with pytest.raises(Invalid):
        rule(boss, user=str(ann.user_id))


def test_rules_add_no_query_to_a_list(boss: Actor) -> None:
    ann = colleague("Ann", "own")
    for n in range(3):
        company(boss, f"Firm {n}", kind="customer")
    page = browser(again(ann))

    def count() -> int:
        page.get("/companies/")
        with CaptureQueriesContext(connection) as asked:
            page.get("/companies/")
        return len(asked)

    before = count()
    rule(boss, user=str(ann.user_id))
    assert count() <= before + 1  # the rows' second lines: before there were none


def test_the_pages(boss: Actor) -> None:
    ann = colleague("Ann", "none")
    ref = company(boss, "Meridian", kind="customer")
    page = browser(again(boss))
    assert browser(again(ann)).get("/settings/rules").status_code == 404
    made = page.post("/settings/rules/do/new", {"name": "Customers to Ann", "type_key": "company",
                                                "whom": f"user:{ann.user_id}", "edit": "view"})  # fmt: skip
    url = made["Location"]
    key = url.rpartition("/")[2]
    assert "opens nothing" in page.get(url).content.decode()
    editor = page.get(f"/settings/rules/{key}/do/where?f-0=kind&op-0=any").content.decode()
    assert 'name="v-0"' in editor
    page.post(f"/settings/rules/{key}/do/where", {"f-0": "kind", "op-0": "any", "v-0": "customer", "match": "all"})
    assert browser(again(ann)).get(f"/companies/{ref.id}").status_code == 200
    assert "…</bdi>" not in page.get("/settings/audit").content.decode()  # by what it opens is told by name
    refused = page.post(f"/settings/rules/{key}/do/where", {"f-0": "created_at", "op-0": "today", "match": "all"})
    assert refused.status_code == 422
    page.post(f"/settings/rules/{key}/do/rule", {"whom": f"user:{boss.user_id}", "name": "x"})
    assert browser(again(ann)).get(f"/companies/{ref.id}").status_code == 404
    page.post(f"/settings/rules/{key}/do/delete")
    assert not SharingRule.objects.exists()


def test_nobody_finds_the_rules_of_others(boss: Actor) -> None:
    made = rule(boss, user=str(boss.user_id))
    ann = colleague("Ann")
    with pytest.raises((Refused, NotFound)):
        run(again(ann), DeleteSetting("sharing_rule", made))
