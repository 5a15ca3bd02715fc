"""Settings pages: who finds which, what their forms save with and without scripts, what is shown once."""

import re
from typing import Any

import pytest
from django.test import Client

from comity.access import actors
from comity.access.models import Role
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.identity.models import ApiToken, ExchangeRate, Membership, Organization, Session, Team, User
from comity.notices import kinds
from comity.records.models import CustomField, RelationKind, Tag
from comity.timeline.models import Event
from support.browser import entered

pytestmark = pytest.mark.django_db
MINE = ("profile", "look", "security", "tokens", "notices")
COMPANY = (
    "company", "currencies", "people", "teams", "roles", "pipelines", "goals", "fields", "lists", "tags", "links",
    "audit",
)  # fmt: skip
HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("page", [*MINE, *COMPANY])
def test_every_page_opens_for_an_administrator(root: Client, page: str) -> None:
    response = root.get(f"/settings/{page}")
    assert response.status_code == 200
    assert 'aria-current="page"' in text(response)


@pytest.mark.parametrize("page", COMPANY)
def test_pages_of_the_company_are_not_there_without_the_right(mira: Client, page: str) -> None:
    assert mira.get(f"/settings/{page}").status_code == 404
    assert mira.post(f"/settings/{page}/do/new", {"name": "x"}).status_code == 404
    listed = text(mira.get("/settings/"))
    assert f'"/settings/{page}"' not in listed
    assert all(f'"/settings/{one}"' in listed for one in MINE)


def test_unknown_pages_items_and_acts(root: Client, users: dict[str, Any]) -> None:
    for path in ("/settings/nonsense", "/settings/profile/do/nonsense", f"/settings/people/{Organization}"):
        assert root.get(path).status_code == 404
    assert root.get(f"/settings/teams/{users['root']}").status_code == 404
    assert root.get(f"/settings/profile/{users['root']}").status_code == 404
    assert root.get("/settings/tokens/do/end?id=nonsense").status_code == 404


def test_the_search_finds_pages_one_may_use(root: Client, mira: Client) -> None:
    assert "/settings/people" in text(root.get("/settings/find?q=INVITE"))
    assert text(mira.get("/settings/find?q=invite")).count("/settings/people") == 0


def test_a_profile_saves_without_scripts(mira: Client, users: dict[str, Any]) -> None:
    response = mira.post("/settings/profile/do/profile", {"name": "Mira M.", "language": "ru", "timezone": ""})
    assert response.status_code == 302
    assert User.objects.get(pk=users["mira"]).name == "Mira M."
    assert 'lang="ru"' in text(mira.get(response["Location"]))


def test_a_profile_saves_by_script_and_answers_with_its_card(mira: Client, users: dict[str, Any]) -> None:
    response = mira.post("/settings/profile/do/profile", {"name": "Mira M."}, headers=HTMX)
    assert response.status_code == 200
    assert '<section class="card" id="c-profile">' in text(response)
    assert "<html" not in text(response)
    assert "HX-Refresh" not in response
    changed = mira.post("/settings/profile/do/profile", {"language": "ar"}, headers=HTMX)
    assert changed["HX-Refresh"] == "true"
    assert 'dir="rtl"' in text(mira.get("/settings/profile"))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_wrong_input_stays_on_the_card(mira: Client, users: dict[str, Any], headers: dict[str, str]) -> None:
    given = {"name": "  ", "language": "", "timezone": "Nowhere/Here"}
    response = mira.post("/settings/profile/do/profile", given, headers=headers)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in text(response)
    assert User.objects.get(pk=users["mira"]).name == "Mira"


def test_the_look_is_kept_by_the_browser(mira: Client) -> None:
    mira.post("/settings/look/do/look", {"theme": "dark", "density": "compact", "keys_off": ["", "1"]})
    page = text(mira.get("/settings/look"))
    assert 'data-theme="dark"' in page
    assert 'data-density="compact"' in page
    assert 'data-keys="off"' in page
    mira.post("/settings/look/do/look", {"theme": "", "density": "", "keys_off": ""})
    page = text(mira.get("/settings/look"))
    assert "data-theme=" not in page
    assert 'data-keys="off"' not in page


