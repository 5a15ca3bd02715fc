"""Passwords: hashed by Argon2id through Django's hasher, checked for strength in our own words."""

from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.identity.models import User

MIN_LENGTH = 10
MAX_LENGTH = 256


class _Hasher(Argon2PasswordHasher):
    """OWASP's least Argon2id: 19 MiB and two rounds; Django's 100 MiB would burst our memory budget at each login."""

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1


_hasher = _Hasher()


def hashed(password: str) -> str:
    """The salted hash to keep (takes some 30 ms on purpose: call it outside of write transactions where you can)."""
    return _hasher.encode(password, _hasher.salt())


@cache
def _dummy() -> str:
    return hashed("nobody has this password")


def matches(password: str, kept: str) -> bool:
    """Whether the password belongs to a kept hash. Without a hash it takes as long as with one, and is False."""
    fits = _hasher.verify(password[:MAX_LENGTH], kept or _dummy())
    return fits and bool(kept)


def outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return bool(_hasher.must_update(kept))


def rule() -> str:
    """What a new password must be like, in words."""
    text = ngettext(
        "Use at least %(count)s character. A few words in a row are easy to remember.",
        "Use at least %(count)s characters. A few words in a row are easy to remember.",
        MIN_LENGTH,
    )
    return text % {"count": MIN_LENGTH}


def problems(password: str, user: User) -> list[str]:
    """What is wrong with a new password for that user, in words; empty when it is good."""
    if len(password) < MIN_LENGTH:
        return [rule()]
    if len(password) > MAX_LENGTH:
        text = ngettext("At most %(count)s character fits.", "At most %(count)s characters fit.", MAX_LENGTH)
        return [text % {"count": MAX_LENGTH}]
    found = []
    if _refused(CommonPasswordValidator(), password, user):
        found.append(_("Many people use this password, so it is among the first that are tried. Choose another."))
    if _refused(UserAttributeSimilarityValidator(user_attributes=("name", "email")), password, user):
        found.append(_("This is too much like your name or e-mail address. Choose another."))
    return found


def _refused(validator: CommonPasswordValidator | UserAttributeSimilarityValidator, password: str, user: User) -> bool:
    # Only the verdict is Django's: its words live in a catalogue that comes with an app we do not install.
    try:
        validator.validate(password, user)  # type: ignore[arg-type]
    except ValidationError:
        return True
    return False
