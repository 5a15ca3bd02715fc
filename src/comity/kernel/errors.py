"""Problems as a person meets them: what happened, what is kept, what to do; the technical cause goes to the log."""

import base64
import errno
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

log = logging.getLogger("comity")

Text = str | Promise

_NOT_SAVED = _("Nothing was saved. What you typed is still on this page.")
_TRY_SOON = _("Wait a few seconds and try again.")


class Problem(Exception):
    """Something a person is told. `what`, `kept`, `todo` are calm translated texts, `status` an HTTP status.

    `reference` is eight letters and digits, made at creation: the same stands in the log.
    """

    status = 500
    what: Text = _("Something went wrong on our side.")
    kept: Text = _NOT_SAVED
    todo: Text = _("Try again. If it happens again, tell your administrator the reference number.")

    def __init__(self, what: Text | None = None, *, kept: Text | None = None, todo: Text | None = None) -> None:
        self.what = self.what if what is None else what
        self.kept = self.kept if kept is None else kept
        self.todo = self.todo if todo is None else todo
        self.reference = base64.b32encode(secrets.token_bytes(5)).decode()
        super().__init__(self.what)

    def __str__(self) -> str:
        return str(self.what)

    def as_dict(self) -> dict[str, Any]:
        """The texts in the active language, for an answer in JSON."""
        texts = {"what": str(self.what), "kept": str(self.kept), "todo": str(self.todo)}
        return {"status": self.status, "reference": self.reference, **texts}


class NotFound(Problem):
    """404 for what is not there and equally for what the person may not see."""

    status = 404
    what = _("This page is not here, or you may not see it.")
    kept = _("Nothing was changed.")
    todo = _("Check the address, or look for the record by its name.")


class Unknown(Problem):
    """401: nobody is logged in, and no token that works was sent."""

    status = 401
    what = _("Log in or send a token that works.")
    kept = _("Nothing was changed.")
    todo = _("Send the header “Authorization: Bearer” with a token. You make one in your settings.")


class Refused(Problem):
    """403 for an action on something the person does see."""

    status = 403
    what = _("You may not do this.")
    kept = _("Nothing was changed.")
    todo = _("Ask your administrator if you need this right.")


class WrongWay(Problem):
    """405: the address carries something out, and somebody has merely opened it (reloaded, came back after login)."""

    status = 405
    what = _("This address carries out what a button of a page sends; it cannot be opened by itself.")
    kept = _("Nothing was changed.")
    todo = _("Go back to the page you came from and press the button there.")


class Conflict(Problem):
    """409: someone else changed it first. `current` is what stands there now, for showing both versions."""

    status = 409
    what = _("Someone else changed this while you were working on it.")
    kept = _("Their change is saved. Yours is still on this page.")
    todo: Text = _("Compare both versions and choose what to keep.")

    def __init__(self, what: Text | None = None, *, current: Any = None, **texts: Text) -> None:
        super().__init__(what, **texts)
        self.current = current


class Invalid(Problem):
    """422: the input needs a correction. `fields` maps field keys to what is wrong with each."""

    status = 422
    what = _("Some of the input needs a correction.")
    todo = _("Correct the marked fields and save again.")

    def __init__(
        self, what: Text | None = None, *, fields: Mapping[str, Sequence[Text]] | None = None, **texts: Text
    ) -> None:
        super().__init__(what, **texts)
        self.fields: dict[str, list[Text]] = {key: list(found) for key, found in (fields or {}).items()}

    def as_dict(self) -> dict[str, Any]:
        """Also the texts per field."""
        return super().as_dict() | {
            "fields": {key: [str(text) for text in found] for key, found in self.fields.items()}
        }


class TooLarge(Problem):
    """413: a file or form above its limit."""

    status = 413
    what = _("This is larger than allowed.")
    kept = _("Nothing was saved.")
    todo = _("Choose a smaller file, or ask your administrator to raise the limit.")


class TooMany(Problem):
    """429: too many tries; `retry_after` seconds must pass."""

    status = 429
    what = _("Too many attempts in a short time.")
    kept = _("Nothing was changed.")
    todo = _("Wait a little and try again.")

    def __init__(self, what: Text | None = None, *, retry_after: int = 60, **texts: Text) -> None:
        super().__init__(what, **texts)
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, Any]:
        """Also the seconds to wait."""
        return super().as_dict() | {"retry_after": self.retry_after}


