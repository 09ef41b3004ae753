"""The committed survey of the flagship's mutants is about the model as it is, and no fault goes unnoticed."""

from pathlib import Path

from quiesce.console.reports.json.mutants_summary import Summary, from_json
from quiesce.console.reports.pages.mutants import survey_sentence
from quiesce.mutate.operators import mutants
from quiesce.spec.digest import model_digest
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "model" / "winsock.py"
FOLDER = ROOT / "proofs" / "winsock"


def survey() -> Summary:
    return from_json((FOLDER / "mutants.json").read_text(encoding="utf-8"))


def test_the_survey_is_about_the_model_as_it_is() -> None:
    assert survey().model == model_digest(read_file(SPEC)), "run `quiesce mutate --write model/winsock.py` and build"


def test_every_fault_was_judged_and_none_goes_unnoticed() -> None:
    verdicts = survey().verdicts
    assert sum(verdicts.values()) == len(mutants(read_file(SPEC)))
    assert sum(verdicts.values()) >= 300
    assert verdicts.keys() == {"killed", "equivalent"}


def test_the_page_and_the_readme_count_them() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert survey_sentence(read_file(SPEC), survey()) in page
    assert "earlier version" not in page
    judged = sum(survey().verdicts.values())
    assert f"of the flagship's {judged} [none goes unnoticed](proofs/winsock/README.md#small-faults-of-the-spec)" in (
        ROOT / "README.md"
    ).read_text(encoding="utf-8")
