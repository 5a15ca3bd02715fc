"""Who works here: people with a login, the org tree, and the keys they hold."""

from typing import Any
from uuid import UUID

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import FoldField, KeyField, key_field

HUES = 8
# The hues of the eight colour classes, in degrees: a company may take one for its accent. The first is the house's own.
ACCENT_HUES = (178, 245, 300, 20, 60, 95, 150, 340)


def work_week() -> list[int]:
    """The weekdays a company works on until it says otherwise: Monday (0) to Friday."""
    return list(range(5))


class Organization(models.Model):
    """The one company of this installation and its defaults; exactly one row, key 1.

    Its working hours are read by kernel.worktime.work_hours.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    timezone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=8, default="en")
    languages = models.JSONField(default=list)  # those offered to users, [] = all
    currency = models.CharField(max_length=3)
    currencies = models.JSONField(default=list)  # further currencies in use
    accent_hue = models.PositiveSmallIntegerField(null=True, blank=True)  # of ACCENT_HUES; none: the house's own
    person_clients = models.BooleanField(default=False)  # people are clients themselves (no company needed)
    demo = models.BooleanField(default=False)
    modules_off = models.JSONField(default=list, blank=True)  # keys of records.modules
    work_days = models.JSONField(default=work_week)  # weekdays, Monday = 0
    work_from = models.CharField(max_length=5, default="09:00")
    work_to = models.CharField(max_length=5, default="18:00")  # "24:00" = until midnight
    holidays = models.JSONField(default=list, blank=True)  # ISO days
    answer_minutes = models.PositiveIntegerField(default=60)  # of work, until an inquiry's first answer is late


class Branch(models.Model):
    """A legal entity of the company: what it is called in papers, its requisites and accounts, one a line.

    own_hours  whether it keeps working hours and holidays of its own: those below, else the company's. They hold for
               the people of its teams, see access.branches; `timezone` "" = the company's
    """

    id = key_field()
    name = models.CharField(max_length=80)
    legal_name = models.CharField(max_length=300)
    country = models.CharField(max_length=2)
    tax_number = models.CharField(max_length=32, default="", blank=True)
    reg_number = models.CharField(max_length=40, default="", blank=True)
    reason_code = models.CharField(max_length=20, default="", blank=True)
    legal_address = models.TextField(default="", blank=True)
    actual_address = models.TextField(default="", blank=True)
    bank_account = models.TextField(default="", blank=True)
    own_hours = models.BooleanField(default=False)
    timezone = models.CharField(max_length=64, default="", blank=True)
    work_days = models.JSONField(default=work_week)
    work_from = models.CharField(max_length=5, default="09:00")
    work_to = models.CharField(max_length=5, default="18:00")
    holidays = models.JSONField(default=list, blank=True)
    archived_at = models.DateTimeField(null=True)


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the company's currency from a day on."""

    id = key_field()
    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["currency", "day"], name="one_rate_a_day")]


class Team(models.Model):
    """A node of the org tree: department, branch, group. `branch`: the legal entity its people work for; none: that of
    the team it stands below."""

    id = key_field()
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    position = models.IntegerField(default=0)
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="teams")


class User(models.Model):
    """A colleague with a login. `active` off ends sessions and tokens at once."""

    id = key_field()
    email = models.EmailField(max_length=254)
    email_fold = FoldField(unique=True)
    name = models.CharField(max_length=150)
    password = models.CharField(max_length=200, default="", blank=True)  # a hash, or empty: no login yet
    job_title = models.CharField(max_length=120, default="", blank=True)
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    hue = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(default=True)
    administrator = models.BooleanField(default=False)
    service = models.BooleanField(default=False)  # a program of the company: tokens, but no password and no login
    language = models.CharField(max_length=8, default="", blank=True)  # empty: the company's
    timezone = models.CharField(max_length=64, default="", blank=True)
    prefs = models.JSONField(default=dict)  # theme, density, keys_off, columns, pinned, start page
    created_at = models.DateTimeField(default=now)
    last_login_at = models.DateTimeField(null=True, blank=True)

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return initials(self.name)


class Membership(models.Model):
    """A user's place in a team; a lead sees with the team's rights what its branch owns."""

    id = key_field()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    lead = models.BooleanField(default=False)
    main = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="once_in_a_team")]


class Session(models.Model):
    """A browser that is logged in. The cookie's secret is kept as a hash only."""

    id = key_field()
    key_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    see_as = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=45, default="")
    agent = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()


class ApiToken(models.Model):
    """A key for programs, acting with its user's rights. Shown once, kept as a hash.

    scopes  how much of those rights: see access.bounds; "" = all of them
    """

    id = key_field()
    key_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120, default="")
    scopes = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)


class OneTimeLink(models.Model):
    """An invitation or password reset that works once, until it expires; made by an administrator."""

    id = key_field()
    key_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=12)  # invite | reset
    created_by = KeyField(null=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class LoginFailure(models.Model):
    """A wrong password, counted per login name and per address to slow guessing down."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=320)  # "email:..." or "address:..."
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["scope", "at"], name="login_failure_scope")]


def initials(name: str) -> str:
    """Up to two initials of a display name: first letters of its first two words."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def hue_of(key: Any) -> int:
    """A stable colour class 1 to 8 for any record key."""
    return (key.int if isinstance(key, UUID) else int(str(key)[-4:], 16)) % HUES + 1
