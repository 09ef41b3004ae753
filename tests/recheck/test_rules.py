"""Each step of a refutation, where it is right and where it is wrong."""

import pytest
from quiesce.recheck import Rejected, check

HEAD = """(set-logic ALL)
(declare-datatypes ((enum.P 0)) (((P.A) (P.B) (P.C))))
(declare-sort member.s 0)
(declare-sort member.t 0)
(declare-const p enum.P)
(declare-const q enum.P)
(declare-const yes Bool)
(declare-const no Bool)
(declare-const x Int)
(declare-const y Int)
(declare-const z Int)
(declare-const a member.s)
(declare-const b member.s)
(declare-const c member.t)
(declare-fun f (member.s) Int)
(declare-fun g (member.s) Bool)
(declare-fun h (member.s) enum.P)
"""


def script(*assertions: str) -> str:
    """A condition over the symbols above."""
    return HEAD + "".join(f"(assert {assertion})\n" for assertion in assertions) + "(check-sat)\n"


def lines(*steps: str) -> str:
    return "".join(f"{step}\n" for step in steps)


def verdict(assertions: tuple[str, ...], steps: tuple[str, ...]) -> str:
    """What the checker says."""
    try:
        check(script(*assertions), lines(*steps))
    except Rejected as reason:
        return str(reason)
    return "refuted"


