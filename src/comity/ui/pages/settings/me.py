"""Settings for me: profile, look, password and sessions, notices."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.changes import entrance
from comity.changes.colleagues import DENSITIES, THEMES, EndSession, SavePreferences
from comity.identity import passwords, sessions
from comity.kernel.errors import Invalid, TooMany
from comity.kernel.text import listed, sort_key
from comity.notices import kinds
from comity.records.labels import LANGUAGES
from comity.ui.names import code_name, zone_name
from comity.ui.pages.more import start_choices
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card, moment
from comity.ui.render import done, page

YEAR = 365 * 24 * 3600
# The first word of a time zone: its code among the names of countries and continents.
REGIONS = {
    "Africa": "002", "America": "019", "Antarctica": "AQ", "Asia": "142", "Australia": "AU", "Brazil": "BR",
    "Canada": "CA", "Chile": "CL", "Europe": "150", "Mexico": "MX",
}  # fmt: skip


def language_choices(offered: Any = ()) -> list[dict[str, str]]:
    """The six languages, each by its own name; only the offered ones when there are any."""
    return [{"value": code, "label": code_name("language", code, code)} for code in LANGUAGES
            if not offered or code in offered]  # fmt: skip


def timezone_choices() -> list[dict[str, Any]]:
    """Every time zone, by region, in the reader's language."""
    return _zones(translation.get_language() or "en")


@lru_cache(maxsize=8)
def _zones(language: str) -> list[dict[str, Any]]:
    regions: dict[str, list[dict[str, str]]] = {}
    for zone in sorted(available_timezones()):
        region, slash, _city = zone.partition("/")
        if slash and region not in ("Etc", "SystemV", "US", "posix", "right"):
            regions.setdefault(region, []).append({"value": zone, "label": zone_name(zone, language)})
    groups: list[dict[str, Any]] = [{"value": "UTC", "label": "UTC"}]
    for region, found in regions.items():
        found.sort(key=lambda one: sort_key(one["label"]))
        groups.append({"label": _region_name(region, language), "choices": found})
    return groups


def _region_name(region: str, language: str) -> str:
    oceans = {
        "Arctic": _("Arctic"), "Atlantic": _("Atlantic Ocean"), "Indian": _("Indian Ocean"),
        "Pacific": _("Pacific Ocean"),
    }  # fmt: skip
    return oceans.get(region) or code_name("country", REGIONS.get(region, region), language)


# --- profile ---------------------------------------------------------------------------------------------------------


def _profile_cards(request: HttpRequest, item: str) -> list[Card]:
    actor = actor_of(request)
    member, organization = actor.member, actor.state.organization
    offered = organization.languages if organization else ()
    return [
        card("profile", _("Me"), url=act_url("profile", "profile"), fields=[
            {"key": "name", "kind": "text", "label": pgettext("of a person", "Name"), "value": member.name,
             "required": True, "autocomplete": "name", "max_length": 150},
            {"key": "language", "kind": "language", "label": _("Language"), "value": member.language,
             "choices": language_choices(offered), "help": _("Empty: the company’s language.")},
            {"key": "timezone", "kind": "choice", "label": _("Time zone"), "value": member.timezone,
             "choices": timezone_choices(),
             "help": _("“Today” and “late” are counted by it. Empty: the company’s time zone.")},
            {"key": "start", "kind": "choice", "label": _("Start page"), "value": member.prefs.get("start", ""),
             "choices": start_choices(actor),
             "help": _("The list that opens after you log in. Empty: the first one of the menu.")},
        ]),
    ]  # fmt: skip


def _save_profile(request: HttpRequest, item: str) -> HttpResponse:
    before = actor_of(request).language
    command = SavePreferences(kit.posted(request, "name", "language", "timezone", "start"))

    def after(response: HttpResponse) -> None:
        actor = actor_of(request)
        if actor.language != before:
            translation.activate(actor.language)
            response["HX-Refresh"] = "true"

    return kit.save(request, "profile", "profile", command, after=after)


PROFILE = kit.add(SettingsPage(
    "profile", lambda: _("Profile"), "id-badge", 10, _profile_cards, {"profile": _save_profile},
    words=lambda: _("name, language, time zone, start page"),
))  # fmt: skip


# --- look ------------------------------------------------------------------------------------------------------------


def _look_cards(request: HttpRequest, item: str) -> list[Card]:
    cookies = request.COOKIES
    themes = {"light": _("Light"), "dark": _("Dark"), "": _("As the device")}
    return [
        card("look", _("Look and keys"), url=act_url("look", "look"), fields=[
            {"key": "theme", "kind": "choice", "label": _("Look"), "required": True,
             "value": cookies.get("theme", ""), "choices": [{"value": key, "label": themes[key]} for key in THEMES]},
            {"key": "density", "kind": "choice", "label": _("Rows"), "required": True,
             "value": cookies.get("density", ""),
             "choices": [{"value": "", "label": _("Roomy")}, {"value": "compact", "label": _("Compact")}]},
            {"key": "keys_off", "kind": "bool", "label": _("Switch off the single-letter keys"),
             "value": bool(actor_of(request).member.prefs.get("keys_off")),
             "help": _("Keys such as N for new or E for edit. Keys together with Ctrl stay.")},
        ]),
    ]  # fmt: skip