def test_kinds_of_notices_are_switched_off_and_on(mira: Client, users: dict[str, Any]) -> None:
    mira.post("/settings/notices/do/notices", {"notices": ["", "assigned"]})
    prefs = User.objects.get(pk=users["mira"]).prefs
    assert kinds.is_on(prefs, "assigned")
    assert not kinds.is_on(prefs, "shared")
    mira.post("/settings/notices/do/notices", {"notices": ["", "assigned", "shared"]})
    assert kinds.is_on(User.objects.get(pk=users["mira"]).prefs, "shared")


def test_another_browser_can_be_ended(mira: Client, users: dict[str, Any]) -> None:
    other = entered(users["mira"])
    page = text(mira.get("/settings/security"))
    assert "Firefox, Linux" in page
    ends = re.findall(r"/settings/security/do/end-session\?id=[0-9a-f-]+", page)
    assert len(ends) == 1
    assert mira.get(ends[0]).status_code == 404
    assert mira.post(ends[0]).status_code == 302
    assert other.get("/settings/profile").status_code == 302
    assert mira.get("/settings/profile").status_code == 200


def test_a_token_is_shown_once(mira: Client) -> None:
    key = "one-form-load"
    given = {"name": "exchange", "days": "30", "idempotency": key}
    first = text(mira.post("/settings/tokens/do/new", given))
    secret = re.search(r"cmt_[\w-]+", first)
    assert secret
    again = text(mira.post("/settings/tokens/do/new", given))
    assert "cmt_" not in again
    assert ApiToken.objects.count() == 1
    assert secret[0] not in text(mira.get("/settings/tokens"))
    assert mira.post("/settings/tokens/do/new", {"name": ""}).status_code == 422
    mira.post(f"/settings/tokens/do/end?id={ApiToken.objects.get().pk}")
    assert not ApiToken.objects.exists()


def test_the_company_and_its_money(root: Client) -> None:
    root.post("/settings/company/do/company", {"name": "Renamed", "country": "BG", "timezone": "Europe/Sofia"})
    root.post("/settings/company/do/languages", {"language": "bg", "languages": ["", "bg", "en"]})
    root.post("/settings/currencies/do/add", {"currencies": "USD"})
    row = Organization.objects.get()
    assert (row.name, row.country, row.languages, row.currencies) == ("Renamed", "BG", ["en", "bg"], ["USD"])
    root.post("/settings/currencies/do/rate", {"currency": "USD", "day": "2026-03-01", "rate": "0,9215"})
    assert str(ExchangeRate.objects.get().rate) == "0.9215000000"
    assert root.post("/settings/currencies/do/rate", {"currency": "USD", "rate": "x"}).status_code == 422
    page = text(root.get("/settings/currencies"))
    assert "2026-03-01" in page
    root.post(f"/settings/currencies/do/delete-rate?id={ExchangeRate.objects.get().pk}")
    root.post("/settings/currencies/do/remove?code=USD")
    assert not ExchangeRate.objects.exists()
    assert Organization.objects.get().currencies == []


def test_a_stale_card_is_refused_and_says_so(root: Client) -> None:
    version = re.search(r'name="version" value="(\w+)"', text(root.get("/settings/company")))
    assert version
    first = {"name": "First", "version": version[1]}
    assert root.post("/settings/company/do/company", first).status_code == 302
    response = root.post("/settings/company/do/company", {"name": "Second", "version": version[1]}, headers=HTMX)
    assert response.status_code == 409
    assert Organization.objects.get().name == "First"


def test_inviting_shows_the_link_once_and_it_opens(root: Client) -> None:
    role = Role.objects.get(key="manager")
    given = {"name": "Nina", "email": "nina@example.com", "roles": ["", str(role.pk)], "idempotency": "load"}
    answer = text(root.post("/settings/people/do/invite", given))
    link = re.search(r"http://localhost(/welcome/[\w-]+)", answer)
    assert link
    assert "/welcome/" not in text(root.post("/settings/people/do/invite", given))
    assert Client().get(link[1]).status_code == 200
    assert "Nina" in text(root.get("/settings/people"))
    assert root.post("/settings/people/do/invite", {"name": "", "email": "x"}).status_code == 422