REFUTED = {
    "false": (("false",), ("use 1",)),
    "literal": (("yes", "(not yes)"), ("use 1", "use 2")),
    "conjunction": (("(and yes no)", "(not no)"), ("use 1", "use 2")),
    "no disjunct": (("(not (or yes no))", "no"), ("use 1", "use 2")),
    "last disjunct": (("(or yes no)", "(not yes)", "(not no)"), ("use 2", "use 1", "use 3")),
    "last conjunct": (("(not (and yes no))", "yes", "no"), ("use 2", "use 1", "use 3")),
    "implication": (("(=> yes no)", "yes", "(not no)"), ("use 2", "use 1", "use 3")),
    "failed implication": (("(not (=> yes no))", "no"), ("use 1", "use 2")),
    "equivalence": (("(= yes no)", "yes", "(not no)"), ("use 2", "use 1", "use 3")),
    "difference": (("(distinct yes no)", "no", "yes"), ("use 2", "use 1", "use 3")),
    "condition": (("(ite yes no (not no))", "yes", "(not no)"), ("use 2", "use 1", "use 3")),
    "enum clash": (("(= p P.A)", "(= p P.B)"), ("use 1", "use 2")),
    "enum exhausted": (
        ("(distinct p P.A)", "(distinct p P.B)", "(not (= P.C p))"),
        ("use 1", "use 2", "use 3"),
    ),
    "enum equation": (("(= p q)", "(= q P.B)", "(= p P.A)"), ("use 2", "use 1", "use 3")),
    "enum choice": (("(= (ite yes p P.B) P.A)", "yes", "(= p P.C)"), ("use 2", "use 1", "use 3")),
    "neither branch of a choice": (("(= (ite yes P.C P.B) P.A)",), ("use 1",)),
    "opposite bounds": (("(< x y)", "(> x y)"), ("use 1", "use 2")),
    "weaker bound": (("(<= x 3)", "(> x 5)"), ("use 1", "use 2")),
    "strict over integers": (("(< x 1)", "(> x 0)"), ("use 1", "use 2")),
    "rounding": (("(= (* 2 x) (+ (* 2 y) 1))",), ("use 1",)),
    "rounding a negative": (("(>= (* 3 x) (- 2))", "(< x 0)"), ("use 1", "use 2")),
    "integer equation": (("(= x y)", "(< x y)"), ("use 1", "use 2")),
    "integer difference": (("(distinct x y)", "(<= x y)", "(>= x y)"), ("use 2", "use 3", "use 1")),
    "integer choice": (("(> (ite yes x 0) 3)", "yes", "(< x 2)"), ("use 2", "use 3", "use 1")),
    "trichotomy": (
        ("(distinct x y)", "(>= x y)", "(<= x y)"),
        ("split (< x y)", "use 2", "else", "use 3", "use 1"),
    ),
    "congruence": (("(= a b)", "(> (f a) 0)", "(= (f b) 0)"), ("use 1", "use 2", "use 3")),
    "congruence afterwards": (("(g a)", "(not (g b))", "(= b a)"), ("use 1", "use 2", "use 3")),
    "congruence of enums": (("(= (h a) P.A)", "(= (h b) P.B)", "(= b a)"), ("use 1", "use 2", "use 3")),
    "congruence in sums": (("(< (f a) x)", "(> (f b) x)", "(= b a)"), ("use 1", "use 2", "use 3")),
    "same and not same": (("(= a b)", "(distinct b a)"), ("use 1", "use 2")),
    "instance": (("(forall ((m member.s)) (g m))", "(not (g a))"), ("at 1 a", "use 2")),
    "instance of a denial": (("(not (exists ((m member.s)) (g m)))", "(g a)"), ("use 1", "at 3 a", "use 2")),
    "witness": (
        ("(exists ((m member.s)) (g m))", "(forall ((n member.s)) (not (g n)))"),
        ("name 1 w", "at 2 w"),
    ),
    "counterexample": (
        ("(not (forall ((m member.s)) (g m)))", "(forall ((n member.s)) (g n))"),
        ("use 1", "name 3 w", "at 2 w"),
    ),
    "quantifier inside": (
        ("(=> yes (forall ((m member.s)) (g m)))", "yes", "(not (g a))"),
        ("use 2", "use 1", "at 4 a", "use 3"),
    ),
    "quantifier below a quantifier": (
        ("(forall ((m member.s)) (exists ((n member.s)) (< (f m) (f n))))", "(forall ((n member.s)) (= (f n) (f a)))"),
        ("at 1 a", "name 3 w", "at 2 w"),
    ),
    "split": (("(= yes no)", "(distinct yes no)"), ("split yes", "use 1", "use 2", "else", "use 1", "use 2")),
    "split of a quantifier": (
        ("(or (exists ((m member.s)) (g m)) yes)", "(not yes)", "(forall ((m member.s)) (not (g m)))"),
        ("use 2", "split (exists ((m member.s)) (g m))", "  name 4 w", "  at 3 w", "else", "use 1"),
    ),
    "sum": (
        ("(<= (+ x y) 3)", "(>= x 2)", "(>= y 2)"),
        ("use 1", "use 2", "use 3", "sum (1 (<= (+ x y) 3)) (1 (>= x 2)) (1 (<= 2 y))"),
    ),
    "sum with multipliers": (
        ("(<= (+ (* 2 x) (* 3 y)) 5)", "(>= x 1)", "(> y 1)"),
        ("use 1", "use 2", "use 3", "sum (1 (<= (+ (* 2 x) (* 3 y)) 5)) (2 (>= x 1)) (3 (> y 1))"),
    ),
    "sum with an equation": (
        ("(= x y)", "(< y z)", "(< z x)"),
        ("use 1", "use 2", "use 3", "sum (1 (<= x y)) (1 (< y z)) (1 (< z x))"),
    ),
}


@pytest.mark.parametrize("name", REFUTED)
def test_a_right_refutation_is_accepted(name: str) -> None:
    assertions, steps = REFUTED[name]
    assert verdict(assertions, steps) == "refuted"


@pytest.mark.parametrize("name", REFUTED)
def test_no_assertion_and_no_line_can_be_spared(name: str) -> None:
    assertions, steps = REFUTED[name]
    for number in range(len(assertions)):
        weaker = (*assertions[:number], "true", *assertions[number + 1 :])
        assert verdict(weaker, steps) != "refuted", weaker
    for number in range(len(steps)):
        assert verdict(assertions, (*steps[:number], *steps[number + 1 :])) != "refuted", steps[number]


