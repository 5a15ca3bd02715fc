"""The door: login, one-time links, logout; what they tell and what they keep to themselves."""

from typing import Any

import pytest
from django.test import Client

from comity.access import actors, snapshot
from comity.changes.bus import run
from comity.changes.colleagues import MakeLink
from comity.changes.entrance import SetPassword
from comity.changes.installation import add_user, install
from comity.identity.models import Session
from comity.kernel import jobs
from comity.ui.middleware import COOKIE

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def browser() -> Client:
    """A browser on our own pages; one that says nothing of where a request comes from is not let through."""
    return Client(headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def client() -> Client:
    return browser()


@pytest.fixture
def anna() -> Any:
    snapshot.forget()
    install("Example", "DE", "Europe/Berlin", "en", "EUR")
    user_id, _link = add_user("Anna", "anna@example.com", administrator=True)
    run(actors.system("test"), SetPassword(PASSWORD, user_id=user_id))
    return user_id


def log_in(client: Client, name: str = "anna@example.com", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login", {"username": name, "password": password, **more})


def test_a_page_asks_for_a_login_and_comes_back(anna: Any, client: Client) -> None:
    response = client.get("/settings/profile")
    assert response.status_code == 302
    assert response["Location"] == "/login?next=%2Fsettings%2Fprofile"
    assert client.get(response["Location"]).status_code == 200
    response = log_in(client, next="/settings/profile")
    assert response["Location"] == "/settings/profile"
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get("/settings/profile").status_code == 200
    assert client.get("/login")["Location"] == "/"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "/logout", "evil"])
def test_a_login_leads_nowhere_else(anna: Any, client: Client, target: str) -> None:
    assert log_in(client, next=target)["Location"] == "/"


def test_wrong_words_stay_at_the_door(anna: Any, client: Client) -> None:
    unknown = log_in(client, name="nobody@example.com")
    wrong = log_in(client, password="guess")
    assert unknown.status_code == wrong.status_code == 422
    assert unknown.content.replace(b"nobody@example.com", b"anna@example.com") == wrong.content
    assert COOKIE not in client.cookies
    assert b"guess" not in wrong.content


def test_the_administrator_sees_wrong_passwords(anna: Any, client: Client) -> None:
    for name in ("anna@example.com", "ANNA@example.com", "nobody@example.com"):
        log_in(client, name=name, password="guess")
    assert jobs.run_due() == 3
    log_in(client)
    page = client.get("/settings/audit").content.decode()
    assert page.count("somebody tried a wrong password of Anna") == 2
    assert "somebody tried a wrong password of Anna (try 2)" in page
    assert page.count("127.0.0.1") == 3  # both tries, and the login
    assert "nobody@example.com" not in page
    assert "guess" not in page


def test_many_wrong_words_wait(anna: Any, client: Client) -> None:
    for _try in range(5):
        log_in(client, password="guess")
    response = log_in(client)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert b"minute" in response.content


def test_a_login_from_another_site_is_refused(anna: Any, client: Client) -> None:
    given = {"username": "anna@example.com", "password": PASSWORD}
    response = client.post("/login", given, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert not Session.objects.exists()


def test_logging_out_ends_the_session(anna: Any, client: Client) -> None:
    log_in(client)
    opened = client.get("/logout")
    assert opened.status_code == 405 and opened["Allow"] == "POST" and b"press the button there" in opened.content
    response = client.post("/logout")
    assert response["Location"] == "/login"
    assert not Session.objects.exists()
    assert client.get("/settings/profile").status_code == 302


def test_a_link_opens_once_and_logs_in(anna: Any, client: Client) -> None:
    path = run(actors.system("test"), MakeLink(anna)).secret
    page = client.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    new = "another horse battery"
    assert client.post(path, {"password": new, "again": "different"}).status_code == 422
    assert client.post(path, {"password": "short", "again": "short"}).status_code == 422
    response = client.post(path, {"password": new, "again": new})
    assert response["Location"] == "/"
    assert client.get("/settings/profile").status_code == 200
    for method in (client.get, client.post):
        assert method(path).status_code == 410
    assert log_in(browser(), password=new).status_code == 302


def test_a_link_that_never_was(anna: Any, client: Client) -> None:
    assert client.get("/welcome/nonsense").status_code == 410
