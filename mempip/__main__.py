"""`python -m mempip` is the `mempip` command."""

from __future__ import annotations

import sys

from mempip.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
