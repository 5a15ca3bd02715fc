"""What a person is told, and what only the log knows."""

import errno
import logging
import sqlite3

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext_lazy

from comity.kernel import errors


def _raised(outer, cause):
    try:
        raise outer from cause
    except type(outer) as exc:
        return exc


def _sqlite(code, message):
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorcode = code
    return _raised(OperationalError(message), cause)


def _postgres(sqlstate, message):
    kind = psycopg.errors.lookup(sqlstate) if sqlstate else psycopg.OperationalError
    return _raised(OperationalError(message), kind(message))


@pytest.mark.parametrize(
    ("exc", "words"),
    [
        (_sqlite(5, "database is locked"), "Too many changes"),
        (_sqlite(5 | (2 << 8), "database is locked"), "Too many changes"),
        (_sqlite(13, "database or disk is full"), "no room left"),
        (_sqlite(10, "disk I/O error"), "cannot write"),
        (_sqlite(8, "attempt to write a readonly database"), "cannot write"),
        (_postgres("53100", "could not extend file"), "no room left"),
        (_postgres("40P01", "deadlock detected"), "Too many changes"),
        (_postgres("57P01", "terminating connection due to administrator command"), "out of reach"),
        (_postgres(None, "connection refused"), "out of reach"),
        (_raised(InterfaceError("x"), psycopg.InterfaceError("the connection is closed")), "out of reach"),
        (OSError(errno.ENOSPC, "No space left on device"), "no room left"),
    ],
)
def test_a_bad_day_is_busy_and_says_what_is_kept(exc, words, caplog):
    with caplog.at_level(logging.ERROR, "comity"):
        problem = errors.from_exception(exc)
    assert (type(problem), problem.status) == (errors.Busy, 503)
    assert words in str(problem.what)
    assert "What you typed is still on this page." in str(problem.kept)
    told = " ".join(problem.as_dict()[part] for part in ("what", "kept", "todo"))
    assert str(exc) not in told
    assert problem.reference in caplog.text
    assert caplog.records[-1].exc_info[1] is exc


@pytest.mark.parametrize("exc", [KeyError("secret"), _sqlite(1, "no such table: secret"), _postgres("42P01", "secret")])
def test_a_defect_tells_nothing_but_the_reference(exc, caplog):
    problem = errors.from_exception(exc)
    assert (type(problem), problem.status) == (errors.Problem, 500)
    assert "secret" not in str(problem.as_dict())
    assert problem.reference in caplog.text


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (Http404("x"), errors.NotFound),
        (PermissionDenied(), errors.Refused),
        (RequestDataTooBig(), errors.TooLarge),
        (errors.Conflict(), errors.Conflict),
    ],
)
def test_known_exceptions_find_their_problem_and_are_not_logged(exc, kind, caplog):
    assert type(errors.from_exception(exc)) is kind
    assert not caplog.records


def test_validation_errors_keep_their_fields():
    assert errors.from_exception(ValidationError({"name": ["Too long."]})).fields == {"name": ["Too long."]}
    assert errors.from_exception(ValidationError("Wrong.")).fields == {"": ["Wrong."]}


def test_extra_payload_and_own_texts():
    assert errors.Conflict(current={"version": 3}).current == {"version": 3}
    assert errors.TooMany(retry_after=7).as_dict()["retry_after"] == 7
    invalid = errors.Invalid("No.", fields={"tax": ["Wrong."]}, todo="Look again.")
    assert invalid.as_dict()["fields"] == {"tax": ["Wrong."]}
    assert (str(invalid), str(invalid.todo)) == ("No.", "Look again.")
    assert errors.Invalid().fields == {}


def test_reference_is_fresh_and_short():
    references = {errors.Problem().reference for _ in range(50)}
    assert len(references) == 50
    assert all(len(r) == 8 and r.isalnum() and r == r.upper() for r in references)


def test_texts_follow_the_language_of_the_reader():
    problem = errors.Problem(gettext_lazy("Monday"))
    with translation.override("ru"):  # Django's own catalogue knows the days
        assert str(problem) == problem.as_dict()["what"] == "Понедельник"
    with translation.override("en"):
        assert str(problem) == "Monday"
