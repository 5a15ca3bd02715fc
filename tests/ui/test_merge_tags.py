"""Two tags become one: on cards, in lists, in sharing rules."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import user_actor
from comity.access.models import SharingRule
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.changes.tags import MergeTags
from comity.kernel.errors import Invalid, Refused
from comity.records.models import Tag, TagLink
from support.house import again, company

pytestmark = pytest.mark.django_db


def test_every_card_gets_the_other_tag_once(users: dict[str, Any], root: Client, mira: Client) -> None:
    boss = user_actor(users["root"])
    old, new = (run(boss, SaveSetting("tag", {"name": name})).record.id for name in ("vip", "VIP client"))
    both = company(boss, "Both", tags=[str(old), str(new)])
    one = company(boss, "One", tags=[str(old)])
    where = {"all": [{"field": "tags", "op": "any", "value": [str(old)]}]}
    rule = {"name": "r", "type_key": "company", "where": where, "user": str(users["mira"])}
    run(again(boss), SaveSetting("sharing_rule", rule))
    url = f"/settings/tags/{old}/do/merge"
    assert mira.post(url, {"into": str(new)}).status_code == 404
    for wrong in ("", str(old)):
        assert root.post(url, {"into": wrong}).status_code == 422
    assert "VIP client" in root.get(url).content.decode()
    root.post(url, {"into": str(new)})
    assert [tag.name for tag in Tag.objects.filter(pk__in=[old, new])] == ["VIP client"]
    links = set(TagLink.objects.values_list("record_id", "tag"))
    assert links == {(both.id, new), (one.id, new)}
    assert SharingRule.objects.get().where["all"][0]["value"] == [str(new)]
    assert mira.get(f"/companies/{one.id}").status_code == 200
    assert "VIP client" in root.get("/settings/audit").content.decode()


def test_who_may_and_what_not(users: dict[str, Any]) -> None:
    boss = user_actor(users["root"])
    tag = run(boss, SaveSetting("tag", {"name": "vip"})).record.id
    with pytest.raises(Invalid):
        run(again(boss), MergeTags(tag, tag))
    with pytest.raises(Refused):
        run(user_actor(users["mira"]), MergeTags(tag, tag))
