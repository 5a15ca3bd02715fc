"""`comity bench`: how fast this program is on this machine, beside the goals it was built to."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENGINES = ("sqlite", "postgresql")


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many people, on which engine, and where the figures go."""
    parser.add_argument("--size", type=int, default=100_000, help="how many people the base holds (100000)")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite", help="sqlite or postgresql")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one JSON object a figure into this file")
    parser.add_argument("--rounds", type=int, default=100, help="how often each page is asked for (100)")
    parser.add_argument(
        "--duplicates", action="store_true", help="only measure the look through the base for likely pairs"
    )
    parser.add_argument("--imports", action="store_true", help="only measure files coming in, a long one too")
    parser.epilog = (
        "Your own base is never touched. PostgreSQL: an empty base named by COMITY_DATABASE_URL, else a server of the "
        "benchmark's own is started. The exit status is 1 when a goal is missed."
    )


def run(options: argparse.Namespace) -> int:
    """Run the benchmark in a process with a home of its own, gone afterwards."""
    if options.size < 1000 or options.rounds < 5:
        raise SystemExit("The benchmark needs at least 1000 people and 5 rounds.")
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as home, _database(options.engine) as address:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMITY_", "DJANGO_"))}
        environment = kept | {
            "COMITY_HOME": home, "COMITY_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "comity.config.settings"
        }  # fmt: skip
        words = [
            sys.executable,
            "-m",
            "comity.config.bench",
            "--size",
            str(options.size),
            "--rounds",
            str(options.rounds),
        ]
        words += [f"--{name}" for name in ("duplicates", "imports") if getattr(options, name)]
        if options.json:
            words += ["--json", str(options.json.resolve())]
        return subprocess.run(words, env=environment, check=False).returncode


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """The address of an empty base ("" = SQLite in the home)."""
    if engine == "sqlite":
        yield ""
    elif given := os.environ.get("COMITY_DATABASE_URL"):
        yield given
    else:
        from comity.config.bench.postgres import Cluster, PostgresMissing

        try:
            cluster = Cluster()
        except PostgresMissing as missing:
            raise SystemExit(str(missing)) from None
        try:
            yield cluster.start()
        finally:
            cluster.stop()
