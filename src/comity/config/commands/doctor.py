"""`comity doctor`: what is missing or wrong, in words."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""
    parser.epilog = "The exit status is 1 when something is wrong."


def run(options: argparse.Namespace) -> int:
    """Print one line a finding."""
    from comity.config.doctor import WRONG, examine

    found = list(examine())
    for finding in found:
        print(f"{finding.level:<6} {finding.text}")
    return int(any(finding.level == WRONG for finding in found))