def _save_look(request: HttpRequest, item: str) -> HttpResponse:
    look = kit.posted(request, "theme", "density")
    values: dict[str, Any] = {**look, "keys_off": kit.flag(request, "keys_off")}

    def after(response: HttpResponse) -> None:
        # The look of a browser is its own: read from its cookie, so that no page flashes in another one.
        for name, allowed in (("theme", THEMES), ("density", DENSITIES)):
            if look.get(name) in allowed and look[name]:
                response.set_cookie(name, look[name], max_age=YEAR, samesite="Lax")
            elif name in look:
                response.delete_cookie(name, samesite="Lax")
        response["HX-Refresh"] = "true"

    return kit.save(request, "look", "look", SavePreferences(values), after=after)


LOOK = kit.add(SettingsPage(
    "look", lambda: _("Look and keys"), "palette", 20, _look_cards, {"look": _save_look},
    words=lambda: _("theme, light, dark, compact rows, keyboard"),
))  # fmt: skip


# --- password and sessions -------------------------------------------------------------------------------------------


def session_rows(request: HttpRequest, user_id: Any, owner: str, item: Any = "") -> list[dict[str, Any]]:
    """The rows of a table of sessions, each with its End."""
    actor, here = actor_of(request), getattr(request, "session_id", None)
    rows = []
    for one in sessions.listing(user_id):
        actions = [] if one.pk == here else [
            button(_("End session"), act_url(owner, "end-session", item, id=str(one.pk)), method="post"),
        ]  # fmt: skip
        seen = _("This browser") if one.pk == here else moment(actor, one.seen_at)
        rows.append({"cells": [browser(one.agent, actor.language), seen, one.address], "actions": actions})
    return rows


def browser(agent: str, language: str) -> str:
    """What a browser calls itself, in short: name and system."""
    names = (("Edg", "Edge"), ("OPR", "Opera"), ("YaBrowser", "Yandex"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
             ("Safari", "Safari"))  # fmt: skip
    systems = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
               ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
    name = next((shown for part, shown in names if part in agent), "")
    system = next((shown for part, shown in systems if part in agent), "")
    return listed((name, system), language) or agent[:40] or _("Unknown")


def _security_cards(request: HttpRequest, item: str) -> list[Card]:
    rows = session_rows(request, actor_of(request).user_id, "security")
    return [
        card("password", _("Password"), help=_("Changing it logs your other browsers out."),
             actions=[button(_("Change password"), act_url("security", "password"), icon="key")]),
        card("sessions", _("Where you are logged in"),
             table={"caption": _("Sessions"), "columns": [_("Browser"), _("Last seen"), _("Address")], "rows": rows}),
    ]  # fmt: skip


def _password(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(_("Change password"), act_url("security", "password"), [
        {"key": "old", "kind": "password", "label": _("Present password"), "required": True,
         "autocomplete": "current-password"},
        {"key": "password", "kind": "password", "label": _("New password"), "required": True,
         "autocomplete": "new-password",
         "help": passwords.rule()},
    ], back=SECURITY, submit=_("Change password"))  # fmt: skip
    if request.method != "POST":
        return page(request, "ui/form.html", form=made)
    old, new = request.POST.get("old", ""), request.POST.get("password", "")
    try:
        entrance.change_password(actor_of(request), old, new, getattr(request, "session_id", None))
    except (Invalid, TooMany) as problem:
        return page(request, "ui/form.html", status=problem.status, form=kit.refilled(made, request, problem))
    return done(request, SECURITY.url, _("Your password is changed."))


def _end_session(request: HttpRequest, item: str) -> HttpResponse:
    command = EndSession(kit.key_of(request.GET.get("id", "")))
    return kit.press(request, SECURITY.url, command, _("The session is ended."))


SECURITY = kit.add(SettingsPage(
    "security", lambda: _("Password and sessions"), "lock", 30, _security_cards,
    {"password": _password, "end-session": _end_session}, words=lambda: _("password, sessions, log out elsewhere"),
))  # fmt: skip


# --- notices ---------------------------------------------------------------------------------------------------------


def _told(request: HttpRequest) -> list[kinds.NoticeKind]:
    """The kinds of notices that can come: those of modules that are off cannot."""
    return [one for one in kinds.all_kinds() if not actor_of(request).state.off.hides(one.label)]


def _notice_cards(request: HttpRequest, item: str) -> list[Card]:
    prefs = actor_of(request).member.prefs
    told = _told(request)
    on = [one.key for one in told if kinds.is_on(prefs, one.key)]
    choices = [{"value": one.key, "label": one.label()} for one in told]
    field = {"key": "notices", "kind": "multichoice", "label": _("Tell me when"), "value": on, "choices": choices}
    return [card("notices", _("Notices"), url=act_url("notices", "notices"), fields=[field])]


def _save_notices(request: HttpRequest, item: str) -> HttpResponse:
    wanted = set(kit.many(request, "notices"))
    switches = {one.key: one.key in wanted for one in _told(request)}
    return kit.save(request, "notices", "notices", SavePreferences({"notices": switches}))


NOTICES = kit.add(SettingsPage(
    "notices", lambda: _("Notices"), "bell", 50, _notice_cards, {"notices": _save_notices},
    words=lambda: _("bell, what I am told"),
))  # fmt: skip
