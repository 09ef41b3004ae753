"""Conditions as scripts of SMT-LIB: what a file or another process is given."""

from quiesce.spec.record import record
from quiesce.spec.visible import one_line


@record
class Script:
    """Conditions as SMT-LIB text: premises, and goals of which each is proved if its negation contradicts them."""

    name: str
    declarations: tuple[str, ...]
    premises: tuple[str, ...]
    goals: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """All conditions as one script; every answer to it has to be `unsat`."""
        lines = ["(set-logic ALL)", *self.declarations, *(f"(assert {term})" for term in self.premises)]
        for name, negated in self.goals:
            lines += [f"; {one_line(name)}", "(push 1)", f"(assert {negated})", "(check-sat)", "(pop 1)"]
        return "".join(f"{line}\n" for line in lines)

    def alone(self, number: int) -> str:
        """One condition as a script; the goal is proved if it is unsatisfiable."""
        terms = (*self.premises, self.goals[number][1])
        lines = ("(set-logic ALL)", *self.declarations, *(f"(assert {term})" for term in terms), "(check-sat)")
        return "".join(f"{line}\n" for line in lines)
