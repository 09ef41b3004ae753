"""How many digits Python turns into a number, and a number into digits: few where strangers write, many elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FEW: Final = 4300
"""Python's usual limit. The time to read a number grows with the square of its digits, so a file could take hours."""

MANY: Final = 1_000_000
"""Far more than a run needs that multiplies by the largest factor of a spec in each of its steps."""


@contextmanager
def at_most(digits: int) -> Iterator[None]:
    """Within this, Python reads and writes numbers with so many digits, and raises ValueError for longer ones."""
    usual = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(digits)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(usual)
