"""Developers work with exact versions of all that the project needs, so that evidence is the same everywhere."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEVELOPERS = PROJECT["optional-dependencies"]["dev"]


def test_every_requirement_is_exact_for_developers() -> None:
    own = [each for each in DEVELOPERS if not each.startswith("quiesce[")]
    assert [each for each in own if not re.fullmatch(r"[\w-]+==[\d.]+", each)] == []
    needed = {re.split(r"[<>=!~]", each)[0] for each in PROJECT["dependencies"]}
    assert needed <= {each.partition("==")[0] for each in own}


def test_the_solver_is_the_one_that_wrote_the_evidence() -> None:
    (wanted,) = (each.partition("==")[2] for each in DEVELOPERS if each.startswith("z3-solver=="))
    assert version("z3-solver") == wanted
