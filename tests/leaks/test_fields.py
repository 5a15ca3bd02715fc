"""Field rights on every surface: hidden fields are not there, masked ones show only their mask, neither is matched."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.records import conditions, types
from support.browser import browser
from support.house import colleague

SECRET = "Zqxsecret"
DIGITS = "9990088"
RIGHTS = {
    "person": {"phones": "mask", "emails": "hide", "about": "hide", "position": "read", "birth_date": "mask"},
    "company": {"turnover": "hide"},
}
SLUG = "people"


@pytest.fixture
def assistant(db: None, boss: Actor) -> Actor:
    return colleague("Assistant", "all", RIGHTS)


@pytest.fixture
def card(assistant: Actor, boss: Actor) -> str:
    """A person of the administrator with secrets in the fields the assistant may not read."""
    values = {
        "given_name": "Mara", "family_name": "Plain", "position": "Buyer", "birth_date": "1990-03-31",
        "phones": [{"label": "work", "value": f"+7495{DIGITS}"}], "emails": [f"{SECRET}@firm.example"],
        "about": f"{SECRET} about",
    }  # fmt: skip
    made = run(boss, Create("person", values)).record.id
    run(boss, Update("person", made, 0, {"about": f"{SECRET} again", "phones": [f"+7496{DIGITS}"]}))
    dispatcher.drain()
    return str(made)


def pages(card: str) -> list[str]:
    urls = [f"/{SLUG}/", f"/{SLUG}/{card}", f"/{SLUG}/{card}/edit", f"/{SLUG}/{card}/history", f"/{SLUG}/{card}/story"]
    urls += [f"/{SLUG}/{card}/history?field={spec.key}" for spec in types.get("person").specs if not spec.when]
    urls += [f"/search?q={query}" for query in ("zqxse", DIGITS[:5], "plain", "1990-03-31")]
    urls += [f"/palette?q={query}" for query in ("zqxse", DIGITS[:5], "plain")]
    urls += [f"/lookup/person?q={query}" for query in ("zqxse", DIGITS[:5], "plain")]
    urls += [f"/api/v1/{SLUG}", f"/api/v1/{SLUG}/{card}", f"/api/v1/{SLUG}/{card}/story"]
    urls += [f"/{SLUG}/duplicates?{urlencode({'phones-0-value': f'+7496{DIGITS}', 'phones-count': '1'})}"]
    return urls


def test_no_page_shows_what_is_hidden_or_masked(assistant: Actor, card: str) -> None:
    client = browser(assistant)
    for url in pages(card):
        answer = client.get(url, headers={"HX-Request": "true"} if "lookup" in url or "palette" in url else {})
        assert answer.status_code == 200, url
        text = answer.content.decode().lower().replace(url.lower(), "")
        for trace in (SECRET.lower(), DIGITS, "1990-03-31", "31 mar"):
            assert trace not in text.replace("q=1990-03-31", "").replace('value="1990-03-31"', ""), (url, trace)


def found(client: Client, url: str) -> bool:
    return "Plain" in client.get(url).content.decode().split("</head>")[-1]


def test_neither_filter_nor_search_nor_order_matches_by_them(assistant: Actor, boss: Actor, card: str) -> None:
    for query in ("zqxsecret", DIGITS, DIGITS[:5]):
        assert found(browser(boss), f"/search?q={query}")
        assert not found(browser(assistant), f"/search?q={query}")
        assert not found(browser(assistant), f"/api/v1/{SLUG}?q={query}")
    for key in ("phones", "emails", "about", "birth_date"):
        spec = types.get("person").spec(key)
        for op in conditions.operators(spec.kind):
            value = DIGITS if key == "phones" else "1990-03-31" if key == "birth_date" else "zqxsecret"
            for nothing in (value, "nothing-of-the-kind"):
                query = urlencode({"match": "all", "f-0": key, "op-0": op, "v-0": nothing})
                answer = browser(assistant).get(f"/{SLUG}/?{query}").content.decode()
                assert "Plain" in answer, (key, op)  # the condition is not his: it counts as not given
    for key in ("birth_date",):
        assert f"sort={key}" not in browser(assistant).get(f"/{SLUG}/sort").content.decode()


def test_hidden_and_masked_fields_cannot_be_written(assistant: Actor, card: str) -> None:
    client = browser(assistant)
    for key, status in (("about", 404), ("emails", 404), ("phones", 403), ("position", 403)):
        assert client.get(f"/{SLUG}/{card}/fields/{key}").status_code == status, key
    before = client.get(f"/api/v1/{SLUG}/{card}").json()
    answer = client.patch(
        f"/api/v1/{SLUG}/{card}", {"version": before["version"], "about": "mine"}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert "about" not in before and before["phones"][0]["value"].count("•")


def test_saving_the_form_keeps_what_he_cannot_see(assistant: Actor, boss: Actor, card: str) -> None:
    from support.forms import read_form

    client = browser(assistant)
    posted = read_form(client.get(f"/{SLUG}/{card}/edit").content.decode())
    assert not {"about", "emails-count", "phones-count"} & set(posted)
    posted["patronymic"] = ["Middle"]
    assert client.post(f"/{SLUG}/{card}/edit", posted).status_code == 302
    text = browser(boss).get(f"/api/v1/{SLUG}/{card}").json()
    assert text["about"] == f"{SECRET} again" and text["patronymic"] == "Middle"
    assert text["phones"][0]["value"] == f"+7496{DIGITS}"