def test_a_colleague_is_edited_switched_off_and_on(root: Client, mira: Client, users: dict[str, Any]) -> None:
    url = f"/settings/people/{users['mira']}"
    assert root.get(url).status_code == 200
    root.post(f"{url}/do/person", {"job_title": "Sales", "administrator": ""})
    director = Role.objects.get(key="director")
    root.post(f"{url}/do/roles", {"roles": ["", str(director.pk)]})
    assert [role.key for role in actors.user_actor(users["mira"]).roles] == ["director"]
    assert root.get(f"{url}/do/off").status_code == 200
    assert User.objects.get(pk=users["mira"]).active
    root.post(f"{url}/do/off")
    assert mira.get("/settings/profile").status_code == 302
    assert root.post(f"/settings/people/{users['root']}/do/off").status_code == 403
    root.post(f"{url}/do/on")
    user = User.objects.get(pk=users["mira"])
    assert (user.active, user.job_title) == (True, "Sales")
    assert "/welcome/" in text(root.post(f"{url}/do/link"))


def test_seeing_as_a_colleague_reads_but_does_not_write(root: Client, users: dict[str, Any]) -> None:
    root.post(f"/settings/people/{users['mira']}/do/see-as")
    page = root.get("/settings/profile")
    assert "Mira" in text(page)
    assert "/settings/see-as/stop" in text(page)
    assert root.get("/settings/people").status_code == 404
    assert root.post("/settings/profile/do/profile", {"name": "Changed"}).status_code == 403
    assert User.objects.get(pk=users["mira"]).name == "Mira"
    assert root.post("/settings/see-as/stop").status_code == 302
    assert root.get("/settings/people").status_code == 200
    assert root.post("/settings/see-as/stop").status_code == 404
    kinds = list(Event.objects.filter(type__startswith="user.seen").order_by("id").values_list("type", flat=True))
    assert kinds == ["user.seen_as", "user.seen_as_ended"]


def test_one_logs_out_from_a_colleagues_view_too(root: Client, users: dict[str, Any]) -> None:
    root.post(f"/settings/people/{users['mira']}/do/see-as")
    root.post("/logout")
    assert not Session.objects.exists()


def test_teams_with_their_people(root: Client, users: dict[str, Any]) -> None:
    root.post("/settings/teams/do/new", {"name": "Sales", "parent": "", "position": ""})
    top = Team.objects.get()
    root.post("/settings/teams/do/new", {"name": "North", "parent": str(top.pk), "position": "1"})
    url = f"/settings/teams/{top.pk}"
    root.post(f"{url}/do/join", {"user": str(users["mira"])})
    member = Membership.objects.get()
    assert member.main
    root.post(f"{url}/do/lead?id={member.pk}&on=1")
    assert Membership.objects.get().lead
    page = text(root.get("/settings/teams"))
    assert "Sales / North" in page
    assert "Mira" in page
    assert root.get(url).status_code == 200
    assert root.post(f"{url}/do/team", {"parent": str(top.pk)}).status_code == 422
    root.post(f"{url}/do/out?id={member.pk}")
    assert not Membership.objects.exists()
    assert root.post(f"{url}/do/delete").status_code == 422
    assert Team.objects.count() == 2


