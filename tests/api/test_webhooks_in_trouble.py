"""Webhooks when things go wrong: killed workers, slow ones, names that turn private, forms gone stale."""

import json
import socket
from typing import Any
from uuid import UUID

import pytest

from comity.access.actors import Actor
from comity.api.webhooks import lanes, sender
from comity.api.webhooks.commands import Replay, SwitchWebhook
from comity.api.webhooks.model import Delivery, Webhook
from comity.changes.bus import run
from comity.changes.commands import Trash
from comity.changes.models import Cursor
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Invalid
from support.house import again, company
from support.receiver import Receiver
from support.webhooks import bodies, log, webhook, work

pytestmark = pytest.mark.django_db


def only() -> Delivery:
    (one,) = log()
    return one


# --- killed, slow, seen twice ----------------------------------------------------------------------------------------


def test_events_seen_again_add_nothing(boss: Actor, other_side: Receiver) -> None:
    webhook(boss, other_side.url)
    company(boss, "North")
    work()
    Cursor.objects.filter(consumer="webhooks").update(seq=0)
    work()
    assert (len(log()), len(other_side.got)) == (1, 1)


def test_a_worker_killed_in_the_middle_of_sending(
    boss: Actor, other_side: Receiver, stopped_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(boss, other_side.url)
    company(boss, "North")

    class Killed(BaseException):
        pass

    def killed(*any_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sender, "_settle", killed)  # the message is out, and nothing of it is noted
        with pytest.raises(Killed):
            work()
    stopped_clock.tick(seconds=30)
    work()
    assert len(other_side.got) == 1, "another worker may still be at it"
    stopped_clock.tick(seconds=120)
    work()
    assert (only().state, only().tries) == ("sent", 2)
    assert len({request.headers["webhook-id"] for request in other_side.got}) == 1


def test_a_slow_worker_does_not_write_over_its_successor(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    key, _secret = webhook(boss, other_side.url)
    company(boss, "North")
    from comity.changes import dispatcher

    dispatcher.drain()
    slow = sender.claim(key)
    assert slow is not None
    stopped_clock.tick(minutes=5)
    work()
    assert only().state == "sent"
    sender._settle(slow, sender.Outcome("gone", 410))
    assert (only().state, only().code) == ("sent", 204)
    run(again(boss), SwitchWebhook(key, active=True))
    run(again(boss), Replay(key, only().pk))
    sender._settle(slow, sender.Outcome("server", 500))
    assert (only().state, only().code) == ("waiting", 204), "sent again meanwhile"


def test_the_log_keeps_a_month(boss: Actor, other_side: Receiver, stopped_clock: Any) -> None:
    webhook(boss, other_side.url)
    company(boss, "North")
    work()
    stopped_clock.tick(days=29)
    work()
    assert len(log()) == 1
    stopped_clock.tick(days=2)
    work()
    assert not log()


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "ftp://hooks.example.com/", "https://", "https://a b/"])
def test_other_than_https_is_refused_at_saving(boss: Actor, url: str) -> None:
    with pytest.raises(Invalid) as caught:
        webhook(boss, url)
    assert "url" in caught.value.fields


def test_a_name_that_turns_private_is_refused_at_sending(
    boss: Actor, other_side: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.api.webhooks.settings import check_reachable

    real, settings.OUTBOUND_ALLOW = socket.getaddrinfo, []
    address = "198.41.0.4"

    def resolver(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "hooks.example":
            return real(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, other_side.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    url = f"https://hooks.example:{other_side.port}/in"
    check_reachable(url)
    webhook(boss, url)
    address = "127.0.0.1"
    with pytest.raises(Invalid):
        check_reachable(url)
    company(boss, "North")
    work()
    assert other_side.got == []
    assert (only().error, only().state) == ("address", "waiting")
    assert "127.0.0.1" not in json.dumps(only().answer)


# --- lanes -----------------------------------------------------------------------------------------------------------


def test_a_slow_one_holds_up_neither_the_others_nor_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker only puts a webhook in line; each has a thread of its own meanwhile."""
    import threading

    slow, quick = UUID(int=1), UUID(int=2)
    begun, release, done = threading.Event(), threading.Event(), threading.Event()
    turns: list[UUID] = []

    def work_off(webhook_id: UUID) -> bool:
        turns.append(webhook_id)
        if webhook_id == slow:
            begun.set()
            release.wait(60)
        else:
            done.set()
        return False

    monkeypatch.setattr(sender, "work_off", work_off)
    line = lanes.Lanes()
    line.add(slow)
    assert begun.wait(60)
    line.add(slow)  # woken again meanwhile: another turn, and not beside the first
    line.add(quick)
    assert done.wait(60)
    assert turns == [slow, quick]
    release.set()
    for thread in [one for one in threading.enumerate() if one.name == "webhooks"]:
        thread.join(60)
    assert turns.count(slow) == 2


def test_saving_over_a_stale_form_is_a_conflict_but_sending_is_none(boss: Actor, other_side: Receiver) -> None:
    from comity.changes.settings import version_of
    from comity.kernel.errors import Conflict

    key, _secret = webhook(boss, other_side.url)
    version = version_of(Webhook.objects.get())
    company(boss, "North")
    work()
    run(again(boss), SaveSetting("webhook", {"name": "Depot"}, key, version))
    with pytest.raises(Conflict):
        run(again(boss), SaveSetting("webhook", {"name": "Store"}, key, version))


def test_trash_tells_only_which_card(boss: Actor, other_side: Receiver) -> None:
    webhook(boss, other_side.url, events=["record.trashed", "record.restored"])
    made = company(boss, "North")
    run(again(boss), Trash("company", made.id))
    work()
    record = bodies(other_side)[0]["data"]["record"]
    assert record == {"id": str(made.id), "type": "company"}
