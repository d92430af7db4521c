"""The command line: `python -m pulumi_openrouter --help`."""

from __future__ import annotations

import sys

from pulumi_openrouter.cli import main

if __name__ == "__main__":
    sys.exit(main())
