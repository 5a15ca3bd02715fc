"""What leaves by a webhook, what a load left, likely pairs: whose rights change meanwhile learns nothing by them."""

import pytest

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed, snapshot
from comity.api.webhooks import catalogue, payloads, sender, state
from comity.api.webhooks.commands import MakeWebhook
from comity.api.webhooks.model import Delivery
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.exchange.duplicates import pairs, scan
from leaks.world import KEYS, build, fresh, hide, share, type_of
from support.browser import browser
from support.formulas import settle
from support.house import again, colleague, person
from support.imports import loaded, table, taken_back

pytestmark = pytest.mark.django_db


def test_a_webhook_of_his_tells_nothing_when_it_is_sent_nor_in_its_log(boss: Actor) -> None:
    """All was shared with its owner while it happened; by the time it is sent, or looked at again, no more."""
    world = build(boss, KEYS)
    values = {"name": "Plain", "url": "https://hook.example/x", "events": sorted(catalogue.offered()),
              "owner": str(world.snooper.user_id)}  # fmt: skip
    run(again(boss), MakeWebhook(values))
    hide(world)
    hook = next(iter(state.of(snapshot()).values()))
    rows = list(Delivery.objects.all())
    share(world, "view")
    before = [sender.compose(hook, one) for one in rows]
    share(world, "")
    for one in rows:
        after = sender.compose(hook, one)
        assert isinstance(after, str) or not world.traces_in(payloads.encoded(after)), after
    sent = [payloads.encoded(one) for one in before if not isinstance(one, str)]
    assert sum(bool(world.traces_in(one)) for one in sent) > 20
    reader = fresh(world.snooper)
    for one in sent:
        assert not world.traces_in(payloads.cut(reader, one)), one
    assert any(payloads.cut(reader, one) for one in sent)


def test_what_a_load_left_is_listed_as_far_as_he_sees_it_today(boss: Actor) -> None:
    """A card of his load is in other hands and has another name by now: taking the load back does not tell it."""
    olga = colleague("Olga", "own")
    Role.objects.filter(members__user=olga.user_id).update(permits=["import"])
    changed()
    load = loaded(again(olga), table([["Last name", "First name"], ["Plain", "Ann"], ["Plain", "Bob"]]), main="person")
    rows = type_of("person").rows
    ann, bob = (rows.get(given_name=name) for name in ("Ann", "Bob"))
    run(again(boss), commands.update("person", bob.pk, 0, {"position": "Buyer"}))
    values = {"owner": str(boss.user_id), "family_name": "Zqxhidden"}
    run(again(boss), commands.update("person", ann.pk, 0, values))
    load = taken_back(again(olga), load)
    assert len(load.left) == 2
    page = browser(again(olga)).get(f"/import/{load.pk}").content.decode()
    assert "Zqxhidden" not in page and str(ann.pk) not in page
    assert "Plain Bob" in page and str(bob.pk) in page


def test_the_number_of_pairs_is_that_of_those_he_may_know(boss: Actor) -> None:
    """A pair alike by an address he may not read, and by a name that alone is not enough, is not counted either."""
    weak = {"type_key": "person", "weights": {"title": 30}, "threshold": 60}
    run(again(boss), SaveSetting("duplicate_rules", weak))
    for _twin in range(2):
        person(boss, "Anna", "Beck", emails=["a@x.example"], phones=["+493012345678"])
    settle()
    masked = colleague("Masked", "all", {"person": {"emails": "mask", "phones": "hide"}})
    record_type = type_of("person")
    shown, _more = pairs.page_of(masked, record_type)
    assert pairs.count(again(boss), record_type) == pairs.visible(masked, record_type).count() == 1
    assert pairs.count(masked, record_type) == len(shown) == 0
    page = browser(masked).get("/duplicates/people").content.decode()
    assert "merge?least=" not in page


def test_a_look_through_the_base_tells_its_size_to_who_may_begin_it(boss: Actor) -> None:
    for n in range(7):
        person(boss, f"Name{n}", f"Family{n}")
    run(again(boss), scan.StartScan("person"))
    scan.Scan.objects.update(total=7654321, done=7654)
    narrow = colleague("Narrow")
    for who, told in ((again(boss), True), (narrow, False)):
        page = browser(who).get("/duplicates/people").content.decode()
        assert ("7654321" in page and "7654 " in page) == told
        assert "<progress" in page
