"""`python -m quiesce` is the same command as `quiesce`."""

import sys

from quiesce.cli import main

if __name__ == "__main__":
    sys.exit(main())
