"""Webhooks: what is told arrives signed, is tried again by the timetable, and stops where it is not wanted."""

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from comity.access.actors import Actor
from comity.api.webhooks.commands import Replay, RotateSecret, SendTest, SwitchWebhook
from comity.api.webhooks.model import Delivery, Webhook, WebhookState
from comity.changes.bus import run
from comity.changes.commands import update
from comity.kernel.errors import Refused
from comity.notices import bell
from support.house import again, company
from support.receiver import Receiver
from support.webhooks import bodies, log, webhook, work

pytestmark = pytest.mark.django_db


def only() -> Delivery:
    (one,) = log()
    return one


def test_a_stock_verifier_accepts_what_arrives(boss: Actor, other_side: Receiver) -> None:
    _key, secret = webhook(boss, other_side.url)
    made = company(boss, "Östlund & Söhne")
    work()
    (request,) = other_side.got
    told = Verifier(secret).verify(request.body, request.headers)
    assert told["type"] == "record.created"
    assert set(told) == {"type", "timestamp", "data"}
    assert told["data"]["record"]["id"] == str(made.id)
    assert told["data"]["record"]["title"] == "Östlund & Söhne"
    assert told["data"]["changes"]["name"] == [None, "Östlund & Söhne"]
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(request.body.replace(b"record", b"recorD"), request.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_" + "A" * 44).verify(request.body, request.headers)
    assert (only().state, only().code, only().tries) == ("sent", 204, 1)


def test_the_record_is_what_the_api_gives(boss: Actor, other_side: Receiver) -> None:
    from support.browser import browser

    webhook(boss, other_side.url)
    made = company(boss, "North", phones=[{"value": "+4930901820"}])
    work()
    answer = browser(again(boss)).get(f"/api/v1/companies/{made.id}").json()
    assert bodies(other_side)[0]["data"]["record"] == answer


def test_only_the_events_and_cards_asked_for(boss: Actor, other_side: Receiver) -> None:
    webhook(boss, other_side.url, events=["record.updated"])
    made = company(boss, "North")
    run(again(boss), update("company", made.id, 1, {"name": "South"}))
    work()
    assert [one["type"] for one in bodies(other_side)] == ["record.updated"]
    assert bodies(other_side)[0]["data"]["changes"] == {"name": ["North", "South"]}


def test_events_from_before_it_was_made_are_not_sent(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    company(boss, "Old")
    stopped_clock.tick(seconds=1)
    webhook(boss, other_side.url)
    stopped_clock.tick(seconds=1)
    company(boss, "New")
    work()
    assert [one["data"]["record"]["title"] for one in bodies(other_side)] == ["New"]


def test_the_timetable_of_tries_with_one_id(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    webhook(boss, other_side.url)
    other_side.answers = [400]
    company(boss, "North")
    work()
    waits = []
    while only().state == "waiting":
        before = stopped_clock.now
        waits.append(only().next_at - before)
        stopped_clock.move(only().next_at - timedelta(seconds=1))
        work()
        assert len(other_side.got) == len(waits), "not before its time"
        stopped_clock.move(only().next_at + timedelta(seconds=60))
        work()
    plain = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    plain += [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)]
    assert len(waits) == len(plain)
    assert all(least <= wait <= least * 1.1 for least, wait in zip(plain, waits, strict=True))
    assert any(wait != least for least, wait in zip(plain, waits, strict=True)), "jitter"
    assert (only().state, only().tries, len(other_side.got)) == ("failed", 10, 10)
    assert {request.headers["webhook-id"] for request in other_side.got} == {only().message}
    assert len({request.headers["webhook-timestamp"] for request in other_side.got}) == 10


def test_a_server_in_trouble_is_left_alone(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    """The first message that meets the trouble spares the server the others, until its rest is over."""
    webhook(boss, other_side.url)
    other_side.answers = [503]
    for name in ("A", "B", "C"):
        company(boss, name)
    work()
    assert len(other_side.got) == 1
    assert [one.tries for one in log()] == [1, 0, 0]
    other_side.answers = [204]
    stopped_clock.tick(seconds=66)
    work()
    assert [one.state for one in log()] == ["sent"] * 3
    assert WebhookState.objects.get().failures == 0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["3600", "Tue, 10 Mar 2026 10:00:00 GMT"])
def test_retry_after_is_honoured(
    boss: Actor, other_side: Receiver, stopped_clock: Any, status: int, asked: str
) -> None:
    webhook(boss, other_side.url)
    other_side.answers = [(status, {"Retry-After": asked}, b"slow down"), 204]
    company(boss, "North")
    work()
    company(boss, "South")  # it asked to be left alone, not only by this message
    stopped_clock.tick(minutes=59)
    work()
    assert len(other_side.got) == 1
    stopped_clock.tick(minutes=2)
    work()
    assert (len(other_side.got), [one.state for one in log()]) == (3, ["sent", "sent"])


def test_a_redirect_is_not_followed(boss: Actor, other_side: Receiver) -> None:
    webhook(boss, other_side.url)
    other_side.answers = [(302, {"Location": other_side.url + "/elsewhere"}, b"")]
    company(boss, "North")
    work()
    assert [request.path for request in other_side.got] == ["/in"]
    assert (only().code, only().error, only().state) == (302, "redirect", "waiting")


def test_a_long_answer_is_cut_and_kept_short(boss: Actor, other_side: Receiver) -> None:
    webhook(boss, other_side.url)
    other_side.answers = [(200, {}, b"thanks " * 40_000)]
    company(boss, "North")
    work()
    assert only().state == "sent"
    assert only().answer.startswith("thanks thanks")
    assert len(only().answer) == 2000


def test_a_server_that_does_not_answer(boss: Actor, other_side: Receiver, settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT = 0.2
    webhook(boss, other_side.url)
    other_side.answers = [other_side.hang]
    company(boss, "North")
    work()
    assert (only().error, only().code, only().state) == ("unreachable", None, "waiting")


def test_gone_switches_off_at_once_and_tells(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    other_side.answers = [410]
    company(boss, "North")
    company(boss, "South")
    work()
    assert len(other_side.got) == 1
    row = Webhook.objects.get()
    assert (row.active, row.off_reason) == (False, "gone")
    assert [one.state for one in log()] == ["failed", "failed"]
    work()
    ((group,), _more) = bell.recent(again(boss))
    assert (group.title, group.url, group.ref) == ("Warehouse", f"/settings/webhooks/{key}", None)
    company(boss, "West")
    work()
    assert len(log()) == 2


def test_days_of_nothing_but_failure_switch_off(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    webhook(boss, other_side.url)
    other_side.answers = [500]
    company(boss, "North")
    work()
    for _day in range(4):
        stopped_clock.tick(days=1)
        company(boss, "One more")
        work()
        assert Webhook.objects.get().active
    stopped_clock.tick(days=1)
    work()
    work()
    assert (Webhook.objects.get().active, Webhook.objects.get().off_reason) == (False, "failing")
    assert bell.unread_count(again(boss)) == 1


def test_one_success_begins_the_days_anew(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    webhook(boss, other_side.url)
    for day in range(12):
        other_side.answers = [204] if day == 4 else [500]
        company(boss, f"Day {day}")
        work()
        if day in (4, 8):
            assert Webhook.objects.get().active
        stopped_clock.tick(days=1)
    work()
    assert not Webhook.objects.get().active


def test_a_new_secret_and_the_old_one_for_a_day(boss: Actor, other_side: Receiver) -> None:
    from datetime import datetime

    key, old = webhook(boss, other_side.url)
    new = run(again(boss), RotateSecret(key)).secret
    assert new.startswith("whsec_")
    assert new != old
    company(boss, "North")
    work()
    (request,) = other_side.got
    for secret in (old, new):
        Verifier(secret).verify(request.body, request.headers)
    Webhook.objects.get().keys.exclude(until=None).update(until=datetime.fromisoformat("2020-01-01T00:00:00Z"))
    company(boss, "South")
    work()
    request = other_side.got[-1]
    Verifier(new).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(request.body, request.headers)


def test_the_base_holds_no_secret(boss: Actor, other_side: Receiver, settings: Any) -> None:
    _key, secret = webhook(boss, other_side.url)
    company(boss, "North")
    settings.SECRET_KEY = "of another installation"
    work()
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(other_side.got[0].body, other_side.got[0].headers)


def test_send_again_one_and_all_that_failed(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    company(boss, "North")
    work()
    first = other_side.got[0].headers["webhook-id"]
    assert run(again(boss), Replay(key, only().pk)).data == {"deliveries": 1}
    work()
    assert [request.headers["webhook-id"] for request in other_side.got] == [first, first]
    Delivery.objects.update(state="failed")
    company(boss, "South")
    work()
    assert run(again(boss), Replay(key)).data == {"deliveries": 1}
    work()
    assert len(other_side.got) == 4
    assert [one.state for one in log()] == ["sent", "sent"]


def test_only_what_failed_since(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    key, _secret = webhook(boss, other_side.url)
    company(boss, "Old")
    work()
    stopped_clock.tick(days=2)
    company(boss, "New")
    work()
    Delivery.objects.update(state="failed")
    run(again(boss), Replay(key, since=stopped_clock.now - timedelta(days=1)))
    work()
    assert [one.state for one in log()] == ["failed", "sent"]


def test_switched_off_and_on_again(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    key, _secret = webhook(boss, other_side.url)
    other_side.answers = [500]
    company(boss, "North")
    work()
    run(again(boss), SwitchWebhook(key, active=False))
    assert (only().state, only().error) == ("failed", "off")
    company(boss, "Unheard")
    for command in (SendTest(key), Replay(key)):
        with pytest.raises(Refused, match="switched off"):
            run(again(boss), command)
    work()
    other_side.answers = [204]
    run(again(boss), SwitchWebhook(key, active=True))
    stopped_clock.tick(minutes=10)
    work()
    assert len(other_side.got) == 1
    company(boss, "South")
    work()
    assert bodies(other_side)[1]["data"]["record"]["title"] == "South"


def test_a_test_says_nothing(boss: Actor, other_side: Receiver) -> None:
    key, secret = webhook(boss, other_side.url)
    run(again(boss), SendTest(key))
    work()
    told = Verifier(secret).verify(other_side.got[0].body, other_side.got[0].headers)
    assert (told["type"], told["data"]) == ("webhook.test", {"webhook": str(key)})
