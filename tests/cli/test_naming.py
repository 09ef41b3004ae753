"""Names of specs, packages and folders are names and nothing else, on every system and in whatever they stand."""

import ast
import keyword
import os
import random
import sys
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from quiesce.cli import main
from quiesce.console.naming import alike, why_no_folder, why_no_spec, why_not_importable, why_not_portable
from quiesce.console.places import line_of
from quiesce.generate.files.header import stamped

from tests.by_day import by_day

READING = [["check"], ["verify"], ["graph"], ["mutate", "--list"], ["certify", "-o", "x.zip"], ["recheck"]]
WRITING = [["build"], ["build", "--check"], ["generate"], ["mutate", "--write"]]
HOSTILE = {
    "model/x\nopen('PWNED','w')\n#.py": "has a character in it that cannot be shown",
    "model/x\r.py": "has a character in it that cannot be shown",
    "model/\u202eyp.x.py": "has a character in it that cannot be shown, RIGHT-TO-LEFT OVERRIDE",
    "model/\x1b[2Jx.py": "has a character in it that cannot be shown",
    "--><script>alert(1)<!--/x.py": "has `>` in it, which no file of Windows can have",
    "model/x?.py": "has `?` in it, which no file of Windows can have",
    "model:x/x.py": "has `:` in it, which no file of Windows can have",
    'model/"x".py': 'has `"` in it, which no file of Windows can have',
    "...py": "the folder of its proof cannot be called '..'",
    "model./x.py": "ends with a dot, which Windows takes away",
    " model/x.py": "begins or ends with a blank",
    "model/x .py": "the folder of its proof cannot be called 'x '",
    "con.py": "is a device on Windows",
    "model/NUL.x.py": "is a device on Windows",
    "aux/x.py": "is a device on Windows",
    "model/e\u0301.py": "is spelled with characters that macOS would compose",
    f"model/{'x' * 300}.py": "has more than 200 bytes",
    "..\\..\\x.py": "it has to lie inside the project, with `/` between the parts of its path",
    "model\\x.py": "it has to lie inside the project, with `/` between the parts of its path",
    "C:\\x.py": "it has to lie inside the project",
    "C:/x.py": "it has to lie inside the project",
    "C:x.py": "it has to lie inside the project",
    "//server/share/x.py": "it has to lie inside the project",
    "/x.py": "it has to lie inside the project",
    "model/../../x.py": "it has to lie inside the project",
    "-x.py": "the folder of its proof cannot be called '-x'",
    ".x.py": "the folder of its proof cannot be called '.x'",
    "": "the folder of its proof cannot be called ''",
}


def quoted(text: str) -> str:
    """A basic string of TOML."""
    return '"' + "".join(f"\\U{ord(char):08x}" if not char.isalnum() else char for char in text) + '"'


