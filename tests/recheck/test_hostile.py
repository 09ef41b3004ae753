"""Scripts and refutations that somebody wrote to do harm: each ends with a clear refusal, and soon."""

import pytest
from quiesce.recheck import Rejected, check
from quiesce.recheck.checking import MOST_OPEN, MOST_STEPS
from quiesce.recheck.terms import DEEPEST

HEAD = "(set-logic ALL)\n(declare-sort member.s 0)\n(declare-const yes Bool)\n(declare-const x Int)\n"
QUESTION = f"{HEAD}(assert yes)\n(assert (not yes))\n(assert (exists ((m member.s)) yes))\n(check-sat)\n"


def test_a_refutation_has_only_so_many_steps() -> None:
    check(QUESTION, "use 1\n" * (MOST_STEPS - 1) + "use 2\n")
    with pytest.raises(Rejected, match=f"line {MOST_STEPS + 1}: more than {MOST_STEPS} steps|more than {MOST_STEPS}"):
        check(QUESTION, "use 1\n" * MOST_STEPS + "use 2\n")


def test_only_so_many_branches_are_open_at_a_time() -> None:
    with pytest.raises(Rejected, match="a branch is left open"):
        check(QUESTION, "split yes\n" * MOST_OPEN)
    with pytest.raises(Rejected, match=f"more than {MOST_OPEN} branches"):
        check(QUESTION, "split yes\n" * (MOST_OPEN + 1))


REFUTATIONS = {
    "open parentheses": "(" * 1_000_000,
    "closed parentheses": ")" * 1_000_000,
    "deep": f"split {'(not ' * (DEEPEST + 1)}yes{')' * (DEEPEST + 1)}",
    "deep over lines": "split (not\n" * 1_000,
    "a huge number": f"use {'9' * 1_000_000}",
    "a number in other digits": "use \u0661",
    "a fact that is not there yet": "use 4",
    "no fact": "use 0",
    "itself": "use use",
    "a member of its own making": "name 3 m1\nname 3 m1",
    "a huge product": f"sum (1 (<= {'(* ' + '9' * 900 + ' '}{'x' + ')'} 0))",
    "nothing": "",
    "characters": "\x00\ud800\N{BYTE ORDER MARK}",
    "quotes": 'use "1"',
    "bars": "use |1|",
    "a comment": "; use 1",
    "another solver's words": "(assert false)\n(check-sat)",
}


@pytest.mark.parametrize("name", REFUTATIONS)
def test_a_hostile_refutation_is_refused(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        check(QUESTION, REFUTATIONS[name])
    assert 0 < len(str(refused.value)) < 300


SCRIPTS = {
    "deep": f"{HEAD}(assert {'(not ' * 1_000}yes{')' * 1_000})\n(check-sat)\n",
    "deepest that is read": f"{HEAD}(assert {'(not ' * (DEEPEST - 1)}yes{')' * (DEEPEST - 1)})\n(check-sat)\n",
    "a number of many digits": f"{HEAD}(assert (<= x {'9' * 100_000}))\n(check-sat)\n",
    "a sort of itself": f"{HEAD}(declare-datatypes ((t 0)) (((c (d t)))))\n(check-sat)\n",
    "a definition": f"{HEAD}(define-fun f () Bool (not f))\n(check-sat)\n",
    "two questions": f"{HEAD}(check-sat)\n(check-sat)\n",
    "a name twice": f"{HEAD}(declare-const yes Int)\n(check-sat)\n",
    "a name in bars": f"{HEAD}(declare-const |) (assert false| Bool)\n(check-sat)\n",
    "a let": f"{HEAD}(assert (let ((y yes)) y))\n(check-sat)\n",
    "no question": HEAD,
    "nothing": "",
    "an include": f'{HEAD}(include "other.smt2")\n(check-sat)\n',
    "options": f"{HEAD}(set-option :produce-proofs true)\n(check-sat)\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_hostile_script_is_refused(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        check(SCRIPTS[name], "use 1\n")
    assert 0 < len(str(refused.value)) < 300
