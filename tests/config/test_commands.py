"""The command line as an administrator uses it: a plain sentence for every answer, never a traceback."""

import os
from pathlib import Path

import pytest

from support.installation import ADMINISTRATOR, INIT, PASSWORD


@pytest.fixture(scope="module")
def base(make_installation):
    """A base made by init, for tests that leave its first administrator alone."""
    return make_installation().init()


def sentence(done):
    """The error text of a command that must have failed politely."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_empty_base_is_said_to_be_empty(make_installation):
    empty = make_installation()
    for words in (("serve",), ("user", "list"), ("token", ADMINISTRATOR), ("backup",), ("upgrade",)):
        assert "base is empty" in sentence(empty.run(*words))


def test_init_makes_a_base_with_its_administrator_and_refuses_a_second_time(base):
    listed = base.ok("user", "list")
    assert ADMINISTRATOR in listed
    assert "administrator" in listed
    assert "people in it already" in sentence(base.run(*INIT))
    assert base.ok("user", "list") == listed


@pytest.mark.alike
@pytest.mark.parametrize(
    ("flag", "value", "says"),
    [
        ("--country", "Germany", "country code"),
        ("--timezone", "Berlin", "time zone"),
        ("--language", "xx", "choose one of"),
        ("--currency", "EURO", "currency code"),
        ("--email", "ann", "e-mail address"),
        ("--password", "short", "at least"),
    ],
)
def test_init_makes_nothing_when_an_answer_is_wrong(make_installation, flag, value, says):
    words = list(INIT)
    words[words.index(flag) + 1] = value
    empty = make_installation()
    assert says in sentence(empty.run(*words)).lower()
    assert "base is empty" in sentence(empty.run("user", "list"))


def test_a_colleague_is_invited_switched_off_and_on(base):
    added = base.ok("user", "add", "bob@example.com", "Bob Brown")
    assert f"{base.url}/welcome/" in added
    assert "exists already" in sentence(base.run("user", "add", "BOB@example.com", "Bob"))
    token = base.ok("token", "bob@example.com").strip()
    assert len(token) > 30
    assert " " not in token
    base.ok("user", "off", "bob@example.com")
    assert "switched off" in sentence(base.run("token", "bob@example.com"))
    base.ok("user", "on", "bob@example.com")
    assert base.ok("token", "bob@example.com").strip() != token
    assert "Nobody here" in sentence(base.run("user", "off", "carol@example.com"))


def test_a_place_that_may_not_be_written_is_named(base, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(0o500)
    if os.geteuid() == 0:  # root may write everywhere but there
        closed = Path("/sys")
    assert f"{closed}" in sentence(base.run("backup", str(closed / "all.tar")))


def test_the_last_administrator_stays(base):
    assert "last" in sentence(base.run("user", "off", ADMINISTRATOR))
    assert ADMINISTRATOR in base.ok("user", "list")


def test_no_command_prints_a_password_or_secret_of_the_installation(base):
    secret = (base.home / "secrets" / "secret-key").read_text()
    for words in (("doctor",), ("user", "list")):
        done = base.run(*words)
        assert PASSWORD not in done.stdout + done.stderr
        assert secret not in done.stdout + done.stderr


def test_doctor_says_what_is_wrong_and_leaves_with_1(base, make_installation):
    good = base.run("doctor")
    assert good.returncode == 0, good.stdout
    assert "up to date" in good.stdout
    (base.home / "secrets" / "secret-key").chmod(0o644)
    readable = base.run("doctor", COMITY_URL="http://crm.example.com")
    (base.home / "secrets" / "secret-key").chmod(0o600)
    assert readable.returncode == 1
    assert "Others can read" in readable.stdout
    assert "not https" in readable.stdout
    assert "COMITY_TRUSTED_PROXY is not set" in base.run("doctor", COMITY_URL="https://crm.example.com").stdout
    away = make_installation(engine="sqlite").run("doctor", COMITY_DATABASE_URL="postgresql://x@/x?host=/nonexistent")
    assert away.returncode == 1
    assert "does not answer" in away.stdout
    insecure = make_installation(engine="sqlite").run(
        "doctor", COMITY_DATABASE_URL="postgresql://x@127.0.0.1:1/x?sslmode=maybe"
    )
    assert "sslmode" in insecure.stdout, "what follows the question mark reaches the database's driver"


def test_doctor_names_a_database_without_letters(make_installation, engine):
    if engine != "postgresql":
        pytest.skip("SQLite has no locale")
    import psycopg

    installation = make_installation()
    url = installation.environment["COMITY_DATABASE_URL"]
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')
        connection.execute(f"""CREATE DATABASE "{name}" TEMPLATE template0 LC_CTYPE 'C'""")
    installation.ok(*INIT)  # init() would bring a copy of the template, locale and all
    done = installation.run("doctor")
    assert done.returncode == 1
    assert "locale C" in done.stdout


@pytest.mark.alike
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("COMITY_URL", "crm.example.com"),
        ("COMITY_TRUSTED_PROXY", "proxy"),
        ("COMITY_DATABASE_URL", "mysql://x"),
        ("COMITY_FILE_MB", "much"),
        ("COMITY_API_RATE", "often"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(base, name, value):
    assert name in sentence(base.run("user", "list", **{name: value}))
