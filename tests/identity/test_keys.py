"""Sessions, tokens and one-time links: what opens the door, for how long, and what closes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from comity.identity import links, sessions, tokens
from comity.identity.models import ApiToken, OneTimeLink, Session, User
from comity.kernel import stamps
from comity.kernel.text import fold

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return User.objects.create(name="Anna", email="anna@example.com", email_fold=fold("anna@example.com"))


def queries() -> CaptureQueriesContext:
    from django.db import connection

    return CaptureQueriesContext(connection)


def test_a_session_is_read_with_the_stamp_in_one_statement(anna: User, stopped_clock: Any) -> None:
    stamps.bump(stamps.SETTINGS)
    cookie = sessions.start(anna.pk, "192.0.2.1", "Firefox")
    with queries() as seen:
        holder = sessions.read(cookie)
    assert len(seen) == 1
    row = Session.objects.get()
    assert holder == {"id": row.pk, "user_id": anna.pk, "see_as_id": None, "stamp": stamps.read(stamps.SETTINGS)}
    assert row.address == "192.0.2.1"


def test_the_base_does_not_know_the_cookie(anna: User) -> None:
    cookie = sessions.start(anna.pk, "", "")
    assert cookie not in str(Session.objects.values().get())
    assert sessions.read(Session.objects.get().key_hash) is None


def test_wrong_cookies_open_nothing(anna: User) -> None:
    sessions.start(anna.pk, "", "")
    assert sessions.read("") is None
    assert sessions.read("forged") is None


def test_visits_keep_a_session_alive_and_are_written_every_five_minutes(anna: User, stopped_clock: Any) -> None:
    cookie = sessions.start(anna.pk, "", "")
    stopped_clock.tick(minutes=4)
    sessions.read(cookie)
    assert Session.objects.get().seen_at == stopped_clock.now - timedelta(minutes=4)
    stopped_clock.tick(minutes=2)
    sessions.read(cookie)
    assert Session.objects.get().seen_at == stopped_clock.now
    stopped_clock.tick(days=29)
    assert sessions.read(cookie)
    stopped_clock.tick(days=29)
    assert sessions.read(cookie)
    stopped_clock.tick(days=30)
    assert sessions.read(cookie) is None


def test_a_busy_base_does_not_fail_a_visit(anna: User, stopped_clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.kernel.errors import Busy

    cookie = sessions.start(anna.pk, "", "")
    stopped_clock.tick(minutes=10)

    def busy() -> Any:
        raise Busy()

    monkeypatch.setattr(sessions, "write_transaction", busy)
    assert sessions.read(cookie)


def test_ended_sessions_and_switched_off_users_are_out(anna: User) -> None:
    first, second, third = (sessions.start(anna.pk, "", "") for _ in range(3))
    held = sessions.read(first)
    assert held
    assert sessions.end(held["id"])
    assert not sessions.end(held["id"])
    assert sessions.read(first) is None
    kept = sessions.read(second)
    assert kept
    assert sessions.end_all(anna.pk, but=kept["id"]) == 1
    assert sessions.read(third) is None
    assert [row.pk for row in sessions.listing(anna.pk)] == [kept["id"]]
    User.objects.update(active=False)
    assert sessions.read(second) is None


def test_a_token_acts_for_its_user_until_it_ends(anna: User, stopped_clock: Any) -> None:
    row, secret = tokens.make(anna.pk, "exchange", stopped_clock.now + timedelta(days=2))
    assert secret.startswith("cmt_")
    assert secret not in str(ApiToken.objects.values().get())
    assert tokens.read(secret) == {"id": row.pk, "user_id": anna.pk, "see_as_id": None, "stamp": 0, "scopes": ""}
    assert ApiToken.objects.get().seen_at == stopped_clock.now
    with queries() as seen:
        tokens.read(secret)
    assert len(seen) == 1
    assert tokens.read("cmt_forged") is None
    assert tokens.read("forged") is None
    stopped_clock.tick(days=2)
    assert tokens.read(secret) is None


def test_a_token_ends_with_its_user(anna: User) -> None:
    row, secret = tokens.make(anna.pk, "exchange")
    User.objects.update(active=False)
    assert tokens.read(secret) is None
    User.objects.update(active=True)
    assert tokens.read(secret)
    assert tokens.end(row.pk)
    assert tokens.read(secret) is None


def test_a_link_works_once(anna: User) -> None:
    secret = links.make(anna.pk, "invite", None)
    assert links.path(secret).endswith(secret)
    assert secret not in str(OneTimeLink.objects.values().get())
    link = links.find(secret)
    assert link
    assert link.user == anna
    assert links.use(link)
    assert not links.use(link)
    assert links.find(secret) is None


def test_a_link_expires_and_a_new_one_replaces_it(anna: User, stopped_clock: Any) -> None:
    old = links.make(anna.pk, "invite", None)
    new = links.make(anna.pk, "reset", None)
    assert links.find(old) is None
    stopped_clock.tick(hours=71)
    assert links.find(new)
    stopped_clock.tick(hours=1)
    assert links.find(new) is None


def test_a_link_of_somebody_switched_off_does_nothing(anna: User) -> None:
    secret = links.make(anna.pk, "invite", None)
    User.objects.update(active=False)
    assert links.find(secret) is None
