"""`comity support`: what a helper from outside needs to know, without client data."""

import argparse
from pathlib import Path

from comity.config import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("file", nargs="?", type=Path, help="where to save it; without it, it is only shown")


def run(options: argparse.Namespace) -> None:
    """Show it, and save it where asked to."""
    from comity.exchange.exports import support

    schema.require_current()
    if options.file and options.file.exists():
        raise SystemExit(f"{options.file} exists already. Nothing was written. Choose another name.")
    text = support.text()
    print(text)
    if options.file:
        options.file.write_text(text, encoding="utf-8")
        print(f"Saved as {options.file}. It was sent nowhere.")
