"""REST hooks: programs subscribe themselves, with the rights and the bounds of their token."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from standardwebhooks import Webhook as Verifier

from comity.access.actors import Actor
from comity.api.webhooks.model import Webhook
from comity.changes.bus import run
from comity.changes.colleagues import EndToken, MakeToken
from comity.identity.models import ApiToken
from support.house import again, colleague, company
from support.receiver import Receiver
from support.webhooks import bodies, log, work

pytestmark = pytest.mark.django_db
EVENT = "record.created"


def program(actor: Actor, scopes: Any = (("*", "write"),)) -> Client:
    """A program with a token of the actor."""
    secret = run(again(actor), MakeToken("n8n", scopes=scopes)).secret
    return Client(headers={"Host": "localhost", "Authorization": f"Bearer {secret}"})


def post(client: Client, **body: Any) -> Any:
    return client.post("/api/v1/hooks", json.dumps(body), content_type="application/json")


def test_subscribe_receive_unsubscribe(boss: Actor, other_side: Receiver) -> None:
    client = program(boss)
    answer = post(client, hookUrl=other_side.url, event=EVENT, type="company")
    assert answer.status_code == 201
    key, secret = answer.json()["id"], answer.json()["secret"]
    company(boss, "North")
    work()
    assert Verifier(secret).verify(other_side.got[0].body, other_side.got[0].headers)["type"] == EVENT
    (listed,) = client.get("/api/v1/hooks").json()["items"]
    assert listed == client.get(f"/api/v1/hooks/{key}").json()
    assert (listed["id"], listed["event"], listed["type"], listed["active"]) == (key, EVENT, "company", True)
    assert client.delete(f"/api/v1/hooks/{key}").status_code == 204
    assert client.delete(f"/api/v1/hooks/{key}").status_code == 404
    company(boss, "South")
    work()
    assert len(other_side.got) == 1
    assert client.get("/api/v1/hooks").json() == {"items": []}


def test_a_repeated_request_subscribes_once(boss: Actor, other_side: Receiver) -> None:
    client, body = program(boss), json.dumps({"hookUrl": other_side.url, "event": EVENT})
    given = [
        client.post("/api/v1/hooks", body, content_type="application/json", headers={"Idempotency-Key": "k1"}).json()
        for _time in range(2)
    ]
    assert given[0]["id"] == given[1]["id"]
    assert Webhook.objects.count() == 1


def test_a_target_that_is_gone_takes_the_subscription_away(boss: Actor, other_side: Receiver) -> None:
    client = program(boss)
    post(client, hookUrl=other_side.url, event=EVENT)
    other_side.answers = [410]
    company(boss, "North")
    work()
    assert client.get("/api/v1/hooks").json() == {"items": []}
    assert not log()


def test_it_acts_with_its_users_rights(boss: Actor, other_side: Receiver) -> None:
    nina = colleague("Nina", "own")
    assert post(program(nina), hookUrl=other_side.url, event=EVENT).status_code == 201
    company(boss, "Hidden")
    mine = company(nina, "Mine")
    work()
    assert [one["data"]["record"]["id"] for one in bodies(other_side)] == [str(mine.id)]


def test_a_token_without_a_kind_of_cards_hears_nothing_of_it(boss: Actor, other_side: Receiver) -> None:
    client = program(boss, [("person", "read")])
    assert post(client, hookUrl=other_side.url, event=EVENT).status_code == 201
    company(boss, "Hidden")
    work()
    assert not log()
    assert client.get(f"/api/v1/hooks/samples/{EVENT}?type=company").status_code == 404


def test_it_ends_with_its_token(boss: Actor, other_side: Receiver) -> None:
    client = program(boss)
    post(client, hookUrl=other_side.url, event=EVENT)
    run(again(boss), EndToken(ApiToken.objects.get().pk))
    company(boss, "North")
    work()
    assert not other_side.got
    assert [one.error for one in log()] == ["token"]


def test_anothers_subscription_is_not_there(boss: Actor, other_side: Receiver) -> None:
    key = post(program(boss), hookUrl=other_side.url, event=EVENT).json()["id"]
    other = program(colleague("Olga", "all"))
    assert other.get("/api/v1/hooks").json() == {"items": []}
    assert other.get(f"/api/v1/hooks/{key}").status_code == 404
    assert other.delete(f"/api/v1/hooks/{key}").status_code == 404
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"event": EVENT}, "hookUrl"),
        ({"hookUrl": 7, "event": EVENT}, "hookUrl"),
        ({"hookUrl": "http://127.0.0.1/", "event": EVENT}, "hookUrl"),
        ({"hookUrl": "https://10.0.0.1/", "event": EVENT}, "hookUrl"),
        ({"hookUrl": "https://127.0.0.1/"}, "event"),
        ({"hookUrl": "https://127.0.0.1/", "event": "setting.changed"}, "event"),
        ({"hookUrl": "https://127.0.0.1/", "event": [EVENT]}, "event"),
        ({"hookUrl": "https://127.0.0.1/", "events": [{}]}, "event"),
        ({"hookUrl": "https://127.0.0.1/", "event": EVENT, "type": "nothing"}, "type"),
        ({"hookUrl": "https://127.0.0.1/", "event": EVENT, "type": "company", "where": {"all": 7}}, "where"),
        ({"hookUrl": "https://127.0.0.1/", "event": EVENT, "where": {"field": "name", "op": "filled"}}, "where"),
        ({"hookUrl": "https://127.0.0.1/", "event": EVENT, "name": "x" * 500}, "name"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    boss: Actor, other_side: Receiver, body: dict[str, Any], field: str
) -> None:
    answer = post(program(boss), **body)
    assert answer.status_code == 422
    assert field in json.dumps(answer.json())
    assert not Webhook.objects.exists()


def test_samples_are_real_cards_he_sees(boss: Actor, other_side: Receiver) -> None:
    nina = colleague("Nina", "own")
    for name in ("First", "Second", "Third", "Fourth"):
        company(nina, name)
    company(boss, "Hidden")
    found = program(nina).get(f"/api/v1/hooks/samples/{EVENT}?type=company").json()
    assert [one["data"]["record"]["title"] for one in found] == ["Fourth", "Third", "Second"]
    assert {one["type"] for one in found} == {EVENT}
    post(program(nina), hookUrl=other_side.url, event=EVENT, type="company")
    company(nina, "Fifth")
    work()
    assert set(found[0]["data"]["record"]) == set(bodies(other_side)[0]["data"]["record"]), "as it will be sent"


def test_samples_are_made_up_where_there_is_nothing(boss: Actor) -> None:
    client = program(boss)
    (made,) = client.get("/api/v1/hooks/samples/deal.stage_changed").json()
    assert (made["data"]["record"]["type"], UUID(made["data"]["record"]["id"]).int) == ("deal", 0)
    (made,) = client.get("/api/v1/hooks/samples/record.trashed?type=company").json()
    assert set(made["data"]["record"]) == {"id", "type"}
    assert client.get("/api/v1/hooks/samples/setting.changed").status_code == 404


def test_what_may_be_subscribed_is_listed_in_plain_words(boss: Actor) -> None:
    items = program(boss).get("/api/v1/hooks/events").json()["items"]
    keys = {one["key"] for one in items}
    assert {EVENT, "deal.stage_changed", "task.finished", "lead.converted", "note.written"} <= keys
    assert not {key for key in keys if key.startswith(("user.", "setting.", "batch."))}
    assert all(one["label"] != one["key"] for one in items)


def test_without_a_token_nothing(db: None) -> None:
    assert Client(headers={"Host": "localhost"}).get("/api/v1/hooks").status_code == 401
