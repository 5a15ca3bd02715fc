"""Settings: a token with chosen scopes, the programs of the company."""

import re

import pytest

from comity.access.actors import Actor
from comity.identity.models import ApiToken, User
from support.browser import browser
from support.house import again, colleague
from support.programs import Program

pytestmark = pytest.mark.django_db


def secret_of(page: str) -> str:
    found = re.search(r"cmt_[\w-]{40,}", page)
    assert found
    return found[0]


def test_a_token_for_chosen_types(boss: Actor) -> None:
    mira = colleague("Mira", "all")
    client = browser(mira)
    assert 'name="on-deal"' in client.get("/settings/tokens/do/new").content.decode()
    sent = {
        "name": "Website",
        "days": "30",
        "scope": "types",
        "on-person": "write",
        "on-company": "read",
        "on-deal": "",
    }
    api = Program(secret_of(client.post("/settings/tokens/do/new", sent).content.decode()))
    assert api.get("/me")["token"]["scopes"] == {"company": "read", "person": "write"}
    page = client.get("/settings/tokens").content.decode()
    assert "Website" in page and "/api/docs" in page
    assert client.post("/settings/tokens/do/new", {"name": "x", "scope": "types"}).status_code == 422
    assert client.post("/settings/tokens/do/new", {"name": "x", "scope": "all"}).status_code == 422
    api = Program(secret_of(client.post("/settings/tokens/do/new", {"name": "r", "scope": "read"}).content.decode()))
    assert api.get("/me")["token"]["scopes"] == {"*": "read"}


def test_programs_of_the_company_by_clicks(boss: Actor) -> None:
    role = next(iter(again(colleague("Mira", "all")).state.roles))
    client = browser(boss)
    made = client.post("/settings/programs/do/make", {"name": "Website", "roles": ["", str(role)]})
    user = User.objects.get(service=True)
    place = f"/settings/programs/{user.pk}"
    assert made.status_code == 302 and made["Location"] == place
    api = Program(secret_of(client.post(f"{place}/do/new", {"name": "site", "scope": "write"}).content.decode()))
    assert api.post("/people", {"given_name": "Web", "family_name": "Visitor"}, 201)["owner"] == str(user.pk)
    assert "Website" in client.get("/settings/programs").content.decode()
    assert "site" in client.get(place).content.decode()
    assert "Website" not in client.get("/settings/people").content.decode()
    assert client.get(f"/settings/people/{user.pk}").status_code == 404
    client.post(f"{place}/do/program", {"name": "Shop", "roles": [""]})
    assert api.get("/me")["name"] == "Shop"
    api.get("/people", 404)  # no role is left, so no type is there
    client.post(f"{place}/do/end?id={ApiToken.objects.get().pk}")
    api.get("/me", 401)
    api = Program(secret_of(client.post(f"{place}/do/new", {"name": "site", "scope": "write"}).content.decode()))
    client.post(f"{place}/do/off", {})
    api.get("/me", 401)
    assert client.post(f"{place}/do/on").status_code == 302
    assert User.objects.get(service=True).active


def test_nobody_else_finds_the_programs(boss: Actor) -> None:
    mira = browser(colleague("Mira", "all"))
    browser(boss).post("/settings/programs/do/make", {"name": "Website"})
    user = User.objects.get(service=True)
    assert mira.get("/settings/programs").status_code == 404
    for path in (f"/settings/programs/{user.pk}", f"/settings/programs/{user.pk}/do/new"):
        assert mira.get(path).status_code == mira.post(path).status_code == 404
    other = User.objects.exclude(service=True).first()
    assert other and browser(boss).get(f"/settings/programs/{other.pk}").status_code == 404
