"""A survey of mutants as JSON, schema 1: verdict counts, and each mutant with what kills it or what it lacks."""

from quiesce.console.reports.json.text import json_text
from quiesce.console.reports.text.mutants import counts, detail_of, name_of
from quiesce.kernel.kinds import id_of
from quiesce.mutate.verdicts import Judged, Kill, Killed, Survey, Unconstrained
from quiesce.spec.runs_json import run_json

SCHEMA = 1


def surveys_json(surveys: tuple[Survey, ...]) -> str:
    """One object for one survey, a list for several; keys in a fixed order."""
    content = [_survey(survey) for survey in surveys]
    return json_text(content)


def _survey(survey: Survey) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "spec": str(survey.machine.path),
        "machine": survey.machine.name,
        "counts": {"mutants": len(survey.judged), **counts(survey.judged)},
        "mutants": [_judged(survey, item) for item in survey.judged],
    }


def _judged(survey: Survey, item: Judged) -> dict[str, object]:
    mutant, verdict = item.mutant, item.verdict
    kills = verdict.by if isinstance(verdict, Killed) else ()
    return {
        "id": mutant.id,
        "operator": mutant.operator.value,
        "scope": mutant.scope,
        "place": mutant.place,
        "before": mutant.before,
        "after": mutant.after,
        "file": str(survey.machine.path),
        "line": mutant.span.line,
        "column": mutant.span.column,
        "verdict": name_of(verdict),
        "detail": "" if kills or isinstance(verdict, Unconstrained) else detail_of(verdict),
        "suggestion": verdict.suggestion if isinstance(verdict, Unconstrained) else None,
        "killed_by": [_kill(kill) for kill in kills],
    }


def _kill(kill: Kill) -> dict[str, object]:
    return {
        "obligation": id_of(kill.obligation),
        "promise": kill.promise,
        "detail": kill.reason,
        "counterexample": None if kill.run is None else run_json(kill.run),
    }
