"""A bracket too few."""

x = max(1, 2))  # error: Q004 at 14
