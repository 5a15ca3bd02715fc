"""What support may see: the state of the installation, and no word about anybody."""

import json
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.exchange.exports import support
from comity.identity.models import Organization
from comity.kernel import jobs
from support.browser import browser
from support.fields import card, kind
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db

MARK = "Zzyzx"


@jobs.job("tests.speaks_of_clients", retries=0)
def _speaks(args: dict[str, Any], beat: jobs.Beat) -> None:
    raise ValueError(f"{MARK} Ivanov, +74957654321, {MARK.lower()}@firm.example\n{MARK}: again")


def test_the_bundle_tells_the_state_and_nobodys_name_phone_or_mail(boss: Actor) -> None:
    Organization.objects.update(name=f"{MARK} Ltd")
    kind(boss, MARK, f"{MARK}s")
    card(boss, f"own_{MARK.lower()}", f"{MARK} villa")
    company(boss, f"{MARK} works", website=f"https://{MARK.lower()}.example")
    person(boss, MARK, "Ivanov", phones=[{"label": "work", "value": "+74957654321"}], emails=["z@firm.example"])
    colleague(f"{MARK}-colleague")
    jobs.enqueue("tests.speaks_of_clients", {"name": MARK})
    jobs.run_due()
    found = json.loads(support.text())
    assert found["rows"]["parties.person"] == 1 and found["versions"]["comity"]
    (error,) = [one for one in found["errors"] if one["job"] == "tests.speaks_of_clients"]
    assert any(place.startswith("comity/kernel/jobs.py") for place in error["places"])
    told = support.text().lower()
    for word in (MARK.lower(), "ivanov", "7654321", "firm.example", "house", "boss"):
        assert word not in told


def test_an_errors_words_stay_at_home() -> None:
    places = '  File "/srv/comity/kernel/jobs.py", line 7, in _run\n  File "/srv/Ann/own.py", line 1, in x\n'
    told = support.scrubbed(f"{places}ValueError: Ann Archer")
    assert told == {"kind": "ValueError", "places": ["comity/kernel/jobs.py:7 _run"]}
    assert support.scrubbed("Archer: rang")["kind"] == ""


def test_it_is_shown_before_it_is_saved_and_to_administrators_alone(boss: Actor) -> None:
    client = browser(again(boss))
    assert "/support" in client.get("/settings/exports").content.decode()
    assert "parties.person" in client.get("/support").content.decode()
    saved = client.get("/support?save=1")
    assert saved["Content-Disposition"].startswith("attachment") and json.loads(saved.content)["rows"]
    assert browser(colleague("Ann", "all")).get("/support").status_code == 403
