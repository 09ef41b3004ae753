"""The command line loads the module of the command that runs, and what that one needs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from quiesce import cli
from quiesce.cli import main

COMMANDS = Path(cli.__file__).with_name("console") / "commands"
STAGES = ("spec", "kernel", "prove", "cores", "certify", "mutate", "draw", "generate", "workers", "recheck")
WORDS = {"quiesce.spec", "quiesce.spec.language", "quiesce.spec.record"}
"""The words that a spec imports, which come with the package of that name."""
READING = WORDS | {"quiesce.spec.files", "quiesce.spec.digits", "quiesce.spec.visible"}
"""What every command loads to read files and to print: it needs nothing of the rest of its stage."""
WRITING = {"quiesce.generate", "quiesce.generate.files", "quiesce.generate.files.place"}
"""What every command may load that writes a file: the same is true of it."""
LOADED = """
import sys
from quiesce.cli import main
try:
    main(sys.argv[1:])
finally:
    print("loaded:", *(name for name in sys.modules if name.startswith("quiesce.")))
"""


def loaded(folder: Path, *words: str) -> set[str]:
    """The modules of ours that a process has loaded which ran a command."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


def stages(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules} & set(STAGES)


def commands(modules: set[str]) -> set[str]:
    found = (name.removeprefix("quiesce.console.commands.") for name in modules)
    return {name for name in found if "." not in name}


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_what_the_command_line_says_of_itself_needs_no_stage(tmp_path: Path, word: str) -> None:
    modules = loaded(tmp_path, word)
    assert "quiesce.cli" in modules
    assert (stages(modules - READING), commands(modules)) == (set(), set())


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (("check", "model/service.py"), {"cores", "certify", "mutate", "draw", "generate"}),
        (("graph", "model/service.py"), {"cores", "certify", "mutate"}),
        (("new", "model/other.py"), {"kernel", "prove", "cores", "certify", "mutate", "draw", "generate"}),
    ],
    ids=["check", "graph", "new"],
)
def test_a_command_loads_itself_alone(project: Path, words: tuple[str, ...], unneeded: set[str]) -> None:
    modules = loaded(project, *words)
    assert commands(modules) == {words[0]}
    assert stages(modules - WRITING) & unneeded == set()


def test_every_command_that_is_offered_has_a_module_and_no_module_is_without_a_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)
    assert len(offered) > 5
    assert sorted(offered) == sorted(file.stem for file in COMMANDS.glob("*.py"))
