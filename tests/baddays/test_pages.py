"""Bad input and bad days at the pages: a message in words with a reference, nothing lost, nothing told that helps."""

import errno
import re
import sqlite3
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from comity.access.actors import Actor
from comity.parties.models import Company
from comity.work.models import Note
from support.browser import browser
from support.house import company

IBAN = "DE89370400440532013000"
TECHNICAL = re.compile(
    r"traceback|exception|operationalerror|runtimeerror|integrityerror|sqlite|postgres|psycopg|select .* from"
    r"|insert into|\.py\b|errno|records_|parties_",
    re.IGNORECASE,
)


def body(text: str) -> str:
    """What a person reads of an answer."""
    return re.sub(r"<(head|script|style)\b.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)


def quiet(actor: Actor) -> Client:
    client = browser(actor)
    client.raise_request_exception = False
    return client


def test_a_fault_of_ours_is_told_without_its_inside(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*any: Any, **more: Any) -> None:
        raise RuntimeError("SELECT secret FROM parties_company")

    monkeypatch.setattr("comity.ui.lists.load", broken)
    answer = quiet(boss).get("/companies/")
    text = body(answer.content.decode())
    assert answer.status_code == 500
    assert re.search(r"\b[A-Z2-7]{8}\b", text), "a reference number"
    assert not TECHNICAL.search(text)
    fragment = quiet(boss).get("/companies/", headers={"HX-Request": "true"})
    assert fragment.status_code == 500
    assert "hx-swap-oob" in fragment.content.decode()


@pytest.mark.parametrize(
    "trouble",
    [OperationalError("database is locked"), OSError(errno.ENOSPC, "No space left on device")],
    ids=["locked", "full disk"],
)
def test_trouble_while_saving_says_what_is_kept(
    boss: Actor, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    card = company(boss, "Orchard")

    def broken(*any: Any, **more: Any) -> None:
        raise trouble

    monkeypatch.setattr("comity.changes.writer.update", broken)
    url = f"/companies/{card.id}/fields/name"
    answer = quiet(boss).post(url, {"version": "1", "name": "Other"}, headers={"HX-Request": "true"})
    assert answer.status_code in (500, 503)
    assert not TECHNICAL.search(body(answer.content.decode()))
    monkeypatch.undo()
    assert Company.unguarded.get().name == "Orchard"
    assert quiet(boss).post(url, {"version": "1", "name": "Other"}, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_locked_base_is_busy_not_broken(boss: Actor, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program holds SQLite's write lock: reading goes on, saving says busy, then works."""
    if engine != "sqlite":
        pytest.skip("PostgreSQL has no lock over the whole base")
    card = company(boss, "Orchard")
    client = quiet(boss)
    monkeypatch.setattr(settings, "WRITE_TIMEOUT", 0.3, raising=False)
    from django.db import connection

    connection.cursor().execute("PRAGMA busy_timeout = 300")
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        other = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held.set()
        release.wait(20)
        other.execute("ROLLBACK")
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(10)
        assert client.get(f"/companies/{card.id}").status_code == 200
        answer = client.post(f"/companies/{card.id}/fields/name", {"version": "1", "name": "Other"})
        assert answer.status_code == 503
        assert not TECHNICAL.search(body(answer.content.decode()))
    finally:
        release.set()
        holder.join()
    assert client.post(f"/companies/{card.id}/fields/name", {"version": "1", "name": "Other"}).status_code == 302
    assert Company.unguarded.get().name == "Other"


def test_a_form_sent_twice_makes_one_card(boss: Actor) -> None:
    client = browser(boss)
    first = client.post("/companies/new", {"name": "Orchard", "idempotency": "abc"})
    second = client.post("/companies/new", {"name": "Orchard", "idempotency": "abc"})
    assert first["Location"] == second["Location"]
    assert Company.unguarded.count() == 1
    assert client.post("/companies/new", {"name": "Orchard", "idempotency": "other"})["Location"] != first["Location"]


def test_a_stale_form_shows_both_versions_and_keeps_what_is_chosen(boss: Actor) -> None:
    card = company(boss, "Orchard", legal_name="Orchard Ltd")
    client = browser(boss)
    url = f"/companies/{card.id}/edit"
    client.post(url, {"version": "1", "name": "Theirs", "legal_name": "Theirs Ltd"})
    answer = client.post(url, {"version": "1", "name": "Mine", "legal_name": "Mine Ltd", "bank_account": IBAN})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert all(word in text for word in ("Mine Ltd", "Theirs Ltd", "Boss"))
    stale = {"version": "2", "name": "Mine", "legal_name": "Mine Ltd", "bank_account": IBAN}
    done = client.post(url, stale | {"take-name": "theirs", "take-legal_name": "mine"})
    assert done.status_code == 302
    kept = Company.unguarded.get()
    assert (kept.name, kept.legal_name, kept.bank_account) == ("Theirs", "Mine Ltd", IBAN)


def test_other_fields_of_a_stale_form_go_through(boss: Actor) -> None:
    card = company(boss, "Orchard")
    client = browser(boss)
    client.post(f"/companies/{card.id}/fields/legal_name", {"version": "1", "legal_name": "Orchard Ltd"})
    done = client.post(f"/companies/{card.id}/fields/name", {"version": "1", "name": "Orchard & sons"})
    assert done.status_code == 302
    kept = Company.unguarded.get()
    assert (kept.name, kept.legal_name, kept.version) == ("Orchard & sons", "Orchard Ltd", 3)


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000, "-1", "٣"])
def test_damaged_numbers_answer_calmly(boss: Actor, number: str) -> None:
    card = company(boss, "Orchard")
    client = quiet(boss)
    for page in ("history", "story"):
        assert client.get(f"/companies/{card.id}/{page}", {"before": number}).status_code == 200, page
    client.post(f"/notes/company/{card.id}", {"text": "Word"})
    note = Note.objects.get()
    answer = client.post(f"/notes/{note.pk}/edit", {"text": "Word again", "version": number})
    assert answer.status_code in (302, 422)
    assert client.post("/settings/tokens/do/new", {"name": "x", "days": number}).status_code in (200, 422)


def test_a_form_without_its_version_overwrites_nothing(boss: Actor) -> None:
    card = company(boss, "Orchard")
    for version in ("", "0", "-1", "one", "9" * 30):
        answer = quiet(boss).post(f"/companies/{card.id}/edit", {"version": version, "name": "Other"})
        assert answer.status_code == 422, version
    assert Company.unguarded.get().name == "Orchard"


@pytest.mark.parametrize("url", [
    "/companies/?at=%00", "/companies/?at=" + "A" * 5000, "/companies/?sort=-%27;drop", "/companies/?view=nope",
    "/companies/?match=all&f-0=name&op-0=nope&v-0=x",
    "/companies/?match=all&f-0=created_at&op-0=past_days&v-0=99999999999999999999",
    "/companies/?match=all&f-0=turnover&op-0=more&v-0=abc", "/companies/?match=all&f-0=owner&op-0=any&v-0=abc",
    "/companies/?match=all&f-0=client_since&op-0=is&v-0=31.02.2026", "/search?q=%00%27%22*", "/palette?q=%22%22%22",
    "/search?q=" + "x" * 5000, "/lookup/company?q=%25_%5C", "/companies/filter?f-999999=name", "/trash?before=nan",
    "/trash?before=1e400", "/companies/duplicates?phones-count=99999999999&name=%00",
    "/companies/duplicates?exclude=%27&name=x", "/companies/new?owner=abc&company=x",
    "/notices?before=%C2%B2", "/notices?before=" + "9" * 19, "/settings/audit?before=" + "9" * 5000,
    "/settings/audit?before=" + "9" * 30, "/companies/?match=all&f-0=phones&op-0=contains&v-0=%C2%B2%C2%B2%C2%B2%C2%B2",
    "/companies/duplicates?phones-count=" + "9" * 5000 + "&name=x", "/search?q=%C2%B2%C2%B2%C2%B2%C2%B2%C2%B2",
])  # fmt: skip
def test_damaged_addresses_answer_calmly(boss: Actor, url: str) -> None:
    company(boss, "Orchard")
    answer = quiet(boss).get(url)
    assert answer.status_code in (200, 404, 422), (answer.status_code, body(answer.content.decode())[:500])


@pytest.mark.parametrize(
    "url", ["/companies/0", "/companies/not-a-key", "/nowhere/", "/companies/../etc/passwd", "/.env"]
)
def test_addresses_of_nothing_are_not_here(boss: Actor, url: str) -> None:
    assert quiet(boss).get(url).status_code == 404


def test_a_request_of_another_site_is_not_carried_out(boss: Actor) -> None:
    card = company(boss, "Orchard")
    client = browser(boss)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ):  # fmt: skip
        assert client.post(f"/companies/{card.id}/trash", headers=headers).status_code == 403
    bare = Client(HTTP_HOST="localhost")
    bare.cookies = client.cookies
    assert bare.post(f"/companies/{card.id}/trash").status_code == 403
    assert bare.post(f"/companies/{card.id}/trash", headers={"Origin": "http://localhost"}).status_code == 302


def test_every_page_is_dressed_against_injection(boss: Actor) -> None:
    answer = browser(boss).get("/companies/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = answer.content.decode()
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"\son\w+=|\sstyle=", text)
    assert answer["X-Content-Type-Options"] == "nosniff"
