"""The run itself, in a process whose home and base are the benchmark's own: see `comity bench`."""

import argparse
import sys
import time
from pathlib import Path

ROUNDS = 100


def main() -> int:
    """Make the base, measure, tell; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m comity.config.bench")
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--duplicates", action="store_true")
    parser.add_argument("--imports", action="store_true")
    options = parser.parse_args()

    import django

    django.setup()
    from django.db import connection

    from comity.config import schema
    from comity.config.bench import duplicates, figures, generate
    from comity.config.bench.run import run, run_imports

    if connection.introspection.table_names():
        raise SystemExit("The benchmark wants an empty base of its own. Nothing was changed.")
    began = time.monotonic()
    schema.migrate()
    house = generate.generate(options.size)
    print(f"{connection.vendor}, {options.size:,} people, made in {time.monotonic() - began:.0f} s", flush=True)
    if options.duplicates:
        found = duplicates.figures()
    else:
        found = run_imports(house, options.size) if options.imports else run(house, options.rounds)
    for line in figures.shown(found):
        print(line)
    print(f"{time.monotonic() - began:.0f} s in all")
    if options.json:
        figures.write(options.json, found, connection.vendor, options.size)
    return int(not all(one.holds for one in found))


if __name__ == "__main__":
    sys.exit(main())
