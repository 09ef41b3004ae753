"""Suggestions of promises that a mutant would break."""

from collections.abc import Iterator

from quiesce.kernel.problem import Problem
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.operators import Mutant
from quiesce.spec.effects import Effect
from quiesce.spec.model import Machine
from quiesce.spec.show import listed


def suggestion(original: Problem, mutant: Problem, fault: Mutant) -> str:
    """A sentence on what no promise speaks of."""
    match fault.operator:
        case Operator.ERROR:
            calls = " and ".join(original.machine.actions_by_name[fault.scope].calls)
            return f"no promise says which error {calls} is refused with"
        case Operator.INITIAL:
            return f"no promise depends on the initial value of {fault.scope}"
        case Operator.DROP_CALL | Operator.DROP_OUTCOME:
            return f"no promise needs this outcome of {', '.join(original.machine.actions_by_name[fault.scope].calls)}"
        case Operator.FAIR:
            return f"the wait ends without trusting {fault.before}: leave it out of the list"
        case _:
            return _suggestion_of_action(original, mutant, fault)


def _suggestion_of_action(original: Problem, mutant: Problem, fault: Mutant) -> str:
    if fault.place.startswith("assumption"):
        return "nothing that is proved rests on this assumption: leave it out, or promise what it is for"
    if fault.place.startswith("when"):
        return (
            f"no promise says when {fault.scope} may happen: state it in a `@step(only=[{fault.scope}])` promise "
            "about the old state, or as something that must be possible"
        )
    changed = _places_that_differ(original.machine, original.effects[fault.scope], mutant.effects[fault.scope])
    return (
        f"no promise says what {fault.scope} makes of {listed(changed)}: state it in a promise about every state, "
        f"or in a `@step(only=[{fault.scope}])` promise that compares {'it' if len(changed) == 1 else 'them'} "
        "with the old state"
    )


def _places_that_differ(machine: Machine, left: Effect, right: Effect) -> tuple[str, ...]:
    """The variables and fields of which both effects make something else."""
    scalars = [v.name for v in machine.variables if left.scalars.get(v.name) != right.scalars.get(v.name)]
    return (*(f"self.{name}" for name in scalars), *_fields_that_differ(machine, left, right))


def _fields_that_differ(machine: Machine, left: Effect, right: Effect) -> Iterator[str]:
    for family in machine.families:
        for declared in family.fields:
            key = (family.name, declared.name)
            if left.fields.get(key) != right.fields.get(key):
                yield f"{family.name}.{declared.name}"
