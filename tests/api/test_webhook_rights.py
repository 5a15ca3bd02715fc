"""A webhook tells what its owner sees at that moment, and not a word more."""

from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.api.webhooks import payloads
from comity.api.webhooks.commands import MakeWebhook, Replay
from comity.api.webhooks.model import Delivery, Webhook
from comity.changes.bus import run
from comity.changes.colleagues import SwitchUser
from comity.changes.commands import Trash, update
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Invalid, NotFound, Refused
from support.house import again, colleague, company, person
from support.receiver import Receiver
from support.webhooks import bodies, log, webhook, work

pytestmark = pytest.mark.django_db
EVENTS = ["record.created", "record.updated", "record.trashed"]


def narrow(fields: dict[str, Any] | None = None) -> Actor:
    """A colleague who sees his own cards only."""
    return colleague("Nina", "own", {"company": fields} if fields else None)


def levels(fields: dict[str, str]) -> None:
    """Give the narrow colleague other rights to the fields of companies."""
    Role.objects.filter(key="role-Nina").update(fields={"company": fields})
    changed()


def test_a_narrow_owner_hears_of_his_own_cards_only(boss: Actor, other_side: Receiver) -> None:
    nina = narrow()
    webhook(boss, other_side.url, owner=nina.user_id, events=EVENTS)
    hidden = company(boss, "Hidden")
    mine = company(nina, "Mine")
    run(again(boss), update("company", hidden.id, 1, {"name": "Still hidden"}))
    run(again(boss), Trash("company", hidden.id))
    work()
    assert [one["data"]["record"]["id"] for one in bodies(other_side)] == [str(mine.id)]
    assert len(log()) == 1, "what he may not know leaves no line in his log"


def test_links_to_hidden_cards_are_empty(boss: Actor, other_side: Receiver) -> None:
    nina = narrow()
    webhook(boss, other_side.url, owner=nina.user_id, type_key="person")
    hidden = company(boss, "Hidden")
    person(boss, "Ann", "Archer", company=str(hidden.id), owner=str(nina.user_id))
    work()
    (told,) = bodies(other_side)
    assert told["data"]["record"]["company"] is None
    assert str(hidden.id) not in other_side.got[0].body.decode()
    assert "Hidden" not in other_side.got[0].body.decode()


def test_fields_he_may_not_read_are_absent_or_masked(boss: Actor, other_side: Receiver) -> None:
    nina = narrow({"phones": "mask", "website": "hide"})
    webhook(boss, other_side.url, owner=nina.user_id, events=EVENTS)
    made = company(
        boss, "Mine", owner=str(nina.user_id), phones=[{"value": "+4930901820"}], website="https://x.example"
    )
    work()
    (told,) = bodies(other_side)
    assert "website" not in told["data"]["record"]
    assert "901820" not in other_side.got[0].body.decode()
    assert not {"phones", "website"} & set(told["data"]["changes"])
    run(again(boss), update("company", made.id, 1, {"website": "https://y.example"}))
    work()
    assert len(other_side.got) == len(log()) == 1, "a change of what he may not read is no news for him"


