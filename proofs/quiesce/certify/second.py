"""A second solver, cvc5, that is given nothing but SMT-LIB text. The only file that imports it, and only when asked."""

from quiesce.spec.record import record

BUDGET = 2_000_000
"""Units of its resource limit for one script, far more than any condition that is true needs."""


class NoSecondSolver(Exception):
    """cvc5 is not installed."""


@record
class SecondSolver:
    """cvc5 of a version, with a budget that does not depend on the machine's speed."""

    version: str
    budget: int = BUDGET

    @staticmethod
    def installed() -> "SecondSolver":
        """The second solver that is installed.

        Raises: NoSecondSolver: no second solver is installed.
        """
        try:
            import cvc5  # noqa: PLC0415 -- optional, and slow to load
        except ImportError as error:
            raise NoSecondSolver("cvc5 is not installed; `pip install 'quiesce[recheck]'` brings it") from error
        return SecondSolver(f"cvc5 {cvc5.__version__}")

    def answers(self, script: str) -> tuple[str, ...]:
        """The solver's answer to each question of a script: `unsat`, `sat`, `unknown`, or the mistake in the text."""
        import cvc5  # noqa: PLC0415

        solver = cvc5.Solver()
        solver.setOption("incremental", "true")
        solver.setOption("rlimit-per", str(self.budget))
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "conditions")
        symbols = parser.getSymbolManager()
        said: list[str] = []
        try:
            while not (command := parser.nextCommand()).isNull():
                said.extend(command.invoke(solver, symbols).split()[:1])  # behind `unknown` it says why
        except RuntimeError as error:
            said.append(f"error: {error}")
        return tuple(said)
