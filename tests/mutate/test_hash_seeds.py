"""A survey of mutants does not depend on the order in which a process happens to have its sets."""

import os
import subprocess
import sys

import pytest

BOTH_AT_ONCE = """
from pathlib import PurePosixPath
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.mutate.broken_on_walk import broken
from quiesce.prove.search.walk import explore
from quiesce.spec.reader import read_text

SPEC = '''
from quiesce.spec import Machine, Nat, call, when


class Two(Machine):
    n: Nat = 0

    @call("set")
    def small(self, to: Nat) -> None:
        when(to < 1)
        self.n = to

    @call("set")
    def small_again(self, to: Nat) -> None:
        when(to < 1)
        self.n = to
'''
print([id_of(item.obligation) for item in broken(explore(problem_of(read_text(SPEC, PurePosixPath("two.py")))))])
"""


@pytest.mark.parametrize("seed", ["0", "1", "2", "3"])
def test_outcomes_that_are_wrong_in_the_same_state_are_told_in_one_order(seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", BOTH_AT_ONCE], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "['total/set/covered', 'total/set/exclusive']\n"