class Busy(Problem):
    """503: the base is locked, away or full. `retry_after` seconds is a fair pause before the next try."""

    status = 503
    retry_after = 5
    what = _("Too many changes are being saved at this moment.")
    todo = _TRY_SOON


def disk_full() -> Busy:
    """The problem to raise when the disk takes nothing more."""
    return Busy(
        _("There is no room left on the server's disk."),
        todo=_("Tell your administrator to free some disk space, then save again."),
    )


def _storage_failed() -> Busy:
    return Busy(
        _("The server cannot write to its disk."),
        todo=_("Tell your administrator the reference number, then save again."),
    )


def _away() -> Busy:
    # The link may break after the base had already saved: promise neither.
    return Busy(
        _("The database is out of reach for a moment."),
        kept=_("What you typed is still on this page. It is not certain whether the last change was saved."),
        todo=_("Wait a few seconds and look at the record. If the change is not there, save again."),
    )


# Primary SQLite result codes (sqlite.org/rescode.html) and SQLSTATE classes (PostgreSQL manual, appendix A).
_SQLITE = {5: Busy, 6: Busy, 8: _storage_failed, 10: _storage_failed, 13: disk_full, 14: _storage_failed}
_POSTGRES = {
    "40001": Busy, "40P01": Busy, "55P03": Busy, "53100": disk_full, "53200": Busy, "53300": Busy,
    "57P01": _away, "57P02": _away, "57P03": _away,
}  # fmt: skip
_SQLITE_TWINS = (1555, 2067)  # extended codes of a primary key and of a unique index met twice
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def busy_from(exc: BaseException) -> Busy | None:
    """The Busy that fits a database or disk error which will pass or needs the administrator; None for any other."""
    if isinstance(exc, OSError):
        return disk_full() if exc.errno in _DISK_FULL else _storage_failed() if exc.errno == errno.EROFS else None
    if not isinstance(exc, OperationalError | InterfaceError):
        return None
    cause = exc.__cause__ or exc
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        make = _SQLITE.get(code & 0xFF)
        return make() if make else None
    if type(cause).__module__.partition(".")[0] != "psycopg":
        return None
    state = getattr(cause, "sqlstate", None)
    if state is None or state.startswith("08"):
        return _away()  # psycopg gives no SQLSTATE when the connection itself broke
    make = _POSTGRES.get(state)
    return make() if make else None


def _is_twin(exc: IntegrityError) -> bool:
    """Whether it is the second of what may be there once: commands look first, so two came at the same moment."""
    cause = exc.__cause__ or exc
    code = getattr(cause, "sqlite_errorcode", None)
    return code in _SQLITE_TWINS or getattr(cause, "sqlstate", None) == "23505"


def _known(exc: BaseException) -> Problem | None:
    if isinstance(exc, Http404):
        return NotFound()
    if isinstance(exc, PermissionDenied):
        return Refused()
    if isinstance(exc, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return TooLarge()
    if isinstance(exc, ValidationError):
        fields = exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages}
        return Invalid(fields=fields)
    if isinstance(exc, IntegrityError) and _is_twin(exc):
        return Conflict(
            _("Someone else saved the same at this moment."),
            todo=_("Load the page again and look before you save."),
        )
    if isinstance(exc, SuspiciousOperation):
        return Invalid(_("The request could not be understood."), todo=_("Open the page again and repeat."))
    return None


def from_exception(exc: BaseException) -> Problem:
    """The problem to show for any exception; an unexpected or Busy one is logged with the reference number."""
    if isinstance(exc, Problem):
        if exc.status >= 500:
            log.error("reference %s: %s", exc.reference, exc.what, exc_info=exc)
        return exc
    if problem := _known(exc):
        return problem
    problem = busy_from(exc) or Problem()
    log.error("reference %s", problem.reference, exc_info=exc)
    return problem


def too_long(size: int, limit: int) -> str:
    """What is said of a text of `size` characters where `limit` fit, in the active language."""
    text = ngettext(
        "This is %(size)s character long; at most %(limit)s fit.",
        "This is %(size)s characters long; at most %(limit)s fit.",
        size,
    )
    return text % {"size": size, "limit": limit}
