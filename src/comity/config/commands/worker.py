"""`comity worker`: background work alone, for an installation whose pages run elsewhere."""

import argparse

from comity.config.schema import require_current


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    """Work until stopped."""
    from comity.config import worker

    require_current()
    worker.loop()