REJECTED = {
    "nothing": (("false",), (), "a branch is left open"),
    "nothing known": (("yes",), ("use 1",), "a branch is left open"),
    "two unknown disjuncts": (("(or yes no)", "(not yes)", "(not no)"), ("use 1", "use 2"), "a branch is left open"),
    "no contradiction in enums": (("(= p P.A)", "(distinct p P.B)"), ("use 1", "use 2"), "a branch is left open"),
    "unequal to one of two": (("(distinct p q)", "(distinct q P.A)", "(= p P.B)"), ("use 2", "use 1", "use 3"), "open"),
    "enums with the same two values": (
        ("(distinct p P.C)", "(distinct q P.C)", "(distinct p q)"),
        ("use 1", "use 2", "use 3"),
        "a branch is left open",
    ),
    "one branch of a choice": (("(= (ite yes P.A P.B) P.B)",), ("use 1",), "a branch is left open"),
    "other branch of a choice": (("(= (ite yes P.A P.B) P.A)",), ("use 1",), "a branch is left open"),
    "rounding too far": (("(<= (* 2 x) 1)", "(>= x 0)"), ("use 1", "use 2"), "a branch is left open"),
    "rounding a negative too far": (("(<= (* 2 x) (- 3))", "(>= x (- 2))"), ("use 1", "use 2"), "open"),
    "bounds that touch": (("(<= x 3)", "(>= x 3)"), ("use 1", "use 2"), "a branch is left open"),
    "other functions of the same": (("(= a b)", "(g a)", "(= (f b) 0)"), ("use 1", "use 2", "use 3"), "open"),
    "functions of others": (("(distinct a b)", "(g a)", "(not (g b))"), ("use 1", "use 2", "use 3"), "open"),
    "same value, other member": (("(= (f a) (f b))", "(distinct a b)"), ("use 1", "use 2"), "open"),
    "no such fact": (("false",), ("use 2",), "line 1: there is no fact 2"),
    "fact 0": (("false",), ("use 0",), "line 1: there is no fact 0"),
    "fact without number": (("false",), ("use x",), "line 1: there is no fact x"),
    "unknown step": (("false",), ("assume 1",), "line 1: no such step"),
    "empty line": (("false",), ("", "use 1"), "line 1: no such step"),
    "after the end": (("false",), ("use 1", "use 1"), "line 2: the branch is closed"),
    "else without split": (("false",), ("use 1", "else"), "line 2: there is no other branch"),
    "else too early": (("false",), ("split yes", "else", "use 1"), "line 2: the branch is not closed"),
    "branch dropped": (("false",), ("split yes", "use 1"), "a branch is left open"),
    "branch left open": (("yes",), ("split yes", "use 1", "else", "use 1"), "line 3: the branch is not closed"),
    "split over nothing": (("false",), ("split",), "line 1: no such step"),
    "split over a number": (("false",), ("split x",), "line 1: not of sort Bool"),
    "split over an unknown": (("false",), ("split (= v a)",), "line 1: means nothing: v"),
    "what one branch learned": (
        ("(=> yes no)", "(=> yes (not no))", "(not no)"),
        ("split yes", "  use 1", "  use 2", "else", "use 3"),
        "a branch is left open",
    ),
    "what one branch learned of enums": (
        ("(=> yes (= p P.A))", "(=> yes (= p P.B))", "(= p P.A)", "(=> (not yes) (distinct p P.B))"),
        ("split yes", "  use 2", "  use 3", "else", "use 3"),
        "a branch is left open",
    ),
    "what one branch learned of integers": (
        ("(=> yes (> x 3))", "(< x 2)"),
        ("split yes", "  use 1", "  use 2", "else", "use 2"),
        "a branch is left open",
    ),
    "a fact of one branch": (
        ("(=> yes (forall ((m member.s)) (g m)))", "(not (g a))"),
        ("split yes", "  use 1", "  at 3 a", "  use 2", "else", "at 3 a"),
        "there is no fact 3",
    ),
    "what one branch learned, then merged": (
        ("(=> yes (g a))", "(=> yes (not (g b)))", "(= a b)", "(not (g a))"),
        ("split yes", "  use 1", "  use 2", "  use 3", "else", "use 3", "use 4"),
        "a branch is left open",
    ),
    "instance of nothing general": (("(g a)",), ("at 1 a",), "line 1: the fact is not about all members"),
    "instance of an existence": (("(exists ((m member.s)) (g m))",), ("at 1 a",), "the fact is about some member"),
    "instance at another sort": (("(forall ((m member.s)) (g m))",), ("at 1 c",), "not of sort member.s: c"),
    "instance at an unknown": (("(forall ((m member.s)) (g m))",), ("at 1 w",), "means nothing: w"),
    "instance at a term": (("(forall ((m member.s)) (g m))",), ("at 1 (f a)",), "no such step"),
    "name for all": (("(forall ((m member.s)) (g m))",), ("name 1 w",), "the fact is about all members"),
    "name that is a constant": (("(exists ((m member.s)) (g m))", "(not (g a))"), ("name 1 a",), "a is not new"),
    "name that is a function": (("(exists ((m member.s)) (g m))",), ("name 1 g",), "g is not new"),
    "name that is a value": (("(exists ((m member.s)) (g m))",), ("name 1 P.A",), "P.A is not new"),
    "name that is a number": (("(exists ((m member.s)) (g m))",), ("name 1 7",), "no name: 7"),
    "name that is a word": (("(exists ((m member.s)) (g m))",), ("name 1 true",), "true is not new"),
    "name given twice": (
        ("(exists ((m member.s)) (g m))", "(exists ((m member.s)) (not (g m)))"),
        ("name 1 w", "name 2 w"),
        "line 2: w is not new",
    ),
    "name that would be captured": (
        ("(exists ((m member.s)) (forall ((w member.s)) (= (f m) (f w))))",),
        ("name 1 w",),
        "w is bound more than once",
    ),
    "name of another branch": (
        ("(exists ((m member.s)) (and (g m) (not yes)))", "(forall ((m member.s)) (=> (g m) yes))"),
        ("split yes", "  name 1 w", "else", "at 2 w"),
        "line 4: means nothing: w",
    ),
    "sum of nothing": (("false",), ("sum",), "no such step"),
    "sum that is no contradiction": (("(<= x 3)",), ("use 1", "sum (1 (<= x 3))"), "the sum is no contradiction"),
    "sum that is zero": (
        ("(<= x y)", "(<= y x)"),
        ("use 1", "use 2", "sum (1 (<= x y)) (1 (<= y x))"),
        "the sum is no contradiction",
    ),
    "wrong multiplier": (
        ("(<= (+ (* 2 x) (* 3 y)) 5)", "(>= x 1)", "(> y 1)"),
        ("use 1", "use 2", "use 3", "sum (1 (<= (+ (* 2 x) (* 3 y)) 5)) (3 (>= x 1)) (3 (> y 1))"),
        "the sum is no contradiction",
    ),
    "negative multiplier": (("(<= x 3)",), ("use 1", "sum (-1 (<= x 3)) (1 (<= x 2))"), "a sum has parts"),
    "unknown inequality": (("(<= x 3)",), ("use 1", "sum (1 (<= x 3)) (1 (>= x 4))"), "not known: (>= x 4)"),
    "stronger inequality": (("(<= x 3)",), ("use 1", "sum (1 (<= x 2))"), "not known: (<= x 2)"),
    "sum of a truth": (("yes",), ("use 1", "sum (1 yes)"), "not known: yes"),
    "sum of a number": (("yes",), ("use 1", "sum (1 x)"), "not of sort Bool: x"),
    "sum without multiplier": (("(<= x 3)",), ("use 1", "sum (<= x 3)"), "a sum has parts"),
    "inequality not yet chosen": (("(<= (ite yes x y) 0)",), ("use 1", "sum (1 (<= (ite yes x y) 0))"), "not known"),
    "products": (("(< (* x x) 0)", "(> x 0)"), ("use 1", "use 2"), "a branch is left open"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_wrong_refutation_is_rejected_with_its_reason(name: str) -> None:
    assertions, steps, reason = REJECTED[name]
    assert reason in verdict(assertions, steps)


def test_no_step_supposes_that_there_is_a_member() -> None:
    nobody = ("(forall ((m member.t)) (and yes (not yes)))",)
    assert verdict(nobody, ("at 1 c",)) == "refuted"
    without = script(*nobody).replace("(declare-const c member.t)\n", "")
    with pytest.raises(Rejected, match="means nothing: c"):
        check(without, lines("at 1 c"))
