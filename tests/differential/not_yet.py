"""What the prover gets wrong as it stands. Whoever mends one of these takes its name away here, and nothing else.

A name is one of `known.MISTAKES`, `FORGETFUL` or `BREAKDOWNS`. While it stands here, the test of that mistake asks that
it is still made, and random machines leave out what it is about, as far as `running.RULES` says. It is to be empty.
"""

NOT_YET: frozenset[str] = frozenset(
    {
        "something called idle",
        "something called arg",
        "a family and nothing that happens",
        "a contract that nobody proved",
        "an answer dealt with under another name",
        "an argument that knows the answer",
        "another argument for each answer",
        "the caller's parameter chosen by the machine",
        "some member where there is none",
        "a fair step of a member where there is none",
        "a requirement carried by what is false",
        "totals compared across families",
        "a premise that fell",
        "a core that forgets a member and writes to it",
        "a core that forgets all members and writes to one",
    }
)
