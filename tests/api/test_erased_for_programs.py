"""What was sent of a person, and answered, goes with his data; other programs are told that it went."""

from datetime import date
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.api.webhooks.model import Delivery
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.models import Answered
from comity.exchange.erasing.commands import EraseData
from comity.parties.models import Person
from comity.records.models import RecordRef
from comity.sales.models import Deal
from support.house import again, person
from support.merging import made
from support.programs import program
from support.receiver import Receiver
from support.webhooks import bodies, webhook, work

pytestmark = pytest.mark.django_db
WORDS = ("Mariabella", "Quillfeather", "888777666")


def hers(text: str) -> bool:
    """Whether a text names her."""
    return any(word in text for word in WORDS)


def test_the_log_of_messages_says_nothing_of_her_and_the_erasure_is_told(boss: Actor, other_side: Receiver) -> None:
    webhook(boss, other_side.url, type_key="", events=["record.created", "record.updated", "person.erased"])
    other_side.answers = [(200, {}, b"Thanks, Mariabella Quillfeather")]
    ref = person(boss, "Mariabella", "Quillfeather", phones=["+359888777666"])
    made(boss, "deal", {"name": "Fence for Mariabella Quillfeather", "person": str(ref.id)})
    run(again(boss), Update("person", ref.id, 0, {"position": "Buyer"}))
    work()
    sent = [one for one in Delivery.objects.all() if hers(one.request) or hers(one.answer)]
    assert len(sent) > 2
    other_side.answers = [204]
    run(again(boss), EraseData("person", ref.id, 0, "request", date(2020, 1, 31)))
    work()
    assert not [one.pk for one in Delivery.objects.all() if hers(one.request) or hers(one.answer)]
    told = next(one for one in bodies(other_side) if one["type"] == "person.erased")
    assert told["data"]["record"]["id"] == str(ref.id) and told["data"]["changes"]["phones"] == [None, None]
    assert Deal.unguarded.get().title.startswith("Fence for •••")


def test_a_repeated_request_gives_its_answer_without_her(boss: Actor) -> None:
    api = program(boss)
    sent: dict[str, Any] = {"given_name": "Mariabella", "family_name": "Quillfeather", "phones": ["+359888777666"]}
    first = api.post("/people", sent, 201, Idempotency_Key="one")
    ref = RecordRef("person", Person.unguarded.get().pk)
    run(again(boss), EraseData("person", ref.id, 0, "request", date(2020, 1, 31)))
    assert not any(hers(str(one.result)) for one in Answered.objects.all())
    again_told = api.post("/people", sent, 201, Idempotency_Key="one")
    assert again_told["id"] == first["id"] and not hers(str(again_told)) and Person.unguarded.count() == 1
