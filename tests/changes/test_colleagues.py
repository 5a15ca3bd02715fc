"""Colleagues: invited, logged in, switched off; what that ends, who may, and what is told."""

import json
from typing import Any

import pytest

from comity.access import actors
from comity.changes import entrance
from comity.changes.bus import run
from comity.changes.colleagues import (
    EndSession,
    EndToken,
    InviteUser,
    MakeLink,
    MakeToken,
    SavePreferences,
    SeeAs,
    SwitchUser,
)
from comity.changes.commands import Create
from comity.changes.entrance import LogOut, SetPassword
from comity.changes.models import Answered
from comity.identity import links, passwords, sessions, tokens
from comity.identity.models import Session, User
from comity.kernel.errors import Invalid, NotFound, Refused, TooMany
from comity.timeline import types as event_types
from comity.timeline.models import Event

PASSWORD = "correct horse battery"


def secret_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


def log_in(name: str, password: str = PASSWORD) -> str:
    return entrance.log_in(f"{name}@example.com", password, "192.0.2.1", "Firefox")


@pytest.fixture
def entered(company: Any) -> Any:
    """The company, with everybody's password set."""
    for user_id in company.users.values():
        run(actors.system("test"), SetPassword(PASSWORD, user_id=user_id))
    return company


def test_a_password_changed_while_the_old_one_is_looked_at_lets_nobody_in(
    entered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches, another = passwords.matches, "another horse battery"

    def slow(password: str, kept: str) -> bool:
        right = matches(password, kept)
        run(actors.system("test"), SetPassword(another, user_id=entered.users["mira"]))
        return right

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "matches", slow)
        patch.setattr(passwords, "outdated", lambda kept: True)
        with pytest.raises(NotFound):
            log_in("mira")
    assert not Session.objects.filter(user=entered.users["mira"]).exists()
    with pytest.raises(Refused):
        log_in("mira")
    assert log_in("mira", another)


def test_an_invited_colleague_chooses_a_password_once_and_is_in(company: Any) -> None:
    result = company.do("ulla", InviteUser("Nina", "nina@example.com"))
    secret = secret_of(result.secret)
    with pytest.raises(Invalid):
        entrance.enter_by_link(secret, "short")
    assert entrance.enter_by_link(secret, PASSWORD).name == "Nina"
    with pytest.raises(NotFound):
        entrance.enter_by_link(secret, PASSWORD)
    holder = sessions.read(log_in("nina"))
    assert holder
    assert holder["user_id"] == result.record.id
    assert User.objects.get(pk=result.record.id).last_login_at


def test_an_invitation_needs_rights_and_a_free_address(company: Any) -> None:
    with pytest.raises(Refused):
        company.do("mira", InviteUser("Nina", "nina@example.com"))
    with pytest.raises(Refused):
        company.do("ulla", InviteUser("Nina", "nina@example.com", administrator=True))
    with pytest.raises(Refused):
        company.do("ulla", InviteUser("Nina", "nina@example.com", roles=[company.roles["director"]]))
    with pytest.raises(Invalid):
        company.do("ulla", InviteUser("Mira", "MIRA@example.com"))
    with pytest.raises(Invalid):
        company.do("ulla", InviteUser("Nina", "nonsense"))
    assert User.objects.count() == 4


def test_no_secret_stays_in_the_base(entered: Any) -> None:
    invited = entered.do("root", InviteUser("Nina", "nina@example.com"), key="once")
    token = entered.do("root", MakeToken("exchange"), key="twice")
    cookie = log_in("mira")
    entered.do("root", MakeLink(entered.users["mira"]), key="thrice")
    kept = json.dumps(list(Event.objects.values_list("payload", flat=True)))
    kept += json.dumps(list(Answered.objects.values_list("result", flat=True)))
    for secret in (secret_of(invited.secret), token.secret, cookie, PASSWORD, "argon2"):
        assert secret
        assert secret not in kept


def test_a_repeated_invitation_makes_nobody_twice(company: Any) -> None:
    first = company.do("root", InviteUser("Nina", "nina@example.com"), key="once")
    again = company.do("root", InviteUser("Nina", "nina@example.com"), key="once")
    assert again.record == first.record
    assert again.secret == ""


def test_links_are_made_only_for_those_one_manages(entered: Any) -> None:
    users = entered.users
    assert links.find(secret_of(entered.do("ulla", MakeLink(users["mira"])).secret))
    for name, other in (("ulla", "root"), ("ulla", "fred"), ("mira", "ulla")):
        with pytest.raises(Refused):
            entered.do(name, MakeLink(users[other]))


