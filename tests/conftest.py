"""What every test may use: the engine of the run, a home of its own, a stopped clock, a browser, a live Comity."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest

from support.installation import Installation
from support.postgres import Cluster, PostgresMissing
from support.templates import Templates

ENGINES = ("sqlite", "postgresql")
# Files with much to do for their number of tests: workers begin with them, so that none is left with one at the end.
LONG = {
    "test_archive", "test_axe", "test_commands", "test_deal_journey", "test_demo", "test_demo_languages",
    "test_demo_leaving", "test_doors", "test_figures", "test_matrix", "test_matrix_of_a_team", "test_one_line_field",
    "test_property", "test_queries_of_sales", "test_restart", "test_schemathesis", "test_serve", "test_two_people",
    "test_untranslated", "test_whole_base",
}  # fmt: skip
FOLDER, CLUSTER = pytest.StashKey[Path](), pytest.StashKey[Cluster]()


# The same examples each time, and no clock: a slow machine is no failure.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, default="sqlite", help="the database engine of this run")
    parser.addoption("--full", action="store_true", help="also run the tests marked full")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its home and its server before pytest-django reads the settings.

    xdist's workers inherit the server's address from the controller's environment and make a home each.
    """
    for name in [name for name in os.environ if name.startswith("COMITY_") and name != "COMITY_DATABASE_URL"]:
        del os.environ[name]
    config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="comity-test-"))
    os.environ["COMITY_HOME"] = str(config.stash[FOLDER])
    if not hasattr(config, "workerinput"):
        os.environ.pop("COMITY_DATABASE_URL", None)
        if config.getoption("engine") == "postgresql":
            _start_server(config)
    _load_settings()


def _start_server(config: pytest.Config) -> None:
    try:
        config.stash[CLUSTER] = Cluster()
    except PostgresMissing as missing:
        pytest.exit(str(missing), returncode=3)
    os.environ["COMITY_DATABASE_URL"] = config.stash[CLUSTER].start()


def _load_settings() -> None:
    """Load the settings now. The variable goes again: a worker that inherits it would load them before its home is."""
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.config.settings"
    assert settings.HOME
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "support.fake_room"]
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config: pytest.Config) -> None:
    if CLUSTER in config.stash:
        config.stash[CLUSTER].stop()
    if FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end of the run: no look for garbage goes through it again, nor that often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_report_header(config: pytest.Config) -> str:
    return f"engine: {config.getoption('engine')}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests to `make test-all`, and on PostgreSQL those that are alike on every engine too.

    The two engines run side by side: their browsers, which want both processors, take turns.
    """
    later_on = "browser" if config.getoption("engine") == "postgresql" else ""
    items.sort(key=lambda item: item.path.stem not in LONG or item.path.parent.name == later_on)
    if config.getoption("full"):
        return
    left = {"full"} if config.getoption("engine") == "sqlite" else {"full", "alike"}
    later = [item for item in items if any(item.get_closest_marker(mark) for mark in left)]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in later]


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The engine of this run: sqlite or postgresql."""
    return str(request.config.getoption("engine"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite's test base is a real file, as in use: a base in memory locks and counts connections otherwise."""
    from django.conf import settings

    if request.config.getoption("engine") == "sqlite":
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(
            request.config.stash[FOLDER] / "test.sqlite3"
        )


@pytest.fixture(autouse=True)
def _settings_read_anew() -> None:
    """A test's base starts from the same stamp as the last one's: what the process holds of settings is not for it."""
    from comity.access import snapshot

    snapshot.forget()


@pytest.fixture
def boss(db: None) -> Any:
    """The administrator of a small Russian-speaking company."""
    from support.house import small_house

    return small_house()


class Clock:
    """The kernel's clock, held still: `now`, `move(to)`, `tick(hours=1)`."""

    def __init__(self, stack: ExitStack, at: datetime) -> None:
        self._stack, self.now = stack, at
        self.move(at)

    def move(self, to: datetime) -> None:
        """Hold the clock at another moment (aware)."""
        from comity.kernel import clock

        self._stack.enter_context(clock.stopped(to))
        self.now = to

    def tick(self, **delta: float) -> None:
        """Move on by the arguments of timedelta."""
        self.move(self.now + timedelta(**delta))


@pytest.fixture
def stopped_clock() -> Iterator[Clock]:
    """The clock stands at Tuesday 10 March 2026, 09:00 UTC, until the test moves it."""
    with ExitStack() as stack:
        yield Clock(stack, datetime(2026, 3, 10, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def make_installation(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Installation]]:
    """Makes empty installations on the engine of the run (or the one named): `make_installation(engine="sqlite")`."""
    made: list[Installation] = []
    base = tmp_path_factory.getbasetemp()
    templates = Templates((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "templates")

    def make(engine: str = engine, **environment: str) -> Installation:
        home = tmp_path_factory.mktemp("home")
        database = f"live_{uuid4().hex}" if engine == "postgresql" else ""
        url = _new_database(database) if database else ""
        made.append(Installation(home, url, templates=templates, **environment))
        return made[-1]

    yield make
    for installation in made:
        installation.stop()


def _new_database(name: str) -> str:
    """A database of its own on the run's server; its address."""
    import psycopg

    server = os.environ["COMITY_DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def live_comity(make_installation: Callable[..., Installation]) -> Installation:
    """A running Comity with an empty base and one administrator, shared by the tests of a worker.

    `live_comity.url` is its address; see support/installation.py for the login.
    """
    return make_installation().init().start()


# Debian's headless shell opens a page in a third of the time the whole browser needs; either will do.
CHROMIUM = next(
    (path for path in (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")) if path.exists()),
    Path("/usr/bin/chromium"),
)
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium under Playwright, one per worker; a test opens its own context or takes `page`."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which Django's ORM would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a browser profile of its own (1440 x 900)."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()
