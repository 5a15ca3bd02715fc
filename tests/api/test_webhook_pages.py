"""Webhooks by clicks: made, changed, narrowed by a condition, watched, sent again."""

import re
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook as Verifier

from comity.access.actors import Actor
from comity.api.webhooks import sender
from comity.api.webhooks.model import Delivery, Webhook
from comity.timeline.models import Event
from support.browser import browser
from support.house import administrator, again, company
from support.receiver import Receiver
from support.webhooks import bodies, log, webhook, work

pytestmark = pytest.mark.django_db
ROOT = "/settings/webhooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


def form(url: str, owner: Actor, **more: Any) -> dict[str, Any]:
    return {"name": "Warehouse", "url": url, "type_key": "company", "owner": str(owner.user_id),
            "events-record": ["", "record.created"], "idempotency": "once", **more}  # fmt: skip


def text(response: Any) -> str:
    return str(response.content.decode())


def test_made_by_clicks_and_its_secret_shown_once(boss: Actor, other_side: Receiver) -> None:
    client = browser(boss)
    offered = text(client.get(f"{ROOT}/do/new"))
    assert 'value="record.created"' in offered
    assert 'value="setting.changed"' not in offered
    shown = client.post(f"{ROOT}/do/new", form(other_side.url, boss))
    assert shown.headers["Cache-Control"] == "no-store"
    secret = SECRET.search(text(shown))
    assert secret
    assert not SECRET.search(text(client.post(f"{ROOT}/do/new", form(other_side.url, boss))))
    key = Webhook.objects.get().pk
    pages = [client.get(f"{ROOT}{path}") for path in ("", f"/{key}")] + [client.get("/settings/audit")]
    assert not [page for page in pages if SECRET.search(text(page))]
    assert not [event for event in Event.objects.all() if "whsec" in str(event.payload)]
    company(boss, "North")
    work()
    Verifier(secret.group()).verify(other_side.got[0].body, other_side.got[0].headers)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://hooks.example.com/"}, "https://"),
        ({"url": "https://192.168.1.1/"}, "192.168.1.1"),
        ({"events-record": [""]}, 'name="name" id="i-name" value="Warehouse"'),
        ({"name": " "}, "aria-invalid"),
    ],
)
def test_what_is_wrong_stays_on_the_form(boss: Actor, other_side: Receiver, wrong: dict[str, Any], words: str) -> None:
    answer = browser(boss).post(f"{ROOT}/do/new", form(other_side.url, boss) | wrong)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Webhook.objects.exists()


