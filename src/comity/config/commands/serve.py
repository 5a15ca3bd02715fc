"""`comity serve`: pages, live stream and background work in one process group."""

import argparse

from comity.config.schema import require_current


def arguments(parser: argparse.ArgumentParser) -> None:
    """Everything comes from the environment: PORT, COMITY_HOST, COMITY_URL, COMITY_TRUSTED_PROXY."""
    parser.epilog = "PORT and COMITY_HOST say where to listen, COMITY_URL is the public address."


def run(options: argparse.Namespace) -> None:
    """Serve until stopped."""
    from django.conf import settings

    from comity.config.serve import serve

    require_current()
    address = settings.ADDRESS
    serve(address, lambda: print(f"Comity serves at {address.public} (Ctrl-C stops it)", flush=True))
