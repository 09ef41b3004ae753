"""What the prover gets wrong as it stands. Whoever mends one of these takes its name away here, and nothing else.

A name is one of `known.MISTAKES`, `FORGETFUL` or `BREAKDOWNS`. While it stands here, the test of that mistake asks that
it is still made, and random machines leave out what it is about, as far as `running.RULES` says. It is to be empty.
"""

NOT_YET: frozenset[str] = frozenset()
