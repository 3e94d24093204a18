"""``python -m isofold.cli``."""

import sys

from . import main

sys.exit(main())
