"""`comity upgrade`: the base to this program's schema, with a backup before and a way back."""

import argparse

from comity.config.running import require_stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    """Upgrade, saying each step."""
    from comity.config.archive.upgrade import upgrade

    require_stopped()
    upgrade(lambda line: print(line, flush=True))
