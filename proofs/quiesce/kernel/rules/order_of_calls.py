"""Whether it makes a difference in which order two calls to one layer are made, read off the layer's contract.

It makes none if no outcome of either call changes what an outcome of the other looks at. What an outcome asks and
assumes it looks at, and what it changes; but for numbers that it moves by an amount for which it looks at nothing, as
such moves add up in any order. A program makes a call by its name and gets any answer, so all outcomes of the names
are looked at.

Two such calls can be exchanged in every state of the contract, whatever else is called before or after, and so any
number of them can, one after the other. It would not be enough to compare two calls in the states that they meet in, as
a third may come between: after two startups, one of two cleanups may be exchanged with a use, and both may not.
"""

from collections.abc import Iterator

from quiesce.spec.effects import effect_of
from quiesce.spec.model import Action, Binary, LowerCall, Machine, Op, Variable
from quiesce.spec.rewrite import conjunction, reads_now


def order_matters(machine: Machine, one: LowerCall, other: LowerCall) -> bool:
    """Whether some outcome of one call changes what some outcome of the other looks at, or the other way round."""
    if one.layer != other.layer:
        return False
    contract = next(contract for contract in machine.lower if contract.name == one.contract)
    looked, changed = _looks_at(contract, one), _changes(contract, one)
    return not (changed.isdisjoint(_looks_at(contract, other)) and looked.isdisjoint(_changes(contract, other)))


def _outcomes(contract: Machine, call: LowerCall) -> Iterator[Action]:
    return (outcome for name in call.calls for outcome in contract.calls[name])


def _changes(contract: Machine, call: LowerCall) -> frozenset[object]:
    return frozenset(name for o in _outcomes(contract, call) for name in effect_of(contract, o).scalars)


def _looks_at(contract: Machine, call: LowerCall) -> frozenset[object]:
    found: set[object] = set()
    for outcome in _outcomes(contract, call):
        found |= reads_now(conjunction(outcome.guard))
        for name, value in effect_of(contract, outcome).scalars.items():
            match value:
                case Binary(Op.ADD | Op.SUB, Variable(moved), amount) if moved == name and not reads_now(amount):
                    pass
                case _:
                    found |= {name, *reads_now(value)}
    return frozenset(found)
