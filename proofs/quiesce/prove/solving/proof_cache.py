"""The cache of proofs and refutations that lies on disk.

What is kept, and why a hit is as good as an answer, is told in `cache`.
"""

from pathlib import Path

from quiesce.prove.solving.answers import Check
from quiesce.prove.solving.cache import Breaks, Question
from quiesce.prove.solving.stores import CommittedStore, Entry, PrivateStore, Proved, Refuted, committed_text
from quiesce.spec.interpreter import NotEnabled, initial_states, replay
from quiesce.spec.model import Machine
from quiesce.spec.runs_json import NotARun, read_run, run_json
from quiesce.spec.state import Run


class ProofCache:
    """Answers on disk: those of a `committed` file, which is never written, and those of a `private` folder."""

    def __init__(self, private: Path | None = None, committed: Path | None = None) -> None:
        self._warnings: dict[str, None] = {}
        self._committed = None if committed is None else CommittedStore(committed, self._warn)
        self._private = None if private is None else PrivateStore(private, self._warn)
        self._used: dict[str, Entry] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each entry that was ignored or could not be stored, with its place."""
        return tuple(self._warnings)

    def used(self) -> str:
        """All answers given or stored so far, as the content of a committed file."""
        return committed_text(self._used)

    def proved(self, question: Question, goals: int) -> tuple[int, ...] | None:
        """The cost of proving each of the goals, in units of `rlimit`; None if the goals are not known to be proved."""
        for entry in self._entries(question.key):
            if isinstance(entry, Proved) and len(entry.rlimits) == goals:
                self._used[question.key] = entry
                return entry.rlimits
            self._warn(f"{question.key}: ignored: the entry does not prove {goals} goals")
        return None

    def store_proved(self, question: Question, checks: tuple[Check, ...]) -> None:
        """Keep a proof of every goal of a query.

        Raises:
            ValueError: some goal was not proved, or there is none.
        """
        if not checks or not all(check.proved for check in checks):
            raise ValueError("only proofs are kept")
        self._store(question.key, Proved(tuple(check.rlimit for check in checks)))

    def refuted(self, question: Question, machine: Machine, breaks: Breaks) -> Run | None:
        """A run from a start of the machine, replayed, that breaks what it shall break; None if none is known."""
        for entry in self._entries(question.key):
            try:
                run = _replayed(entry, machine, breaks)
            except (NotARun, NotEnabled) as error:
                self._warn(f"{question.key}: ignored: the entry does not refute: {error}")
            else:
                self._used[question.key] = entry
                return run
        return None

    def store_refuted(self, question: Question, machine: Machine, run: Run, breaks: Breaks) -> None:
        """Keep a run that refutes.

        Raises:
            ValueError: the run is not from a start of the machine, does not replay, or breaks nothing.
        """
        entry = Refuted(run_json(run))
        try:
            _replayed(entry, machine, breaks)
        except NotEnabled as error:
            raise ValueError(f"only runs that replay are kept: {error}") from error
        self._store(question.key, entry)

    def _entries(self, key: str) -> list[Entry]:
        stores = (store for store in (self._committed, self._private) if store is not None)
        return [entry for store in stores if (entry := store.get(key)) is not None]

    def _store(self, key: str, entry: Entry) -> None:
        self._used[key] = entry
        if self._private is not None:
            self._private.put(key, entry)

    def _warn(self, text: str) -> None:
        self._warnings[text] = None


def _replayed(entry: Entry, machine: Machine, breaks: Breaks) -> Run:
    if not isinstance(entry, Refuted):
        raise NotARun("it says that something is proved")
    run = read_run(machine, entry.run)
    members = {name: len(family) for name, family in run.start.families.items()}
    if run.start not in initial_states(machine, members):
        raise NotARun("it does not begin in a start of the machine")
    replay(machine, run)
    if not breaks(run):
        raise NotARun("its run does not break what it shall break")
    return run
