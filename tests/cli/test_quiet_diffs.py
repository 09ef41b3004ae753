"""What is committed changes where the meaning of a spec does, and nowhere else; what is stale or edited is found."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.certify.certificate import digest
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal_reading import read_proposal
from quiesce.cli import main
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.spec.reader import read_file

from tests.by_day import at_night, by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

ROOT = Path(__file__).parents[2]
SPEC = Path("model/service.py")
MODELS = sorted(path for path in (ROOT / "model").glob("*.py") if "(Machine" in path.read_text(encoding="utf-8"))
SMALL = [at_night(path) if path.stem in ("winsock", "winsock_layered") else path for path in MODELS]
SPECS = [*MODELS, *sorted((ROOT / "tests/specs/good").glob("*.py"))]


def committed(project: Path) -> dict[str, bytes]:
    """Everything that belongs into a repository, besides the spec."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for folder in ("generated", "proofs")
        for path in (project / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def moved(text: str) -> str:
    """The same spec with a comment and blank lines before each declaration, and a comment behind many lines."""
    text = re.sub(r"^( *)(?=@|class |if |when\()", r"\n\1# a note\n\n\1", text, flags=re.MULTILINE)
    return "# a note\n" + re.sub(r"(\+= 1|-= 1|\(self\) -> None:)$", r"\1  # a note", text, flags=re.MULTILINE)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8", newline="\n")


def test_a_comment_and_a_blank_line_change_nothing_that_is_committed(built: Path) -> None:
    before = committed(built)
    rewrite(SPEC, moved)
    assert main(["build", "--check", "-q"]) == 0
    assert main(["build", "-q", "--force"]) == 0
    assert committed(built) == before


@pytest.mark.nightly
def test_a_comment_in_the_flagship_changes_nothing_that_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("model", "generated", "proofs/winsock"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("quiesce", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    rewrite(tmp_path / "model/winsock.py", moved)
    assert main(["build", "--check", "-q", "model/winsock.py"]) == 0


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_no_id_of_an_obligation_knows_where_it_stands(path: Path, tmp_path: Path) -> None:
    for file in path.parent.glob("*.py"):
        (tmp_path / file.name).write_text(moved(file.read_text(encoding="utf-8")), encoding="utf-8")
    before, after = (obligations(problem_of(read_file(one))) for one in (path, tmp_path / path.name))
    assert [obligation.id for obligation in after] == [obligation.id for obligation in before]
    assert [obligation.span for obligation in after] != [obligation.span for obligation in before]


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.stem)
def test_no_condition_knows_where_it_stands(path: Path, tmp_path: Path) -> None:
    hints = (ROOT / "proofs" / path.stem / "hints.json").read_text(encoding="utf-8")
    for file in path.parent.glob("*.py"):
        (tmp_path / file.name).write_text(moved(file.read_text(encoding="utf-8")), encoding="utf-8")
    machines = [read_file(one) for one in (path, tmp_path / path.name)]
    derived = [Derivation(machine, read_proposal(machine, hints)).questions for machine in machines]
    assert len({digest(one.script for one in questions) for questions in derived}) == 1


def test_a_promise_of_another_name_changes_its_page_and_no_generated_file(built: Path) -> None:
    before = committed(built)
    [name, *_] = re.findall(r"@always\n    def (\w+)", SPEC.read_text(encoding="utf-8"))
    rewrite(SPEC, lambda text: text.replace(name, "called_otherwise"))
    assert main(["build", "-q"]) == 0
    page = "proofs/service/README.md"
    assert page in changed(before, committed(built))
    assert changed(before, committed(built)) <= {page, "proofs/service/hints.json", "proofs/service/MANIFEST.json"}
    lines = [text.decode().splitlines() for text in (before[page], committed(built)[page])]
    assert sum(one != other for one, other in zip(*lines, strict=True)) == before[page].decode().count(name) > 0


def replaced(text: str, pattern: re.Pattern[str], new: str) -> str:
    """The first text that fits is replaced; if the pattern has a group, what it finds is replaced everywhere."""
    if not pattern.groups:
        return pattern.sub(new, text, count=1)
    found = pattern.search(text)
    assert found is not None
    return re.sub(rf"\b{found[1]}\b", new, text)


@pytest.mark.parametrize(
    ("old", "new"),
    by_day(
        [
            (r"self\.refs > 1\b", "self.refs >= 2"),
            (r'fails="\w+"', 'fails="FAILED"'),
            (r"def (\w+)\(self\) -> None", "called_otherwise"),
            (r"class (\w+)\(Machine", "Office"),
        ],
        2,
    ),
)
def test_another_meaning_is_found_and_nothing_is_written(
    built: Path, capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    before = committed(built)
    rewrite(SPEC, lambda text: replaced(text, re.compile(old), new))
    assert main(["build", "--check", "-q"]) == 1
    assert "proofs/service/MANIFEST.json: stale" in capsys.readouterr().err
    assert committed(built) == before


@pytest.mark.usefixtures("built")
def test_another_docstring_is_found_where_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(
        SPEC, lambda text: re.sub(r'(@always\n    def \w+\(self\) -> bool:\n        """)', r"\1Indeed: ", text, count=1)
    )
    assert main(["build", "--check", "-q"]) == 1
    found = {line for line in capsys.readouterr().err.splitlines() if line.endswith(": stale")}
    assert found == {f"proofs/service/{name}: stale" for name in ("README.md", "MANIFEST.json")}


@pytest.mark.parametrize("file", by_day(["README.md", "hints.json", "MANIFEST.json"], 2))
def test_a_hand_edit_of_the_evidence_is_found(built: Path, capsys: pytest.CaptureFixture[str], file: str) -> None:
    path = built / "proofs/service" / file
    text = path.read_text(encoding="utf-8").rsplit("e", 1)
    path.write_text("3".join(text), encoding="utf-8", newline="\n")
    assert main(["build", "--check", "-q"]) == 1
    assert f"proofs/service/{file}: hand-edited" in capsys.readouterr().err


DIGEST = re.compile(r"\b[0-9a-f]{32,}\b")
PLACE = re.compile(r"\.py:\d|\blines? \d|\.py` \(\d")


def test_no_committed_page_holds_a_digest_or_a_line_number() -> None:
    folders = [ROOT / "generated", *(ROOT / "proofs" / path.stem for path in MODELS)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) > 30
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert PLACE.findall(text) == [], path
        if path.name not in {"MANIFEST.json", "mutants.json"}:
            assert DIGEST.findall(text) == [], path


@pytest.mark.nightly
def test_the_page_shows_the_survey_that_was_written_last(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = built / "proofs/service/README.md"
    assert "was not surveyed" in page.read_text(encoding="utf-8")
    assert main(["mutate", "--write", "-q", "--jobs", "1", "--list"]) == 0
    assert not (built / "proofs/service/mutants.json").exists()
    main(["mutate", "--write", "-q", "--jobs", "2"])
    assert (built / "proofs/service/mutants.json").is_file()
    assert main(["build", "--check", "-q"]) == 1
    assert main(["build", "-q"]) == 0
    assert "small faults put into the spec" in page.read_text(encoding="utf-8")
    assert "earlier version" not in page.read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["build"]) == 0
    assert capsys.readouterr().out == "model/service.py: up to date\n"
    (built / "proofs/service/mutants.json").write_text("{}", encoding="utf-8")
    before = committed(built)
    assert main(["build", "-q"]) == 2
    assert "proofs/service/mutants.json: there is no entry" in capsys.readouterr().err
    assert committed(built) == before