def test_changed_by_clicks(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    client = browser(boss)
    client.post(f"{ROOT}/{key}/do/webhook", {"name": "Depot", "idempotency": "a"})
    client.post(f"{ROOT}/{key}/do/events", {"events-record": ["", "record.updated"], "events-deal": [""]})
    row = Webhook.objects.get()
    assert (row.name, row.events) == ("Depot", ["record.updated"])
    refused = client.post(f"{ROOT}/{key}/do/webhook", {"url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    assert Webhook.objects.get().url == other_side.url


def test_the_condition_by_the_editor_of_filters(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    client, url = browser(boss), f"{ROOT}/{key}/do/where"
    assert 'name="f-0"' in text(client.get(url))
    rows = {"match": "all", "f-0": "name", "op-0": "contains", "v-0": "north", "idempotency": "b"}
    assert 'name="f-1"' in text(client.get(url, rows | {"add": "1"}))
    assert client.post(url, rows).status_code == 302
    assert Webhook.objects.get().where == {"all": [{"field": "name", "op": "contains", "value": "north"}]}
    assert 'value="north"' in text(client.get(url))
    assert "north" in text(client.get(f"{ROOT}/{key}"))
    company(boss, "South")
    company(boss, "North")
    work()
    assert [one["data"]["record"]["title"] for one in bodies(other_side)] == ["North"]
    assert client.post(url, {"match": "all", "f-0": "name", "op-0": "contains", "v-0": ""}).status_code == 302
    assert Webhook.objects.get().where == {}
    client.post(url, rows | {"idempotency": "c"})
    client.post(f"{ROOT}/{key}/do/webhook", {"type_key": "person", "idempotency": "d"})
    assert Webhook.objects.get().where == {}, "it spoke of companies"


def test_the_log_shows_what_travelled_without_secrets(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    other_side.answers = [(500, {}, b"out of <b>paper</b>"), 204]
    company(boss, "North")
    work()
    client = browser(boss)
    delivery = Delivery.objects.get()
    assert f"/settings/webhook-log/{delivery.pk}" in text(client.get(f"{ROOT}/{key}"))
    shown = text(client.get(f"/settings/webhook-log/{delivery.pk}"))
    assert "out of &lt;b&gt;paper" in shown
    assert delivery.message in shown
    assert "&#34;North&#34;" in shown
    signature = other_side.got[0].headers["webhook-signature"].removeprefix("v1,")
    assert signature not in shown
    assert "v1,…" in shown


def test_a_message_reads_as_waiting_until_a_try_has_failed(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    other_side.answers = [400]
    client = browser(administrator("Eve", language="en"))
    client.post(f"{ROOT}/{key}/do/test")
    lane = Delivery.objects.get().webhook_id

    def shown() -> str:
        one = Delivery.objects.get()
        return text(client.get(f"/settings/webhook-log/{one.pk}")) + text(client.get(f"{ROOT}/{key}"))

    assert "Waiting" in shown() and "To be tried again" not in shown()
    taken = sender.claim(lane)
    assert taken is not None
    under_way = shown()
    assert "Waiting" in under_way and "To be tried again" not in under_way
    sender.attempt(taken)
    assert "To be tried again" in shown()


def test_tested_and_sent_again_by_clicks(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    client = browser(boss)
    client.post(f"{ROOT}/{key}/do/test")
    work()
    client.post(f"/settings/webhook-log/{log()[0].pk}/do/again")
    work()
    assert [one["type"] for one in bodies(other_side)] == ["webhook.test"] * 2
    Delivery.objects.update(state="failed")
    assert client.get(f"{ROOT}/{key}/do/replay").status_code == 200
    assert "failed=1" in text(client.get(f"{ROOT}/{key}"))
    client.post(f"{ROOT}/{key}/do/replay", {"since": "day"})
    work()
    assert len(other_side.got) == 3


def test_switched_and_deleted_by_clicks(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    client = browser(boss)
    client.post(f"{ROOT}/{key}/do/off")
    assert not Webhook.objects.get().active
    client.post(f"{ROOT}/{key}/do/on")
    assert Webhook.objects.get().active
    old = Webhook.objects.get().keys.get().pk
    assert SECRET.search(text(client.post(f"{ROOT}/{key}/do/secret")))
    assert Webhook.objects.get().keys.get(pk=old).until is not None
    client.get(f"{ROOT}/{key}/do/delete")
    client.post(f"{ROOT}/{key}/do/delete")
    assert not Webhook.objects.exists()
    assert client.get(f"{ROOT}/{key}").status_code == 404
    audit = text(client.get("/settings/audit"))
    assert "Warehouse" in audit


def test_a_long_log_goes_page_by_page(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    for n in range(31):
        company(boss, f"Company {n}")
    work()
    client, seen = browser(boss), []
    url = f"{ROOT}/{key}"
    for _page in range(2):
        shown = text(client.get(url))
        seen.append({int(one) for one in re.findall(r"/settings/webhook-log/(\d+)", shown)})
        more = re.search(rf"{ROOT}/{key}\?before=\d+", shown)
        url = more.group() if more else ""
    assert (len(seen[0]), len(seen[1]), url) == (30, 1, "")
    assert not seen[0] & seen[1]


def test_the_notice_leads_to_the_webhook(boss: Actor, other_side: Receiver) -> None:
    key, _secret = webhook(boss, other_side.url)
    other_side.answers = [410]
    company(boss, "North")
    work()
    work()
    client = browser(again(boss))
    shown = text(client.get("/notices"))
    assert "Warehouse" in shown
    number = re.search(r'href="(/notices/\d+)"', shown)
    assert number
    assert client.get(number.group(1)).headers["Location"] == f"{ROOT}/{key}"
    assert UUID(str(key)) == Webhook.objects.get().pk