def test_a_role_from_name_to_fields(root: Client, users: dict[str, Any]) -> None:
    root.post("/settings/roles/do/new", {"name-en": "Night shift", "name-ru": "Ночная смена"})
    role = Role.objects.get(key="night_shift")
    url = f"/settings/roles/{role.pk}"
    root.post(f"{url}/do/grants?type=all", {"view": "team", "create": "own"})
    root.post(f"{url}/do/grants?type=company", {"view": "all"})
    root.post(f"{url}/do/fields?type=company", {"phones": "mask", "name": "write"})
    root.post(f"{url}/do/permits", {"permits": ["", "views"]})
    root.post(f"{url}/do/give", {"user": str(users["mira"])})
    role.refresh_from_db()
    assert role.fields == {"company": {"phones": "mask"}}
    assert role.permits == ["views"]
    held = actors.user_actor(users["mira"])
    assert held.scope("company", "view") == "all"
    assert held.scope("person", "view") == "team"
    # A right that earlier versions named and nothing asked for: not offered, no bar to saving the role.
    Role.objects.filter(pk=role.pk).update(permits=["views", "trash"])
    assert "Delete for ever" not in text(root.get(url))
    root.post(f"{url}/do/name", {"name-en": "Late shift"})
    role.refresh_from_db()
    assert (role.name["en"], role.permits) == ("Late shift", ["views"])
    assert root.get(url).status_code == 200
    root.post(f"{url}/do/same?type=company")
    assert set(Role.objects.get(pk=role.pk).grants) == {"*"}
    assert root.post(f"{url}/do/grants?type=nonsense", {"view": "all"}).status_code == 404
    assert root.post(f"{url}/do/grants?type=all", {"view": "everything"}).status_code == 422
    root.post(f"{url}/do/delete")
    assert not Role.objects.filter(pk=role.pk).exists()


def test_a_field_from_making_to_archiving(root: Client) -> None:
    given = {"label-en": "Grade", "label-ru": "Класс", "kind": "choice", "choices": "Gold\nSilver\n\n"}
    root.post("/settings/fields/do/new?type=company", given)
    row = CustomField.objects.get()
    assert (row.key, [one["key"] for one in row.choices]) == ("own_grade", ["gold", "silver"])
    url = f"/settings/fields/{row.pk}"
    assert "Gold" in text(root.get(url))
    root.post(f"{url}/do/labels", {"label-en": "Class", "label-uk": "Клас"})
    root.post(f"{url}/do/value", {"choices-en": "Bronze", "hue": "3"})
    root.post(f"{url}/do/value?key=gold", {"choices-en": "Golden", "hue": "2"})
    root.post(f"{url}/do/up?key=bronze")
    root.post(f"{url}/do/drop?key=silver")
    root.post(f"{url}/do/use", {"required": "creation", "indexed": ["", "1"], "position": "5"})
    row.refresh_from_db()
    assert row.label == {"en": "Class", "uk": "Клас"}
    assert [(one["key"], one["label"]["en"]) for one in row.choices] == [("gold", "Golden"), ("bronze", "Bronze")]
    assert (row.required, row.indexed, row.position) == ("creation", True, 5)
    assert "Class" in text(root.get("/settings/fields?type=company"))
    assert "Class" not in text(root.get("/settings/fields?type=person"))
    assert root.post(f"{url}/do/labels", {"label-en": ""}).status_code == 422
    root.post(f"{url}/do/archive")
    assert CustomField.objects.get().archived_at
    root.post(f"{url}/do/restore")
    assert CustomField.objects.get().archived_at is None
    assert root.post("/settings/fields/do/new?type=company", {"kind": "number"}).status_code == 422


def test_a_value_in_use_says_why_it_stays(root: Client, users: dict[str, Any]) -> None:
    root.post("/settings/fields/do/new?type=company", {"label-en": "Grade", "kind": "choice", "choices": "Gold\nTin"})
    row = CustomField.objects.get()
    run(actors.user_actor(users["root"]), Create("company", {"name": "Tower", "own_grade": "gold"}))
    response = root.post(f"/settings/fields/{row.pk}/do/drop?key=gold")
    assert "stands on some cards" in text(root.get(response["Location"]))
    assert len(CustomField.objects.get().choices) == 2


def test_tags_and_kinds_of_links(root: Client) -> None:
    root.post("/settings/tags/do/new", {"name": "<b>Key</b>", "hue": "3"})
    tag = Tag.objects.get()
    assert "<b>Key" not in text(root.get("/settings/tags"))
    root.post(f"/settings/tags/{tag.pk}/do/tag", {"name": "Key", "hue": "4"})
    assert (Tag.objects.get().name, Tag.objects.get().hue) == ("Key", 4)
    root.post(f"/settings/tags/{tag.pk}/do/delete")
    assert not Tag.objects.exists()
    root.post("/settings/links/do/new", {"forward-en": "Owns", "backward-en": "Belongs to"})
    kind = RelationKind.objects.get()
    assert "Belongs to" in text(root.get("/settings/links"))
    root.post(f"/settings/links/{kind.pk}/do/kind", {"forward-en": "Owner of", "backward-en": "Belongs to"})
    root.post(f"/settings/links/{kind.pk}/do/archive")
    kind.refresh_from_db()
    assert kind.forward == {"en": "Owner of"}
    assert kind.archived_at