def test_a_right_lost_before_the_next_try(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    nina = narrow()
    webhook(boss, other_side.url, owner=nina.user_id)
    other_side.answers = [500]
    made = company(boss, "Mine", owner=str(nina.user_id))
    work()
    assert "Mine" in log()[0].request
    run(again(boss), update("company", made.id, 1, {"owner": str(boss.user_id)}))
    stopped_clock.tick(hours=1)
    work()
    assert len(other_side.got) == 1
    (one,) = log()
    assert (one.state, one.error, one.request) == ("dropped", "closed", "")


def test_a_field_closed_before_the_next_try(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    nina = narrow()
    webhook(boss, other_side.url, owner=nina.user_id)
    other_side.answers = [500]
    company(boss, "Mine", owner=str(nina.user_id), website="https://secret.example")
    work()
    assert "secret.example" in log()[0].request
    levels({"website": "hide"})
    stopped_clock.tick(hours=1)
    work()
    assert len(other_side.got) == 2
    assert b"secret.example" not in other_side.got[1].body


def test_what_was_sent_before_is_shown_as_far_as_it_is_open_now(boss: Actor, other_side: Receiver) -> None:
    nina = narrow()
    webhook(boss, other_side.url, owner=nina.user_id)
    made = company(boss, "Mine", owner=str(nina.user_id), website="https://secret.example")
    work()
    text = log()[0].request
    assert "secret.example" in payloads.cut(again(nina), text)
    levels({"website": "hide"})
    shown = payloads.cut(again(nina), text)
    assert "Mine" in shown
    assert "secret.example" not in shown
    run(again(boss), update("company", made.id, 1, {"owner": str(boss.user_id)}))
    assert payloads.cut(again(nina), text) == ""
    assert payloads.cut(again(boss), text) == text


def test_a_condition_that_stops_fitting(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    where = {"all": [{"field": "name", "op": "contains", "value": "north"}]}
    webhook(boss, other_side.url, events=EVENTS, where=where)
    made = company(boss, "North")
    company(boss, "South")
    work()
    run(again(boss), update("company", made.id, 1, {"name": "Elsewhere"}))
    work()
    assert [one["data"]["record"]["title"] for one in bodies(other_side)] == ["North"]
    other_side.answers = [500]
    late = company(boss, "North again")
    work()
    other_side.answers = [204]
    run(again(boss), update("company", late.id, 1, {"name": "Elsewhere too"}))
    stopped_clock.tick(hours=1)
    work()
    assert (len(other_side.got), log()[-1].state) == (2, "dropped")


def test_a_condition_over_a_field_closed_meanwhile_sends_nothing(boss: Actor, other_side: Receiver) -> None:
    nina = narrow()
    where = {"all": [{"field": "name", "op": "contains", "value": "mine"}]}
    key, _secret = webhook(boss, other_side.url, owner=nina.user_id, where=where)
    levels({"name": "mask"})
    company(boss, "Mine", owner=str(nina.user_id))
    work()
    assert not log()
    assert not other_side.got
    with pytest.raises(Invalid) as caught:
        run(again(boss), SaveSetting("webhook", {"where": {"all": [*where["all"], *where["all"]]}}, key))
    assert "where" in caught.value.fields


def test_the_trash_is_told_of_to_those_who_see_into_it(boss: Actor, other_side: Receiver) -> None:
    nina = narrow()
    webhook(boss, other_side.url, owner=nina.user_id, events=["record.trashed"])
    made = company(boss, "Mine", owner=str(nina.user_id))
    run(again(boss), Trash("company", made.id))
    work()
    assert bodies(other_side)[0]["data"]["record"] == {"id": str(made.id), "type": "company"}
    grants = {"*": {"view": "own", "create": "own", "edit": "own"}}
    Role.objects.filter(key="role-Nina").update(grants=grants)
    changed()
    made = company(boss, "Mine too", owner=str(nina.user_id))
    run(again(boss), Trash("company", made.id))
    work()
    assert len(other_side.got) == len(log()) == 1


def test_a_card_in_the_trash_tells_nothing_else(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    webhook(boss, other_side.url)
    other_side.answers = [500]
    made = company(boss, "North")
    work()
    run(again(boss), Trash("company", made.id))
    stopped_clock.tick(hours=1)
    work()
    assert (len(other_side.got), log()[0].state) == (1, "dropped")


def test_an_owner_switched_off_stops_it(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    nina = colleague("Nina", "all")
    webhook(boss, other_side.url, owner=nina.user_id)
    other_side.answers = [500, 204]
    company(boss, "North")
    work()
    assert nina.user_id is not None
    run(again(boss), SwitchUser(nina.user_id, active=False))
    company(boss, "South")
    stopped_clock.tick(hours=1)
    work()
    assert (len(other_side.got), [one.error for one in log()]) == (1, ["owner"])
    run(again(boss), SwitchUser(nina.user_id, active=True))
    company(boss, "West")
    work()
    assert len(other_side.got) == 2


# --- who may make and turn them --------------------------------------------------------------------------------------


def settler(name: str = "Sven") -> Actor:
    """Somebody with the right to settings who is no administrator."""
    actor = colleague(name, "own")
    Role.objects.filter(key=f"role-{name}").update(permits=["settings"])
    changed()
    return again(actor)


def test_nobody_lets_a_webhook_see_more_than_himself(boss: Actor, other_side: Receiver) -> None:
    sven = settler()
    with pytest.raises(Invalid) as caught:
        webhook(sven, other_side.url, owner=boss.user_id)
    assert "owner" in caught.value.fields
    key, _secret = webhook(sven, other_side.url)
    assert Webhook.objects.get().owner_id == sven.user_id
    with pytest.raises(Invalid):
        run(again(sven), SaveSetting("webhook", {"owner": boss.user_id}, key))


def test_nobody_turns_the_address_of_anothers_webhook(boss: Actor, other_side: Receiver) -> None:
    sven = settler()
    key, _secret = webhook(boss, other_side.url)
    company(boss, "North")
    work()
    delivery = Delivery.objects.get()
    for command in (SaveSetting("webhook", {"url": "https://evil.example"}, key), Replay(key, delivery.pk)):
        with pytest.raises(Refused):
            run(again(sven), command)
    plain = colleague("Pia", "all")
    with pytest.raises(Refused):
        run(plain, MakeWebhook({"name": "x", "url": other_side.url, "events": ["record.created"]}))


def test_others_find_neither_page_nor_log(boss: Actor, other_side: Receiver) -> None:
    from support.browser import browser

    sven = settler()
    key, _secret = webhook(boss, other_side.url)
    company(boss, "North")
    work()
    client = browser(sven)
    assert "Warehouse" not in client.get("/settings/webhooks").content.decode()
    for path in (f"webhooks/{key}", f"webhooks/{key}/do/where", f"webhook-log/{Delivery.objects.get().pk}"):
        assert client.get(f"/settings/{path}").status_code == 404
    for name in ("test", "off", "secret", "delete", "replay"):
        assert client.post(f"/settings/webhooks/{key}/do/{name}").status_code == 404
    with pytest.raises(NotFound):
        run(again(sven), Replay(boss.user_id or key))
