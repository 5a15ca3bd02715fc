"""The installation's own settings, for the reference page alone."""

from comity.config.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "comity.config.bench.reference"
