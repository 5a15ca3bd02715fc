"""`python -m comity`: the same as the command `comity`."""

import sys

from comity.config.cli import main

sys.exit(main())