def test_everybody_starts_with_the_list_or_view_he_chose(root: Client, mira: Client, users: dict[str, Any]) -> None:
    values = {"type_key": "company", "name": "Big <ones>", "shared": "1"}
    view = run(actors.user_actor(users["root"]), SaveSetting("view", values)).record.id
    own = run(actors.user_actor(users["root"]), SaveSetting("view", values | {"name": "Of root", "shared": ""}))
    page = text(mira.get("/settings/profile"))
    assert 'value="companies"' in page
    assert "Companies · Big &lt;ones&gt;" in page
    assert "Of root" not in page
    first = mira.get("/")["Location"]
    for chosen, address in (("companies", "/companies/"), ("people/mine", "/people/?view=mine"),
                            (f"companies/{view}", f"/companies/?view={view}"), ("", first),
                            (f"companies/{own.record.id}", "/companies/")):  # fmt: skip
        assert mira.post("/settings/profile/do/profile", {"start": chosen}).status_code == 302
        assert mira.get("/")["Location"] == address
    for wrong in ("nonsense", "//evil.example", f"people/{view}", "companies/nonsense", "/mine"):
        assert mira.post("/settings/profile/do/profile", {"start": wrong}).status_code == 422
    mira.post("/settings/profile/do/profile", {"start": f"companies/{view}"})
    run(actors.user_actor(users["root"]), DeleteSetting("view", view))
    assert mira.get("/")["Location"] == "/companies/"


def test_single_letter_keys_are_switched_off_for_the_scripts(mira: Client) -> None:
    assert 'data-keys="off"' not in text(mira.get("/people/"))
    mira.post("/settings/look/do/look", {"keys_off": ["", "1"]})
    assert 'data-keys="off"' in text(mira.get("/people/"))


def test_the_company_takes_its_own_accent(root: Client) -> None:
    assert "data-accent" not in text(root.get("/people/"))
    page = text(root.get("/settings/company"))
    assert page.count('type="radio" name="accent_hue"') == 8
    assert root.post("/settings/company/do/look", {"accent_hue": "123"}).status_code == 422
    answer = root.post("/settings/company/do/look", {"accent_hue": "245"}, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    for address, client in (("/people/", root), ("/login", Client(HTTP_HOST="localhost"))):
        assert 'data-accent="245"' in text(client.get(address))
    assert "<bdi>Blue</bdi>" in text(root.get("/settings/audit"))
    root.post("/settings/company/do/look", {"accent_hue": ""})
    assert "data-accent" not in text(root.get("/people/"))


def test_the_log_tells_what_was_before(root: Client) -> None:
    root.post("/settings/company/do/company", {"name": "Renamed"})
    page = text(root.get("/settings/audit"))
    assert re.search(r">Name:</span> <bdi>Example</bdi> .*<bdi>Renamed</bdi>", page)
    assert "Root" in page


def test_a_form_sent_twice_makes_one(root: Client) -> None:
    for _round in range(2):
        root.post("/settings/tags/do/new", {"name": "Key", "hue": "1", "idempotency": "load"})
    assert Tag.objects.count() == 1


def test_one_who_manages_users_meets_no_administrators_page(users: dict[str, Any]) -> None:
    role = run(actors.system("test"), SaveSetting("role", {"key": "x", "name": {"en": "x"}, "permits": ["users"]}))
    run(actors.system("test"), SaveSetting("role_member", {"user": users["mira"], "role": role.record.id}))
    mira = entered(users["mira"])
    assert mira.get("/settings/people").status_code == 200
    assert mira.get(f"/settings/people/{users['root']}").status_code == 404
    assert mira.post(f"/settings/people/{users['root']}/do/link").status_code == 404
    assert mira.post(f"/settings/people/{users['root']}/do/see-as").status_code == 404
    assert mira.get("/settings/roles").status_code == 404
