"""The settings of the company, its people, teams, roles, rates, tags and views, and what each must keep true."""

from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import ACTIONS, NO_MORE, PERMITS, SCOPES, Role, RoleMember
from comity.changes import formula_fields, working_hours
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, key_problem, register_type, text_per_language
from comity.identity.models import ACCENT_HUES, HUES, ExchangeRate, Membership, Organization, Team, User, hue_of
from comity.kernel import emails
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.kernel.text import fold, listed
from comity.records import modules
from comity.records.conditions import BadCondition, compile_q
from comity.records.fields import LEVELS
from comity.records.json_access import KEY
from comity.records.labels import LANGUAGES
from comity.records.models import CustomField, Relation, RelationKind, SavedView, Tag


def _goes(work: Work, row: Row) -> None:
    """Nothing stands in the way of its going."""


def is_currency(code: Any) -> bool:
    """Whether it is an ISO 4217 code."""
    from babel.numbers import list_currencies

    return code in list_currencies()


def is_country(code: Any) -> bool:
    """Whether it is an ISO 3166 code of two letters."""
    from babel import Locale

    return isinstance(code, str) and len(code) == 2 and code.isalpha() and code in Locale("en").territories


def _check_language_and_zone(row: Row, wrong: Wrong) -> None:
    if row.language and row.language not in LANGUAGES:
        wrong.add("language", _("Choose one of the list."))
    if row.timezone and row.timezone not in available_timezones():
        wrong.add("timezone", _("Choose one of the list."))


# --- company ---------------------------------------------------------------------------------------------------------


