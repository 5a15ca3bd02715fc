"""Two values to choose from become one, of a list and of a field: on cards, in conditions; and two again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor, user_actor
from comity.access.models import SharingRule
from comity.changes.bus import run
from comity.changes.commands import Trash, create, update
from comity.changes.models import MergedValue, ValueMerge
from comity.changes.settings import SaveSetting
from comity.changes.value_merging import FIELD, LIST, MergeValues, Place, UnmergeValues
from comity.kernel import clock
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.models import CustomField, CustomRecord, SavedView
from comity.sales.models import Deal, Lead
from support import fields
from support.browser import browser
from support.formulas import custom, formula, settle
from support.house import again

pytestmark = pytest.mark.django_db
URL = "/settings/lists/source"
CHOICES = [{"key": one, "label": {"en": one.capitalize()}} for one in ("red", "pink", "blue")]


@pytest.fixture
def root_actor(users: dict[str, Any]) -> Actor:
    """The administrator."""
    return user_actor(users["root"])


@pytest.fixture
def sources(root_actor: Actor) -> dict[str, Any]:
    """Deals and leads of two sources, one of them in the trash; a view and a sharing rule that name one."""
    found = {
        f"{kind}-{source}": run(root_actor, create(kind, {name: source, "source": source})).record
        for kind, name in (("deal", "name"), ("lead", "contact_name")) for source in ("fair", "mail")
    }  # fmt: skip
    gone = run(root_actor, create("deal", {"name": "gone", "source": "fair"})).record
    run(root_actor, Trash("deal", gone.id))
    where = {"all": [{"field": "source", "op": "any", "value": ["fair", "mail"]}]}
    run(again(root_actor), SaveSetting("view", {"type_key": "deal", "name": "Met", "where": where, "shared": True}))
    rule = {"name": "r", "type_key": "lead", "where": {"not": {"all": [
        {"field": "source", "op": "any", "value": ["fair"]}]}}, "user": str(root_actor.user_id)}  # fmt: skip
    run(again(root_actor), SaveSetting("sharing_rule", rule))
    return found | {"gone": gone}


def held() -> dict[str, str]:
    return dict(Deal.unguarded.values_list("title", "source")) | {
        f"lead {title}": source for title, source in Lead.unguarded.values_list("title", "source")
    }


def test_of_a_list_with_the_count_and_back(
    root: Client, mira: Client, root_actor: Actor, sources: dict[str, Any]
) -> None:
    before = held()
    assert f"{URL.removeprefix('/')}/do/merge?key=fair" in root.get(URL).content.decode()
    ask = f"{URL}/do/merge?key=fair"
    assert mira.get(ask).status_code == 404
    assert "3 cards have it" in root.get(ask, headers={"HX-Request": "true"}).content.decode()
    for wrong in ("", "fair", "nothing"):
        assert root.post(ask, {"into": wrong}).status_code == 422
    assert held() == before
    versions = dict(Deal.unguarded.values_list("pk", "version"))
    assert root.post(ask, {"into": "mail"}).status_code == 302
    assert set(held().values()) == {"mail"} and dict(Deal.unguarded.values_list("pk", "version")) == versions
    assert SavedView.objects.get(name="Met").where["all"][0]["value"] == ["mail"]
    assert SharingRule.objects.get().where["not"]["all"][0]["value"] == ["mail"]
    page = root.get("/deals/new").content.decode()
    assert 'value="mail"' in page and 'value="fair"' not in page
    assert "merged the value" in root.get("/settings/audit").content.decode()
    # One card has got another value since: it stays.
    run(again(root_actor), update("lead", sources["lead-fair"].id, 0, {"source": "website"}))
    merge = ValueMerge.objects.get()
    assert merge.cards == 3 and MergedValue.objects.count() == 3
    back = f"{URL}/do/unmerge?merge={merge.pk}"
    assert back.replace("&", "&amp;") in root.get(URL).content.decode()
    assert mira.post(back).status_code == 404
    assert root.post(back).status_code == 302
    assert held() == before | {"lead fair": "website"}
    assert SavedView.objects.get(name="Met").where["all"][0]["value"] == ["fair", "mail"]
    assert SharingRule.objects.get().where["not"]["all"][0]["value"] == ["fair"]
    assert 'value="fair"' in root.get("/deals/new").content.decode()
    assert root.post(back).status_code == 404 and held() == before | {"lead fair": "website"}


@pytest.mark.parametrize("kind", ["choice", "choices"])
def test_of_a_field(root: Client, root_actor: Actor, kind: str) -> None:
    fields.kind(root_actor)
    made = fields.field(root_actor, "own_property", "colour", kind, choices=CHOICES, indexed=True, begins="pink")
    several = kind == "choices"
    ways = {"a": ["pink"], "b": ["red"], "c": ["blue"]}
    if several:
        ways |= {"d": ["pink", "red"], "e": ["red", "blue", "pink"]}
    refs = {
        name: fields.card(root_actor, "own_property", name, own_colour=way if several else way[0])
        for name, way in ways.items()
    }
    run(again(root_actor), update("own_property", refs["a"].id, 0, {"name": "a"}))

    def colours() -> dict[str, set[str]]:
        rows = CustomRecord.unguarded.values_list("title", "custom")
        return {title: set(held["own_colour"].strip("|").split("|")) for title, held in rows}

    before = colours()
    url = f"/settings/fields/{made.id}"
    assert root.post(f"{url}/do/merge?key=pink", {"into": "red"}).status_code == 302
    merged = {name: {"red" if one == "pink" else one for one in way} for name, way in ways.items()}
    assert colours() == merged
    row = CustomField.objects.get(pk=made.id)
    assert [bool(one.get("retired")) for one in row.choices] == [False, True, False]
    assert row.begins in ("red", ["red"])
    client = browser(again(root_actor))
    found = client.get("/api/v1/properties?own_colour=red").json()["items"]
    assert {one["title"] for one in found} == {name for name, way in merged.items() if "red" in way}
    assert client.get(f"/properties/{refs['a'].id}/history").status_code == 200
    assert "Pink" in client.get(f"/properties/{refs['a'].id}/history").content.decode()  # the past still reads
    assert 'value="pink"' not in client.get("/properties/new").content.decode()
    page = root.get(url).content.decode()
    assert "do/unmerge" in page and "do/merge?key=pink" not in page
    # Renaming another value keeps the merged one away.
    root.post(f"{url}/do/value?key=blue", {"choices-en": "Navy", "hue": "1"})
    assert CustomField.objects.get(pk=made.id).choices[1]["retired"] is True
    assert root.post(f"{url}/do/unmerge?merge={ValueMerge.objects.get().pk}").status_code == 302
    assert colours() == before
    assert not any(one.get("retired") for one in CustomField.objects.get(pk=made.id).choices)


def test_what_is_counted_from_it_is_counted_anew(root_actor: Actor) -> None:
    fields.kind(root_actor)
    made = fields.field(root_actor, "own_property", "colour", "choice", choices=CHOICES)
    formula(root_actor, "own_property", "warm", 'if(own_colour = "red", 1, 0)')
    ref = fields.card(root_actor, "own_property", "a", own_colour="pink")
    settle()
    assert custom(root_actor, ref)["warm"] == 0
    run(again(root_actor), MergeValues(Place(FIELD, str(made.id)), "pink", "red"))
    settle()
    assert custom(root_actor, ref)["warm"] == 1
    with pytest.raises(Invalid) as problem:  # the formula names this one
        run(again(root_actor), MergeValues(Place(FIELD, str(made.id)), "red", "blue"))
    assert "warm" in str(problem.value.fields["into"][0])


def test_who_may_what_not_and_until_when(
    users: dict[str, Any], root_actor: Actor, sources: dict[str, Any], stopped_clock: Any
) -> None:
    place = Place(LIST, "source")
    with pytest.raises(Refused):
        run(user_actor(users["mira"]), MergeValues(place, "fair", "mail"))
    for wrong in (Place(LIST, "stage"), Place(LIST, "nothing"), Place(FIELD, "nonsense")):
        with pytest.raises(NotFound):
            run(again(root_actor), MergeValues(wrong, "fair", "mail"))
    merge = run(again(root_actor), MergeValues(place, "fair", "mail")).data["merge"]
    with pytest.raises(Invalid):  # it is gone: nothing can become it
        run(again(root_actor), MergeValues(place, "mail", "fair"))
    ValueMerge.objects.update(made_at=clock.now() - timedelta(days=31))
    with pytest.raises(Refused):
        run(again(root_actor), UnmergeValues(merge))
