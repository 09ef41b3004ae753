"""Premises stand together: one that was not proved is taken away, and what is left is proved anew."""

from collections.abc import Mapping
from dataclasses import replace

from quiesce.kernel.problem import Problem, helper_name
from quiesce.kernel.subjects import Initial, Preserved, StepKept, Subject
from quiesce.prove.attempt import Attempt


def standing(attempt: Attempt) -> tuple[Attempt, Mapping[Subject, str]]:
    """The attempt without premises that were not proved, and what only seemed to be proved as long as they were there.

    Invariants serve each other as premises. One that could not be proved is no premise any more, what is left is
    proved anew, and so on until all premises are proved together. A helper that falls is dropped: nobody promised it.
    """
    rests: dict[Subject, str] = {}
    while fell := attempt.open_premises:
        proved = [about for about, check in attempt.answers.items() if check.proved]
        inductions = attempt.hints.inductions
        problem, names = _problem_without_fallen(attempt.problem, fell)
        # Where only a helper fell, there is no promise to mend: what it carried is just not proved.
        mending = sorted(fell & problem.fallen or problem.fallen)
        attempt = Attempt(problem, attempt.solver, attempt.walks)
        attempt.about_steps()
        deep = ((_subject_with_new_helpers(about, names), depth) for about, depth in inductions.items())
        attempt.look_back({about: depth for about, depth in deep if isinstance(about, Preserved | StepKept)})
        attempt.about_futures()
        rests = {
            told: why for about, why in rests.items() if (told := _subject_with_new_helpers(about, names)) is not None
        }
        lost = {told for about in proved if (told := _subject_with_new_helpers(about, names)) is not None}
        if mending:
            rests.update(dict.fromkeys(lost.intersection(attempt.open), f"rests on {', '.join(mending)}"))
    return attempt, rests


def _problem_without_fallen(problem: Problem, fell: frozenset[str]) -> tuple[Problem, Mapping[str, str]]:
    """The problem without premises that fell, and the new names of the helpers that it had, empty if they fell."""
    old = {helper_name(number): claim for number, claim in enumerate(problem.helpers, 1)}
    kept = {name: claim for name, claim in old.items() if name not in fell}
    new = {name: helper_name(number) for number, name in enumerate(kept, 1)}
    fallen = problem.fallen | (fell - old.keys())
    return replace(problem, helpers=tuple(kept.values()), fallen=fallen), {name: new.get(name, "") for name in old}


def _subject_with_new_helpers(about: Subject, names: Mapping[str, str]) -> Subject | None:
    """The subject of an obligation under the new names of helpers; None if the subject is a helper that fell."""
    match about:
        case Initial(name) | Preserved(_, name) if name in names:
            return replace(about, claim=names[name]) if names[name] else None
        case _:
            return about