def _check_organization(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    row.pk = 1
    if not before and Organization.objects.exists():
        raise Refused(_("The company is set up already."))
    _check_language_and_zone(row, wrong)
    if not row.language:
        wrong.add("language", _("Choose one of the list."))
    if not is_country(row.country):
        wrong.add("country", _("Choose one of the list."))
    if not is_currency(row.currency):
        wrong.add("currency", _("Choose one of the list."))
    if not isinstance(row.currencies, list) or not all(map(is_currency, row.currencies)):
        wrong.add("currencies", _("Choose one of the list."))
    if not isinstance(row.languages, list) or not set(row.languages) <= set(LANGUAGES):
        wrong.add("languages", _("Choose one of the list."))
    if before and before["currency"] != row.currency and ExchangeRate.objects.exists():
        wrong.add("currency", _("The exchange rates are counted in this currency. Delete them first."))
    if row.accent_hue is not None and row.accent_hue not in ACCENT_HUES:
        wrong.add("accent_hue", _("Choose one of the list."))
    if not isinstance(row.modules_off, list) or not set(row.modules_off) <= {one.key for one in modules.every()}:
        wrong.add("modules_off", _("Choose one of the list."))
    working_hours.check(row, wrong)
    wrong.stop()
    row.currencies = [code for code in dict.fromkeys(row.currencies) if code != row.currency]
    row.languages = [code for code in LANGUAGES if code in row.languages]


register_type(SettingType(
    "organization", Organization,
    ("name", "country", "timezone", "language", "languages", "currency", "currencies", "accent_hue",
     "person_clients", "demo", "modules_off", *working_hours.FIELDS),
    "settings", lambda row: row.name, _check_organization,
))  # fmt: skip


def _check_rate(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    organization = work.actor.state.organization
    if not is_currency(row.currency) or (organization and row.currency == organization.currency):
        wrong.add("currency", _("Choose another currency than the company's own."))
    if row.rate is None or row.rate <= 0:
        wrong.add("rate", _("Enter a number above zero."))
    if ExchangeRate.objects.filter(currency=row.currency, day=row.day).exclude(pk=row.pk).exists():
        wrong.add("day", _("There is a rate for this day already."))
    wrong.stop()


register_type(SettingType(
    "rate", ExchangeRate, ("currency", "day", "rate"), "settings", lambda row: f"{row.currency} {row.day}",
    _check_rate, removed=_goes,
))  # fmt: skip


# --- people and teams ------------------------------------------------------------------------------------------------


def may_manage(actor: Actor, user: User) -> bool:
    """Whether he may change, invite again or switch off that user: never one with more rights than his own."""
    if actor.administrator:
        return True
    state = actor.state
    held = [state.roles[key] for key in state.roles_of.get(user.id, ())]
    return (
        actor.permits("users")
        and not user.administrator
        and all(actor.permits(name) for role in held for name in role.permits)
    )


def other_administrators(user: User) -> bool:
    """Whether somebody else is an active administrator; those rows are held until the transaction ends."""
    others = User.objects.select_for_update().filter(administrator=True, active=True).exclude(pk=user.pk)
    return bool(list(others.values_list("pk", flat=True)))


def last_administrator() -> Refused:
    """The problem to raise before nobody could administer the installation any more."""
    return Refused(_("This is the last administrator."), todo=_("Make another colleague an administrator first."))


def _check_user(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    try:
        row.email = emails.normalise(row.email)
    except Invalid as problem:
        wrong.add("email", str(problem))
    row.email_fold = fold(row.email)
    if User.objects.filter(email_fold=row.email_fold).exclude(pk=row.pk).exists():
        wrong.add("email", _("A colleague with this e-mail address exists already."))
    _check_language_and_zone(row, wrong)
    if not row.name:
        wrong.add("name", _("Fill this in."))
    if row.manager_id is not None and _reports_to(row.manager_id, row.pk):
        wrong.add("manager", _("This colleague reports to the person you are editing."))
    if not before or not 1 <= row.hue <= HUES:
        row.hue = hue_of(row.pk)
    wrong.stop()
    if row.administrator != before.get("administrator", False):
        if not work.actor.administrator:
            raise Refused()
        if not row.administrator and row.active and not other_administrators(row):
            raise last_administrator()


def _reports_to(user_id: Any, manager_id: Any) -> bool:
    """Whether `user_id` is `manager_id` or stands below him."""
    above = dict(User.objects.values_list("pk", "manager_id"))
    seen = set()
    while user_id is not None and user_id not in seen:
        if user_id == manager_id:
            return True
        seen.add(user_id)
        user_id = above.get(user_id)
    return False


register_type(SettingType(
    "user", User, ("name", "email", "job_title", "manager", "hue", "language", "timezone", "administrator"),
    "users", lambda row: row.name, _check_user, allowed=lambda actor, row: may_manage(actor, row),
))  # fmt: skip


def _check_team(work: Work, row: Row, before: Values) -> None:
    if row.parent_id is not None and row.pk in (row.parent_id, *_above(row.parent_id)):
        raise Invalid(fields={"parent": [_("A team can't stand below itself.")]})
    moved = before and before["parent_id"] != (str(row.parent_id) if row.parent_id else None)
    if moved and not work.actor.administrator and row.parent_id in work.actor.branch:
        raise Refused()  # as with membership: he would see from then on what is that team's


def _above(team_id: Any) -> list[Any]:
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    found: list[Any] = []
    while (team_id := parents.get(team_id)) is not None and team_id not in found:
        found.append(team_id)
    return found


register_type(SettingType(
    "team", Team, ("name", "parent", "position", "branch"), "users", lambda row: row.name, _check_team, removed=_goes,
))  # fmt: skip


def _check_membership(work: Work, row: Row, before: Values) -> None:
    if before and (before["user_id"], before["team_id"]) != (str(row.user_id), str(row.team_id)):
        raise Invalid(fields={"team": [_("Take the colleague out of the team and put him into the other one.")]})
    if Membership.objects.filter(user_id=row.user_id, team_id=row.team_id).exclude(pk=row.pk).exists():
        raise Invalid(fields={"user": [_("This colleague is in the team already.")]})
    if not work.actor.administrator and (row.user_id == work.actor.user_id or not may_manage(work.actor, row.user)):
        raise Refused()


def _one_main(work: Work, row: Row, before: Values) -> None:
    if row.main:
        Membership.objects.filter(user_id=row.user_id, main=True).exclude(pk=row.pk).update(main=False)


def _membership_name(row: Row) -> dict[str, str]:
    return {language: listed((row.user.name, row.team.name), language) for language in LANGUAGES}


# A team gives sight of its records, so nobody but an administrator puts himself into one.
register_type(SettingType(
    "membership", Membership, ("user", "team", "lead", "main"), "users", _membership_name, _check_membership, _one_main,
    removed=_goes,
))  # fmt: skip


# --- roles -----------------------------------------------------------------------------------------------------------


def _check_role(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    state = work.actor.state
    if before and before["key"] != row.key:
        wrong.add("key", _("The key stays as it was made."))
    elif not KEY.fullmatch(row.key):
        wrong.add("key", _("Use small Latin letters, digits and underscores; begin with a letter."))
    elif Role.objects.filter(key=row.key).exclude(pk=row.pk).exists():
        wrong.add("key", _("A role with this key exists already."))
    try:
        row.name = text_per_language(row.name, LANGUAGES)
    except ValueError as problem:
        wrong.add("name", str(problem))
    kinds = {"*", *state.record_types}
    for type_key, actions in (row.grants or {}).items():
        if type_key not in kinds or any(one not in ACTIONS or scope not in SCOPES for one, scope in actions.items()):
            wrong.add("grants", _("Choose one of the list."))
    for type_key, levels in (row.fields or {}).items():
        # Fields archived since may still be named: they come back with their restriction.
        if type_key not in state.record_types or any(level not in LEVELS for level in levels.values()):
            wrong.add("fields", _("Choose one of the list."))
    row.permits = [one for one in row.permits if one not in NO_MORE]
    if not set(row.permits) <= set(PERMITS):
        wrong.add("permits", _("Choose one of the list."))
    wrong.stop()
    formula_fields.close_to(work, row, before)


register_type(SettingType(
    "role", Role, ("key", "name", "grants", "fields", "permits"), "roles",
    lambda row: row.name, _check_role, removed=_goes,
))  # fmt: skip


def _check_role_member(work: Work, row: Row, before: Values) -> None:
    if before:
        raise Refused()
    if RoleMember.objects.filter(user_id=row.user_id, role_id=row.role_id).exists():
        raise Invalid(fields={"user": [_("This colleague holds the role already.")]})


def _role_member_name(row: Row) -> dict[str, str]:
    return {language: listed((row.user.name, name), language) for language, name in row.role.name.items()}


register_type(SettingType(
    "role_member", RoleMember, ("user", "role"), "roles", _role_member_name, _check_role_member, removed=_goes,
))  # fmt: skip


# --- tags, relation kinds, views -------------------------------------------------------------------------------------


def _check_tag(work: Work, row: Row, before: Values) -> None:
    row.name = " ".join(row.name.split())
    row.fold = fold(row.name)
    if not row.fold:
        raise Invalid(fields={"name": [_("Fill this in.")]})
    if Tag.objects.filter(fold=row.fold).exclude(pk=row.pk).exists():
        raise Invalid(fields={"name": [_("There is a tag of this name already.")]})
    if not before or not 1 <= row.hue <= HUES:
        row.hue = hue_of(row.pk)


# Everybody may make a new tag while working; only who has the permit renames or deletes what others use.
register_type(SettingType(
    "tag", Tag, ("name", "hue"), "settings", lambda row: row.name, _check_tag,
    allowed=lambda actor, row: row._state.adding or actor.permits("settings"), removed=_goes,
))  # fmt: skip


def _check_relation_kind(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    if before and before["key"] != row.key:
        wrong.add("key", _("The key stays as it was made."))
    elif not before and (problem := key_problem(row.key)):
        wrong.add("key", problem)
    elif (
        RelationKind.objects.filter(key=row.key).exclude(pk=row.pk).exists()
        or CustomField.objects.filter(key=row.key, kind="relation").exists()
    ):
        wrong.add("key", _("This key is in use already."))
    for name in ("forward", "backward"):
        try:
            setattr(row, name, text_per_language(getattr(row, name), LANGUAGES))
        except ValueError as problem:
            wrong.add(name, str(problem))
    wrong.stop()


def _relation_kind_goes(work: Work, row: Row) -> None:
    if row.archived_at is None and Relation.objects.filter(kind=row.key).exists():
        raise Invalid(
            _("Some cards are linked this way."),
            kept=_("Nothing was changed."),
            todo=_("Take those links away first."),
        )


register_type(SettingType(
    "relation_kind", RelationKind, ("key", "forward", "backward"), "fields",
    lambda row: row.forward, _check_relation_kind, removed=_relation_kind_goes,
))  # fmt: skip


def _may_view(actor: Actor, row: Row) -> bool:
    """One's own view; a shared one with the permit. Somebody's private view is not there for others."""
    if row._state.adding or row.owner_id == actor.user_id:
        return not row.shared or actor.permits("views")
    if not row.shared:
        raise NotFound()
    return actor.permits("views")


def _check_view(work: Work, row: Row, before: Values) -> None:
    actor, wrong = work.actor, Wrong()
    if not before:
        row.owner_id = actor.user_id
    if row.team_id is not None:
        row.shared = True
    if row.shared and not actor.permits("views"):
        raise Refused(_("You may keep views for yourself, but not share them."))
    record_type = actor.state.record_types.get(row.type_key)
    if record_type is None or (before and before["type_key"] != row.type_key):
        raise NotFound()
    if not row.name:
        wrong.add("name", _("Fill this in."))
    readable = {spec.key: spec for spec in policy.readable_fields(actor, record_type)}
    shown = {spec.key for spec, _level in policy.shown_fields(actor, record_type)} | {"title"}
    try:
        compile_q(row.where, policy.condition_scope(actor, record_type))
    except BadCondition:
        wrong.add("where", _("This filter does not fit the list. Set it again."))
    if not isinstance(row.columns, list) or not set(map(str, row.columns)) <= shown:
        wrong.add("columns", _("Choose one of the list."))
    order = row.sort.removeprefix("-")
    stays = bool(before) and before["sort"] == row.sort  # its field may have lost its index since: by title till then
    if order and order != "title" and not stays and not (order in readable and readable[order].sortable):
        wrong.add("sort", _("Choose one of the list."))
    wrong.stop()


register_type(SettingType(
    "view", SavedView, ("type_key", "name", "shared", "team", "where", "columns", "sort", "position"), "views",
    lambda row: row.name, _check_view, allowed=_may_view, removed=_goes,
))  # fmt: skip