def test_a_reset_ends_what_the_old_password_opened(entered: Any) -> None:
    cookie = log_in("mira")
    token = entered.do("mira", MakeToken("exchange")).secret
    secret = secret_of(entered.do("root", MakeLink(entered.users["mira"])).secret)
    entrance.enter_by_link(secret, "another horse battery")
    assert sessions.read(cookie) is None
    assert tokens.read(token) is None
    with pytest.raises(Refused):
        log_in("mira")
    assert log_in("mira", "another horse battery")


def test_a_link_is_its_users_alone(entered: Any) -> None:
    secret = secret_of(entered.do("root", MakeLink(entered.users["mira"])).secret)
    with pytest.raises(NotFound):
        entered.do("fred", SetPassword("another horse battery", link=secret))
    assert log_in("mira")


def test_changing_ones_password_keeps_this_browser_only(entered: Any) -> None:
    here, there = log_in("mira"), log_in("mira")
    held = sessions.read(here)
    assert held
    mira = entered.actor("mira")
    with pytest.raises(Invalid) as wrong:
        entrance.change_password(mira, "not mine at all", "another horse battery", held["id"])
    assert set(wrong.value.fields) == {"old"}
    entrance.change_password(mira, PASSWORD, "another horse battery", held["id"])
    assert sessions.read(here)
    assert sessions.read(there) is None
    assert log_in("mira", "another horse battery")


def test_the_old_password_cannot_be_guessed_from_inside(entered: Any) -> None:
    mira = entered.actor("mira")
    for _try in range(5):
        with pytest.raises(Invalid):
            entrance.change_password(mira, "a guess", "another horse battery", None)
    with pytest.raises(TooMany):
        entrance.change_password(mira, PASSWORD, "another horse battery", None)


def test_a_wrong_name_and_a_wrong_password_sound_alike(entered: Any) -> None:
    said = set()
    run(actors.system("test"), SwitchUser(entered.users["fred"], active=False))
    for name, password in (("mira", "wrong"), ("nobody", PASSWORD), ("fred", PASSWORD)):
        with pytest.raises(Refused) as refused:
            log_in(name, password)
        said.add((str(refused.value.what), str(refused.value.todo)))
    assert len(said) == 1
    assert not Session.objects.exists()


def test_a_login_is_told_to_who_manages_users(entered: Any) -> None:
    log_in("mira")
    event = Event.objects.get(type="user.login")
    assert event.primary_id == entered.users["mira"]
    redact = event_types.get("user.login").redact  # type: ignore[union-attr]
    assert redact(event.payload, entered.actor("ulla"), None)
    assert redact(event.payload, entered.actor("fred"), None) is None


def test_switching_off_ends_everything_at_once_and_keeps_the_records(entered: Any) -> None:
    cookie, users = log_in("mira"), entered.users
    token = entered.do("mira", MakeToken("exchange")).secret
    secret = secret_of(entered.do("root", MakeLink(users["mira"])).secret)
    ref = entered.do("mira", Create("company", {"name": "Acme"})).record
    entered.do("ulla", SwitchUser(users["mira"], active=False))
    assert sessions.read(cookie) is None
    assert tokens.read(token) is None
    assert links.find(secret) is None
    with pytest.raises(Refused):
        log_in("mira")
    root = entered.actor("root")
    assert root.state.users[users["mira"]].active is False
    from comity.access import policy

    assert policy.get(root, root.state.record_types["company"], ref.id).owner_id == users["mira"]
    entered.do("ulla", SwitchUser(users["mira"], active=True))
    assert log_in("mira")


def test_the_last_administrator_cannot_be_switched_off(entered: Any) -> None:
    root = entered.users["root"]
    with pytest.raises(Refused):
        entered.do("root", SwitchUser(root, active=False))
    with pytest.raises(Refused):
        run(actors.system("test"), SwitchUser(root, active=False))
    second = entered.do("root", InviteUser("Zoe", "zoe@example.com", administrator=True)).record.id
    entered.do("root", SwitchUser(second, active=False))
    with pytest.raises(Refused):
        entered.do("root", SwitchUser(root, active=False))
    assert User.objects.get(pk=root).active


