"""Passwords: kept as Argon2 hashes, refused in words when they are easy to guess."""

import pytest

from comity.identity import passwords
from comity.identity.models import User

ANNA = User(name="Anna Petrova", email="anna.petrova@example.com")


def test_a_hash_fits_its_password_and_no_other() -> None:
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("argon2$argon2id$")
    assert "correct" not in kept
    assert passwords.matches("correct horse battery", kept)
    assert not passwords.matches("correct horse batterx", kept)


def test_two_hashes_of_one_password_differ() -> None:
    assert passwords.hashed("correct horse battery") != passwords.hashed("correct horse battery")


def test_nobody_logs_in_without_a_kept_hash() -> None:
    assert not passwords.matches("", "")
    assert not passwords.matches("nobody has this password", "")


def test_an_unknown_name_costs_one_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    verify = passwords._hasher.verify
    monkeypatch.setattr(passwords._hasher, "verify", lambda *given: seen.append(given) or verify(*given))
    passwords.matches("some password", "")
    assert len(seen) == 1


def test_hashes_of_weaker_settings_are_recognised() -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    class Weaker(Argon2PasswordHasher):
        memory_cost, time_cost, parallelism = 8, 1, 1

    weaker = Weaker()
    assert passwords.outdated(weaker.encode("correct horse battery", weaker.salt()))
    assert not passwords.outdated(passwords.hashed("correct horse battery"))


@pytest.mark.parametrize("weak", ["short", "password123", "annapetrova", "anna.petrova@example.com", "x" * 300])
def test_weak_passwords_are_refused(weak: str) -> None:
    assert passwords.problems(weak, ANNA)


@pytest.mark.parametrize("good", ["correct horse battery", "четыре слова подряд", "كلمة مرور طويلة جدا"])
def test_long_phrases_in_any_script_are_good(good: str) -> None:
    assert passwords.problems(good, ANNA) == []
    assert passwords.matches(good, passwords.hashed(good))
