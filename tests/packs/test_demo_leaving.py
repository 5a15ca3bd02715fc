"""The sample company switched off in a base somebody has begun to work in: what is his own stays."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.identity.models import Organization
from support.browser import browser
from support.house import again
from support.installation import Installation

OWNER, PASSWORD = "owner@demo.example", "moonlit-teapot"


def asking(comity: Installation) -> Callable[..., Any]:
    token = comity.ok("token", OWNER).split()[-1]

    def ask(method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{comity.url}/api/v1{path}", json.dumps(body).encode() if body is not None else None, method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    return ask


def lets_in(comity: Installation, password: str) -> bool:
    form = urllib.parse.urlencode({"username": OWNER, "password": password}).encode()
    request = urllib.request.Request(f"{comity.url}/login", form, headers={"Sec-Fetch-Site": "same-origin"})
    opener = urllib.request.build_opener(type("Stays", (urllib.request.HTTPRedirectHandler,), {
        "redirect_request": lambda *given: None}))  # fmt: skip
    try:
        opener.open(request, timeout=60).close()
    except urllib.error.HTTPError as answer:
        return answer.code in (302, 303)
    return False


@pytest.mark.alike
def test_what_people_entered_stays_and_the_known_password_opens_nothing(
    make_installation: Callable[..., Installation],
) -> None:
    comity = make_installation().made_by("demo").start()
    ask = asking(comity)
    assert lets_in(comity, PASSWORD)
    sample = ask("GET", "/companies?size=3&sort=title")["items"]
    mine = ask("POST", "/companies", {"name": "Our own client"})
    changed = ask(
        "PATCH", f"/companies/{sample[0]['id']}", {"version": sample[0]["version"], "website": "https://x.org"}
    )
    deal = ask("POST", "/deals", {"name": "Our own deal", "company": sample[1]["id"]})
    assert comity.stop() == 0
    said = comity.ok("demo", "--remove", "--yes")
    assert "sample cards lie in the trash" in said and OWNER in said
    comity.start()
    ask = asking(comity)
    kept = {one["id"] for one in ask("GET", "/companies?size=200")["items"]}
    assert kept == {mine["id"], changed["id"], sample[1]["id"]}
    assert [one["id"] for one in ask("GET", "/deals?size=200")["items"]] == [deal["id"]]
    assert not [slug for slug in ("people", "leads") if ask("GET", f"/{slug}")["items"]]
    planned = ask("GET", "/tasks?size=200")["items"]  # the first step of the pipeline, planned with the deal
    assert {one["about"] for one in planned} == {f"deal:{deal['id']}"}
    assert ask("POST", f"/companies/{sample[2]['id']}/restore")["id"] == sample[2]["id"]
    assert not lets_in(comity, PASSWORD)
    link = re.search(r"http\S+/welcome/\S+", said)
    assert link
    with urllib.request.urlopen(link[0], timeout=60) as page:
        assert b"password" in page.read()
    people = ask("GET", "/users")["items"]
    assert [one["name"] for one in people if one["active"]] == [ask("GET", "/me")["name"]]
    assert comity.stop() == 0
    refused = comity.run("demo", "--remove", "--yes")
    assert refused.returncode == 1 and "not the demo" in refused.stderr


def test_all_of_it_goes_where_that_is_wanted(make_installation: Callable[..., Installation]) -> None:
    comity = make_installation().made_by("demo").start()
    asking(comity)("POST", "/companies", {"name": "Only trying"})
    assert comity.stop() == 0
    assert "comity init" in comity.ok("demo", "--remove", "--everything", "--yes")
    assert "owner@demo.example" not in comity.ok("user", "list")


@pytest.mark.django_db
def test_a_base_without_people_says_how_it_is_begun() -> None:
    text = Client(headers={"Host": "localhost"}).get("/login").content.decode()
    assert "comity init" in text and "comity demo" in text


@pytest.mark.django_db
def test_the_page_of_exports_says_how_the_sample_goes(boss: Actor) -> None:
    assert "comity init" not in Client(headers={"Host": "localhost"}).get("/login").content.decode()
    assert "demo --remove" not in browser(boss).get("/settings/exports").content.decode()
    Organization.objects.update(demo=True)
    from comity.access import snapshot

    snapshot.changed()
    assert "demo --remove" in browser(again(boss)).get("/settings/exports").content.decode()
