"""Run the suite on SQLite and on PostgreSQL side by side, and end with one line that counts both.

Arguments go on to pytest. Leaves with 0 only when tests ran and none failed.
"""

import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ENGINES = ("sqlite", "postgresql")
ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "test-results"
WORKERS = "2"  # per engine, for two cores: a worker often waits for its database


def start(engine: str, arguments: list[str]) -> subprocess.Popen[bytes]:
    """One pytest over one engine, its output kept in a file."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, "--engine", engine]
    command += [f"--junitxml={RESULTS / engine}.xml", *arguments]
    # The many servers and commands that the tests start would else compile the whole program each time.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (RESULTS / f"{engine}.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def counts(engine: str) -> tuple[int, int, int]:
    """Passed, failed and skipped of one run, from pytest's own report; a run without a report failed."""
    report = RESULTS / f"{engine}.xml"
    if not report.exists():
        return 0, 1, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for suite in suites:
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return max(total - failed - skipped, 0), failed, skipped


def main(arguments: list[str]) -> int:
    """Start both runs, show their output one after the other, then the total."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    runs = {engine: start(engine, arguments) for engine in ENGINES}
    try:
        codes = {engine: run.wait() for engine, run in runs.items()}
    finally:
        for run in runs.values():
            if run.poll() is None:
                run.send_signal(signal.SIGINT)
                run.wait()
    for engine in ENGINES:
        print(f"=== {engine} ===", flush=True)
        print((RESULTS / f"{engine}.log").read_text(errors="replace"), flush=True)
    passed, failed, skipped = (sum(column) for column in zip(*map(counts, ENGINES), strict=True))
    if failed == 0 and any(codes.values()):
        failed = 1  # a run that broke off outside any test
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
