"""Tokens of programs: made by their user or by an administrator, narrowed by scopes, ended at once; rate and words."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.colleagues import EndToken, MakeLink, MakeToken, SwitchUser
from comity.changes.programs import MakeProgram, NameProgram
from comity.identity.models import ApiToken, User
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.timeline.models import Event
from support.browser import browser
from support.house import again, colleague, company, person
from support.programs import Program, program, token_of

pytestmark = pytest.mark.django_db


def test_without_a_token_that_works_nothing_answers(boss: Actor) -> None:
    for headers in ({}, {"Authorization": "Bearer cmt_forged"}, {"Authorization": "Basic eDp5"}):
        answer = Client(headers={"Host": "localhost", **headers}).get("/api/v1/people")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert answer["Content-Type"] == "application/problem+json" and answer.json()["title"]


def test_a_token_opens_the_programs_door_and_no_page(boss: Actor) -> None:
    api = program(boss)
    assert api.get("/me")["name"] == "Boss"
    for path in ("/people/", "/settings/tokens", "/api/docs"):
        assert api.client.get(path).status_code in (302, 401), path


def test_me_tells_who_and_what(boss: Actor) -> None:
    told = program(boss, [("person", "read")]).get("/me")
    assert told["token"]["scopes"] == {"person": "read"} and told["token"]["name"] == "test"
    assert told["company"]["currency"] == "RUB" and told["permits"] == []
    assert "settings" in program(boss).get("/me")["permits"]


def test_scopes_leave_only_what_they_name(boss: Actor) -> None:
    works = company(boss, "Zqxorchard")
    ann = person(boss, "Ann", "Apple", company=str(works.id))
    dispatcher.drain()
    api = program(boss, [("person", "read")])
    assert [one["key"] for one in api.get("/types")["items"]] == ["person"]
    assert api.get("/people")["items"][0]["company"] is None
    assert api.get(f"/people/{ann.id}?include=company")["included"] == {}
    for path in ("/companies", f"/companies/{works.id}", f"/companies/{works.id}/story", "/types/companies"):
        api.get(path, 404)
    assert "zqxorchard" not in str(api.get(f"/people/{ann.id}/story")).lower()
    assert not api.get("/people?q=zqxorchard")["items"]
    for method, path, body in (
        ("POST", "/people", {"given_name": "New", "family_name": "One"}),
        ("PATCH", f"/people/{ann.id}", {"version": 1, "position": "x"}), ("DELETE", f"/people/{ann.id}", None),
    ):  # fmt: skip
        assert api.ask(method, path, body, 403)["title"]
    api.post(f"/people/{ann.id}/actions/note-write", {"text": "x"}, 404)
    assert api.post("/people/bulk", {"items": [{"do": "delete", "id": str(ann.id)}]})["refused"] == 1
    assert not [one for one in api.get("/openapi.json")["paths"] if "companies" in one or one.endswith("/bulk")]
    writes = program(boss, [("person", "write"), ("company", "read")])
    assert writes.get("/people")["items"][0]["company"] == str(works.id)
    assert writes.post("/people", {"given_name": "New", "family_name": "One"}, 201)
    assert writes.post("/companies", {"name": "New"}, 403)["title"]
    everything = program(boss, [("*", "read")])
    assert everything.get("/companies")["items"] and everything.post("/companies", {"name": "New"}, 403)


def test_scopes_hold_for_what_is_shared_too(boss: Actor) -> None:
    from comity.changes.commands import ShareRecord

    mira, works = colleague("Mira", "own"), company(boss, "Orchard")
    run(again(boss), ShareRecord("company", works.id, user_id=mira.user_id, level="edit"))
    assert program(mira).get(f"/companies/{works.id}")["name"] == "Orchard"
    program(mira, [("person", "write")]).get(f"/companies/{works.id}", 404)
    reads = program(mira, [("company", "read")])
    assert reads.ask("PATCH", f"/companies/{works.id}", {"version": 1, "name": "x"}, 403)
    assert len(reads.get("/companies")["items"]) == 1


def test_a_token_gives_no_more_than_its_user_has(boss: Actor) -> None:
    secret = person(boss, "Sec", "Ret")
    api = program(colleague("Mira", "own"))
    assert not api.get("/people")["items"]
    api.get(f"/people/{secret.id}", 404)
    assert api.get("/people?count=1")["count"] == {"number": 0, "more": False}


def test_ended_expired_and_switched_off(boss: Actor, stopped_clock: Any) -> None:
    mira = colleague("Mira", "all")
    ended, expires, stays = (token_of(mira, days=days) for days in (None, 2, None))
    for one in (ended, expires, stays):
        Program(one).get("/me")
    run(mira, EndToken(ApiToken.objects.order_by("id")[0].pk))
    Program(ended).get("/me", 401)
    stopped_clock.tick(days=2)
    Program(expires).get("/me", 401)
    Program(stays).get("/me")
    assert mira.user_id
    run(again(boss), SwitchUser(mira.user_id, active=False))
    Program(stays).get("/me", 401)
    run(again(boss), SwitchUser(mira.user_id, active=True))
    Program(stays).get("/me", 401)


def test_the_log_tells_of_keys_but_not_the_keys(boss: Actor) -> None:
    mira = colleague("Mira", "all")
    secret = token_of(mira, [("person", "read")], days=30)
    told = Event.objects.get(type="user.token_made").payload
    assert (told["token"], told["scopes"], told["days"]) == ("test", "person:read", 30)
    assert secret not in str(list(Event.objects.values())) and secret not in str(list(ApiToken.objects.values()))


def test_wrong_scopes_are_refused(boss: Actor) -> None:
    for scopes in ((), (("person", "own"),), (("no_type", "read"),), (("", "read"),), (("person *", "read"),)):
        with pytest.raises(Invalid):
            run(boss, MakeToken("x", scopes=scopes))


def test_a_program_of_the_company_has_tokens_and_no_login(boss: Actor) -> None:
    mira = colleague("Mira", "all")
    with pytest.raises(Refused):
        run(mira, MakeProgram("Website"))
    roles = list(boss.state.roles) or [next(iter(again(boss).state.roles))]
    made = run(again(boss), MakeProgram("Website", roles)).record.id
    user = User.objects.get(pk=made)
    assert user.service and not user.password and not user.administrator
    api = Program(run(again(boss), MakeToken("site", user_id=made)).secret)
    card = api.post("/people", {"given_name": "Web", "family_name": "Visitor"}, 201)
    assert card["owner"] == str(made) and api.get("/me")["name"] == "Website"
    with pytest.raises(Refused):
        run(again(boss), MakeLink(made))
    with pytest.raises(NotFound):
        run(again(mira), MakeToken("spy", user_id=made))
    run(again(boss), NameProgram(made, "Shop"))
    assert api.get("/me")["name"] == "Shop"
    run(again(boss), SwitchUser(made, active=False))
    api.get("/me", 401)


@pytest.fixture
def rate(settings: Any, stopped_clock: Any) -> Any:
    settings.API_RATE = 3
    return stopped_clock


def test_a_token_has_so_many_requests_a_minute(boss: Actor, rate: Any) -> None:
    api, other = program(boss), program(boss)
    for left in ("2", "1", "0"):
        api.get("/me")
        assert (api.answer["RateLimit-Limit"], api.answer["RateLimit-Remaining"]) == ("3", left)
    problem = api.get("/me", 429)
    assert api.answer["Retry-After"] == api.answer["RateLimit-Reset"] == "60" and problem["retry_after"] == 60
    other.get("/me")
    rate.tick(seconds=60)
    api.get("/me")
    page = browser(boss)
    for _visit in range(5):
        assert page.get("/api/v1/me").status_code == 200


def test_problems_speak_the_language_that_is_asked_for(boss: Actor) -> None:
    api = program(boss)  # Russian
    assert api.get("/people/nothing", 404)
    russian, english = api.get("/nothing", 404), api.get("/nothing", 404, Accept_Language="en-GB,en;q=0.9")
    assert english["title"] == "This page is not here, or you may not see it." != russian["title"]
    assert api.get("/nothing", 404, Accept_Language="fr, x;q=oops")["title"] == russian["title"]
    labels = [api.get("/types/people", Accept_Language=code)["label"] for code in ("en", "ru", "ar")]
    assert len(set(labels)) == 3
    assert api.answer["Content-Language"] == "ar" and "Accept-Language" in api.answer["Vary"]


def test_a_problem_is_told_by_rfc_9457(boss: Actor) -> None:
    api = program(boss)
    problem = api.post("/people", {"no_such": 1}, 422, Accept_Language="en")
    assert api.answer["Content-Type"] == "application/problem+json"
    assert problem["type"] == "/api/docs#problems-invalid" and problem["status"] == 422
    assert problem["instance"] == "/api/v1/people" and problem["fields"]["no_such"] == ["There is no such field."]
    assert "There is no such field." in problem["detail"] and "page" not in problem["kept"]
    assert api.ask("PUT", "/people", {}, 405)["title"] and api.answer["Allow"] == "GET, POST"
    assert api.get("/no/such/address", 404)["status"] == 404


def test_other_sites_may_not_read_the_answers(boss: Actor) -> None:
    api = program(boss)
    api.get("/people", Origin="https://elsewhere.example")
    assert "Access-Control-Allow-Origin" not in api.answer
    api.ask("OPTIONS", "/people", None, 405, Origin="https://elsewhere.example", Access_Control_Request_Method="POST")
    assert "Access-Control-Allow-Origin" not in api.answer


def test_a_repeated_request_is_carried_out_once(boss: Actor) -> None:
    api = program(boss)
    sent = {"given_name": "Ann", "family_name": "Apple"}
    first = api.post("/people", sent, 201, Idempotency_Key="one")
    assert api.post("/people", sent, 201, Idempotency_Key="one")["id"] == first["id"]
    assert len(api.get("/people")["items"]) == 1
    problem = api.post("/people", {**sent, "family_name": "Other"}, 409, Idempotency_Key="one", Accept_Language="en")
    assert "key" in problem["title"]
    assert api.post("/people", sent, 201, Idempotency_Key="two")["id"] != first["id"]
    assert program(boss).post("/people", sent, 201, Idempotency_Key="one")["id"] != first["id"]
