import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quiesce.generate.core.entailed import Known
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import BOOL, Binary, EnumType, Expr, IntType, Literal, Not, Op, Variable
from quiesce.spec.state import State

from tests.by_day import examples

PHASE = EnumType("Phase", ("UP", "DOWN", "GONE"))
NAT = IntType(0)
COUNT, BOUNDED = Variable("count", NAT), Variable("bounded", IntType(0, 2))
FLAG, WHERE = Variable("flag", BOOL), Variable("where", PHASE)

ATOMS: st.SearchStrategy[Expr] = st.one_of(
    st.just(FLAG),
    st.builds(
        lambda op, place, value, swap: (
            Binary(op, Literal(value, NAT), place) if swap else Binary(op, place, Literal(value, NAT))
        ),
        st.sampled_from([Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE]),
        st.sampled_from([COUNT, BOUNDED]),
        st.integers(-1, 3),
        st.booleans(),
    ),
    st.builds(
        lambda op, value: Binary(op, WHERE, Literal(value, PHASE)),
        st.sampled_from([Op.EQ, Op.NE]),
        st.sampled_from(PHASE.values),
    ),
    st.just(Binary(Op.LE, COUNT, BOUNDED)),
    st.booleans().map(lambda value: Literal(value, BOOL)),
)
CLAIMS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(Not), st.builds(Binary, st.sampled_from([Op.AND, Op.OR, Op.IMPLIES]), inner, inner)
    ),
    max_leaves=4,
)
STATES = st.builds(
    lambda count, bounded, flag, where: Scope(
        State({"count": count, "bounded": bounded, "flag": flag, "where": where}, {})
    ),
    st.integers(0, 4),
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from(PHASE.values),
)


def holds_all(conjuncts: tuple[Expr, ...], scope: Scope) -> bool:
    return all(evaluate(conjunct, scope) for conjunct in conjuncts)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples(100))
@given(
    guards=st.lists(st.lists(CLAIMS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4),
    scopes=st.lists(STATES, min_size=5, max_size=15),
)
def test_a_guard_without_what_is_known_decides_alike(guards: list[tuple[Expr, ...]], scopes: list[Scope]) -> None:
    known = Known()
    reached = scopes
    for guard in guards:
        needed = known.needed(guard)
        assert [holds_all(needed, scope) for scope in reached] == [holds_all(guard, scope) for scope in reached]
        assert not any(
            known.excludes(conjunct) and evaluate(conjunct, scope) for conjunct in guard for scope in reached
        )
        reached = [scope for scope in reached if not holds_all(guard, scope)]
        known = known.without(needed)


def test_what_was_excluded_need_not_be_said_again() -> None:
    zero, positive = Binary(Op.EQ, COUNT, Literal(0, NAT)), Binary(Op.GT, COUNT, Literal(0, NAT))
    up, flagged = Binary(Op.EQ, WHERE, Literal("UP", PHASE)), FLAG
    assert Known().without((zero,)).needed((positive, up)) == (up,)
    assert Known().without((up,)).needed((Binary(Op.NE, WHERE, Literal("UP", PHASE)),)) == ()
    assert Known().without((positive, flagged)).needed((Binary(Op.OR, zero, Not(flagged)),)) == ()


def test_what_is_not_known_stays() -> None:
    positive = Binary(Op.GT, COUNT, Literal(0, NAT))
    above_one = Binary(Op.GT, COUNT, Literal(1, NAT))
    assert Known().without((Not(positive),)).needed((above_one,)) == (above_one,)
    assert Known().without((positive, FLAG)).needed((Not(FLAG),)) == (Not(FLAG),)