def test_sessions_and_tokens_of_others_are_not_there(entered: Any) -> None:
    held = sessions.read(log_in("mira"))
    token = entered.do("mira", MakeToken("exchange")).data["id"]
    assert held
    for command in (EndSession(held["id"]), EndToken(token)):
        with pytest.raises(NotFound):
            entered.do("fred", command)
    with pytest.raises(NotFound):
        entered.do("root", MakeToken("spy", user_id=entered.users["mira"]))
    entered.do("fred", LogOut(held["id"]))
    assert Session.objects.exists()
    entered.do("ulla", EndSession(held["id"]))
    entered.do("mira", EndToken(token))
    assert not Session.objects.exists()
    assert tokens.listing(entered.users["mira"]) == []


def test_the_command_line_makes_tokens_for_anyone(entered: Any) -> None:
    mira = entered.users["mira"]
    result = run(actors.system("command line"), MakeToken("exchange", user_id=mira, days=30))
    held = tokens.read(result.secret)
    assert held
    assert held["user_id"] == mira
    with pytest.raises(Invalid):
        run(actors.system("command line"), MakeToken(" ", user_id=mira))


def test_looking_through_a_colleagues_eyes_writes_nothing(entered: Any) -> None:
    cookie, users = log_in("root"), entered.users
    held = sessions.read(cookie)
    assert held
    entered.do("root", SeeAs(held["id"], users["mira"]))
    assert sessions.read(cookie)["see_as_id"] == users["mira"]  # type: ignore[index]
    looking = actors.user_actor(users["mira"], seen_by=users["root"])
    with pytest.raises(Refused):
        run(looking, Create("company", {"name": "Acme"}))
    with pytest.raises(Refused):
        run(looking, SavePreferences({"theme": "dark"}))
    entered.do("root", SeeAs(held["id"], None))
    assert sessions.read(cookie)["see_as_id"] is None  # type: ignore[index]
    told = Event.objects.filter(type__startswith="user.seen_as").order_by("id")
    assert [(event.type, event.actor_id) for event in told] == [
        ("user.seen_as", users["root"]), ("user.seen_as_ended", users["root"]),
    ]  # fmt: skip


def test_only_administrators_look_through_others_eyes(entered: Any) -> None:
    own, other = sessions.read(log_in("ulla")), sessions.read(log_in("root"))
    assert own
    assert other
    with pytest.raises(Refused):
        entered.do("ulla", SeeAs(own["id"], entered.users["mira"]))
    with pytest.raises(NotFound):
        entered.do("ulla", SeeAs(other["id"], entered.users["mira"]))
    with pytest.raises(Refused):
        entered.do("root", SeeAs(other["id"], entered.users["root"]))


def test_preferences_are_ones_own_affair(company: Any) -> None:
    events = Event.objects.count()
    pin = ["company", str(company.users["root"])]
    company.do("mira", SavePreferences({
        "theme": "dark", "density": "compact", "keys_off": "1", "columns": {"company": ["name", "owner"]},
        "pinned": [pin], "notices": {"mention": False},
    }))  # fmt: skip
    member = company.actor("mira").member
    assert member.prefs["theme"] == "dark"
    assert member.prefs["pinned"] == [pin]
    company.do("mira", SavePreferences({"theme": "", "columns": {"person": ["emails"]}}))
    prefs = company.actor("mira").member.prefs
    assert "theme" not in prefs
    assert prefs["columns"] == {"company": ["name", "owner"], "person": ["emails"]}
    assert Event.objects.count() == events


def test_name_and_language_are_told(company: Any) -> None:
    company.do("mira", SavePreferences({"name": "Mira M.", "language": "ru", "timezone": "Europe/Sofia"}))
    actor = company.actor("mira")
    assert (actor.member.name, actor.language, actor.timezone) == ("Mira M.", "ru", "Europe/Sofia")
    event = Event.objects.latest("id")
    assert event.payload["changes"]["name"] == ["Mira", "Mira M."]


@pytest.mark.parametrize(
    "values",
    [
        {"theme": "pink"}, {"density": "huge"}, {"columns": {"company": ["nonsense"]}}, {"columns": {"nothing": []}},
        {"pinned": [["company", "no key"]]}, {"language": "xx"}, {"timezone": "Nowhere"}, {"name": " "},
        {"administrator": True}, {"password": "x"},
    ],
)  # fmt: skip
def test_preferences_that_make_no_sense(company: Any, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        company.do("mira", SavePreferences(values))
    assert not User.objects.get(pk=company.users["mira"]).administrator
