"""Shipped names said otherwise by clicks, in any language, and taken back."""

import pytest

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.settings import SaveSetting, setting_type
from comity.kernel.errors import Invalid, Refused
from comity.records.models import OwnLabel
from comity.ui.pages.settings import changed
from support.browser import browser
from support.house import again, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(boss: Actor) -> Actor:
    """Who reads English."""
    from comity.access import snapshot
    from comity.identity.models import User

    User.objects.filter(pk=boss.user_id).update(language="en")
    snapshot.changed()
    return again(boss)


def test_a_field_and_a_kind_of_cards_called_otherwise(boss: Actor) -> None:
    client = browser(boss)
    page = client.get("/settings/fields?type=company").content.decode()
    assert "/settings/labels/company--bank_account" in page
    url = "/settings/labels/company--bank_account"
    assert "Bank account" in client.get(url).content.decode()
    assert client.post(f"{url}/do/save", {"label-en": "Branch <b>", "label-de": "x"}).status_code == 302
    assert client.post("/settings/labels/company---several/do/save", {"label-en": "Accounts"}).status_code == 302
    form = client.get("/companies/new").content.decode()
    assert "Branch &lt;b&gt;" in form and "Accounts" in form and "Bank account" not in form
    assert "Accounts" in client.get("/people/").content.decode()
    told = client.get("/settings/fields?type=company").content.decode()
    assert "renamed" in told and "Банковские счета" in told  # a language without a word of ours keeps the shipped one
    assert "Bank account" in client.get(url).content.decode()
    assert client.post(f"{url}/do/reset").status_code == 302
    assert "Bank account" in client.get("/companies/new").content.decode()
    assert list(OwnLabel.objects.values_list("part", flat=True)) == ["*"]


def test_a_list_keeps_its_values_under_another_name(boss: Actor) -> None:
    before = [one.key for one in boss.state.record_types["company"].spec("kind").choices]
    client = browser(boss)
    assert client.post("/settings/labels/company--kind/do/save", {"label-en": "Standing"}).status_code == 302
    spec = again(boss).state.record_types["company"].spec("kind")
    assert spec.label["en"] == "Standing" and [one.key for one in spec.choices] == before


@pytest.mark.parametrize("part", ["nothing", "own_x", "type_key"])
def test_only_what_was_shipped_is_called_otherwise(boss: Actor, part: str) -> None:
    with pytest.raises(Invalid):
        run(boss, SaveSetting("own_label", {"type_key": "company", "part": part, "label": {"en": "X"}}))
    assert browser(boss).get(f"/settings/labels/company--{part}").status_code == 404


def test_it_takes_the_right_to_change_fields(boss: Actor) -> None:
    mira = again(colleague("mira", "all"))
    with pytest.raises(Refused):
        run(mira, SaveSetting("own_label", {"type_key": "company", "part": "bank_account", "label": {"en": "X"}}))
    assert browser(mira).get("/settings/labels/company--bank_account").status_code == 404


SETTINGS = (
    "organization", "rate", "user", "team", "membership", "role", "role_member", "tag", "relation_kind", "view",
    "branch", "field", "type", "option", "own_label", "sharing_rule", "duplicate_rules", "layout", "webhook", "goal",
    "pipeline", "stage",
)  # fmt: skip


@pytest.mark.parametrize("key", SETTINGS)
def test_every_column_of_a_setting_is_told_by_its_label(key: str) -> None:
    told = changed.labels(key)
    parts = {"grants", "fields", "steps", "gate"}  # told in parts
    names = set(setting_type(key).fields) - changed.SILENT - parts
    assert not {name for name in names if name not in told and f"{name}_id" not in told}