def contents(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("name", by_day(HOSTILE, 3), ids=ascii)
def test_no_command_takes_a_spec_that_is_listed_by_a_hostile_name(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    entries = ('spec = "model/service.py"', f'package = "p"\nspec = {quoted(name)}')
    table = "".join(f"[[tool.quiesce.specs]]\n{entry}\n" for entry in entries)
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    before = contents(project)
    for command in (*READING, *WRITING):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {project / 'pyproject.toml'}:5: ")
        assert HOSTILE[name] in error
        assert len(error.splitlines()) == 1
        assert error.rstrip("\n").isprintable()
    assert contents(project) == before


NAMES_OF_FILES = [
    name
    for name in HOSTILE
    if name and ".." not in name and not PurePosixPath(name).is_absolute()
    if os.name == "posix" or not (PureWindowsPath(name).anchor or "\\" in name)  # there it is no name in the project
]


@pytest.mark.parametrize("name", NAMES_OF_FILES, ids=ascii)
def test_no_command_writes_from_a_spec_that_has_a_hostile_name(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    spec = project / name
    try:
        spec.parent.mkdir(parents=True, exist_ok=True)
        spec.write_bytes((project / "model/service.py").read_bytes())
    except OSError:
        pytest.skip("this system has no such file")
    before = contents(project)
    cannot_be_shown = "cannot be shown" in HOSTILE[name]
    for command in (*WRITING, *READING) if cannot_be_shown else WRITING:
        assert main([*command, "--", name]) == 2
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1
        assert error.rstrip("\n").isprintable()
        assert contents(project) == before
    if not cannot_be_shown:
        assert main(["check", "-q", "--", name]) == 0


def test_nothing_is_written_from_a_spec_outside_of_the_project(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "service.py"
    outside.write_bytes((project / "model/service.py").read_bytes())
    before = contents(project)
    for command in WRITING:
        assert main([*command, str(outside)]) == 2
        error = capsys.readouterr().err
        assert "service.py: it has to lie inside the project" in error
        assert len(error.splitlines()) == 1
    assert contents(project) == before
    assert main(["verify", "-q", str(outside)]) == 0


@pytest.mark.parametrize("to", ["a:b", "con", "a./b", "a/ b", "a\nb", "src/\u202e", "C:", "a\\b", "e\u0301", "Proofs"])
def test_a_folder_that_not_every_system_can_have_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    table = f'[[tool.quiesce.specs]]\nspec = "model/service.py"\npackage = "p"\nto = {quoted(to)}\n'
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    before = contents(project)
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {project / 'pyproject.toml'}:4: model/service.py: to = ")
    assert len(error.splitlines()) == 1
    assert contents(project) == before


@pytest.mark.parametrize("name", ["con", "a.nul", "a.COM1.b", "lpt¹", "x" * 201])
def test_a_package_that_not_every_system_can_have_is_refused(name: str) -> None:
    assert why_not_importable(name) is not None


@pytest.mark.parametrize("shell", ["nope", "winsock/../winsock", "", "__pycache__", "Winsock"])
def test_a_shell_that_there_is_not_is_refused_where_it_is_named(
    project: Path, capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    with (project / "pyproject.toml").open("a", encoding="utf-8") as table:
        table.write(f'shell = "{shell}"\n')
    assert main(["check"]) == 2
    error = capsys.readouterr().err
    assert (
        f"pyproject.toml:3: model/service.py: no shell '{shell}'; "
        "there are threads, asyncio, winsock, winsock_layered, none\n" in error
    )


# --- two specs, one place ---------------------------------------------------------------------------------------


def copied(project: Path, name: str) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_bytes((project / "model/service.py").read_bytes())


@pytest.mark.parametrize("other", ["other/service.py", "other/Service.py", "Service.py"])
def test_what_is_made_from_one_spec_is_not_replaced_by_another(
    built: Path, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    """Nobody lists the two, and one is built after the other."""
    (built / "pyproject.toml").write_text("[tool.quiesce]\n", encoding="utf-8")
    copied(built, other)
    before = {path: path.read_bytes() for path in contents(built) if path.is_file()}
    for command in WRITING:
        assert main([*command, other]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {other}: proofs/service is made from model/service.py; rename one of the two")
    assert {path: path.read_bytes() for path in contents(built) if path.is_file()} == before


def test_a_package_made_from_one_spec_is_not_replaced_by_another(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copied(built, "other.py")
    table = '[[tool.quiesce.specs]]\nspec = "other.py"\npackage = "service_provider"\n'
    (built / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert "other.py: generated/service_provider is made from model/service.py; rename one of the two, or" in error


def test_a_spec_that_was_moved_keeps_its_folders(built: Path) -> None:
    (built / "pyproject.toml").unlink()
    (built / "moved").mkdir()
    (built / "model/service.py").rename(built / "moved/service.py")
    assert main(["build", "-q", "moved/service.py"]) == 0


@pytest.mark.parametrize(("one", "other"), [("a", "A"), ("straße", "STRASSE"), ("é", "É")])
def test_names_that_differ_in_capitals_alone_are_one(
    project: Path, capsys: pytest.CaptureFixture[str], one: str, other: str
) -> None:
    tables = (f'[[tool.quiesce.specs]]\nspec = "{name}/{name}.py"\n' for name in (one, other))
    (project / "pyproject.toml").write_text("".join(tables), encoding="utf-8")
    assert main(["check"]) == 2
    error = capsys.readouterr().err
    assert f"pyproject.toml:3: {one}/{one}.py and {other}/{other}.py would share the folder proofs/{other}" in error


# --- new --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["a\nb.py", "a:b/x.py", "con/x.py", "a./x.py", "model/\u202e/x.py", "nul.py"])
def test_new_writes_no_spec_that_other_systems_could_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", path]) == 2
    error = capsys.readouterr().err
    assert "other systems could not have this file" in error
    assert len(error.splitlines()) == 1
    assert error.rstrip("\n").isprintable()
    assert contents(tmp_path) == []


def test_new_writes_no_spec_beside_one_that_differs_in_capitals_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(project)
    assert main(["new", "model/Service.py"]) == 2
    assert "exists" in (error := capsys.readouterr().err) or "the same file as model/service.py" in error
    assert contents(project) == before
    assert main(["new", "-q", "../there.py"]) == 0
    (project.parent / "there.py").unlink()


# --- any name ---------------------------------------------------------------------------------------------------

PIECES = [
    *"aB/\\.:-<>?*|\" '`$\n\r\t\0\x1b",
    "..",
    "...",
    "con",
    "NUL",
    "com1",
    "é",
    "e\u0301",
    "ﬁ",
    "\u202e",
    "\ud800",
]
PIECES += [
    ".py",
    "C:",
    "//",
    "/",
    "/",
    "x",
    "y",
    "model",
    "--",
    "-->",
    "<!--",
    "#",
    "%2e",
    "~",
    "\u2028",
    "\x85",
    "日本",
]


def test_a_path_that_is_taken_is_one_file_of_the_project_on_every_system() -> None:
    rng, taken = random.Random(2026), 0  # noqa: S311
    for _ in range(3000):
        path = PurePosixPath("".join(rng.choices(PIECES, k=rng.randrange(1, 7))) + ".py")
        if why_no_spec(path) is not None:
            continue
        taken += 1
        on_windows = PureWindowsPath("C:/project") / path
        assert on_windows.parts == ("C:\\", "project", *path.parts)
        assert ".." not in path.parts
        assert not any(part.endswith((".", " ")) or set(part) & set('<>:"|?*\\') for part in path.parts)
        assert not any(part.split(".")[0].lower() in ("con", "nul", "com1") for part in path.parts)
        assert unicodedata.normalize("NFC", str(path)) == str(path)
        for suffix in (".py", ".svg", ".md", ".dot", ".mmd"):
            header = stamped(PurePosixPath(f"page{suffix}"), "", path)
            assert len(header.splitlines()) == 1
            assert header.count("--") == (2 if suffix in (".svg", ".md") else 0)
    assert taken > 100


def test_a_folder_that_is_taken_is_one_of_the_project_on_every_system() -> None:
    rng, taken = random.Random(2027), 0  # noqa: S311
    for _ in range(3000):
        path = PurePosixPath("".join(rng.choices(PIECES, k=rng.randrange(1, 5))))
        if why_no_folder(path) is None:
            taken += 1
            assert why_not_portable(path) is None
            assert (PureWindowsPath("C:/project") / path).parts == ("C:\\", "project", *path.parts)
            assert not any(part.startswith(".") for part in path.parts)
    assert taken > 100


def test_a_package_that_is_taken_is_imported_by_its_name() -> None:
    rng, taken = random.Random(2028), 0  # noqa: S311
    words = [*PIECES, *keyword.kwlist, *keyword.softkwlist, "__init__", "_", "ª", "K", "quiesce"]
    words += sorted(sys.stdlib_module_names)
    for _ in range(3000):
        name = "".join(rng.choices([*words, ".", ".", "."], k=rng.randrange(1, 4)))
        if why_not_importable(name) is None:
            taken += 1
            [statement] = ast.parse(f"import {name}\n").body
            assert isinstance(statement, ast.Import)
            assert [alias.name for alias in statement.names] == [name]
            assert name.partition(".")[0] not in {"quiesce", *sys.stdlib_module_names}
    assert taken > 100


def test_names_are_alike_if_some_file_system_takes_one_for_the_other() -> None:
    for one, other in (("a", "A"), ("é", "e\u0301"), ("É", "e\u0301"), ("ß", "SS"), ("ǰ", "J\u030c"), ("ΐ", "ϊ\u0301")):
        assert alike(one) == alike(other)
    assert alike("a") != alike("b")


# --- lines of pyproject.toml ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number", "key", "line"),
    [
        ('[[tool.quiesce.specs]]\nspec = "a"\n\n[[tool.quiesce.specs]]\n# b\nspec = "b"\n', 1, "spec", 6),
        ('[[tool.quiesce.specs]]\nspec = "a"\n\n[[tool.quiesce.specs]]\n# b\nspec = "b"\n', 1, None, 4),
        ('[[tool.quiesce.specs]]\r\nspec = "a"\r\nto = "b"\r\n', 0, "to", 3),
        ('[tool.quiesce]\nspecs = [\n  { spec = "a" },\n  { spec = "b" },\n]\n', 1, "spec", 5),
        ('[tool]\nquiesce.specs = [{ spec = "a" }]\n', 0, "spec", 2),
        ('[[tool."quiesce"."specs"]]\n\'spec\' = "a"\n', 0, "spec", 2),
        ('[x]\ny = """\n[[tool.quiesce.specs]]\nspec = "no"\n"""\n[[tool.quiesce.specs]]\nspec = "a"\n', 0, "spec", 7),
        ('[[tool.quiesce.specs]]\nspec = """\na\nb"""\n', 0, "spec", 4),
        ('[[tool.quiesce.specs]]\nspec = "a"\n', 0, "to", None),
        ('[[tool.quiesce.specs]]\nspec = "a"\n', 1, "spec", None),
        ("", 0, None, None),
    ],
)
def test_the_line_of_an_entry_is_where_it_is_complete(
    text: str, number: int, key: str | None, line: int | None
) -> None:
    assert line_of(text, number, key) == line
