"""Makes `python -m wyoming_indextts` the same as `wyoming-indextts`."""

import sys

from wyoming_indextts.cli import main

sys.exit(main())
