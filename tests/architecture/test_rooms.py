"""Within a package, rooms import each other one way; the picture of them, and the topics, are as the code is."""

from functools import cache
from pathlib import Path

import pytest

from tests.architecture.rooms import (
    PAGE,
    Graph,
    circle,
    merged,
    module_graph,
    package_of,
    picture,
    room_graph,
    topic,
    with_rooms,
    without_detours,
)
from tests.architecture.test_arrows import SOURCES
from tests.mermaid import read_flowchart

MAY_IMPORT: dict[str, set[str]] = {
    "quiesce.generate.python": set(),
    "quiesce.generate.core": {"quiesce.generate.python"},
    "quiesce.generate.examples": {"quiesce.generate.core", "quiesce.generate.python"},
    "quiesce.generate.files": set(),
    "quiesce.console.reports.text": {"quiesce.console.style", "quiesce.console.verdicts"},
    "quiesce.console.reports.json": {"quiesce.console.reports.text", "quiesce.console.verdicts"},
    "quiesce.console.reports.pages": {"quiesce.console.reports.json", "quiesce.console.reports.text"},
}
"""What the rooms that others build on may import within their own package."""


@cache
def rooms() -> Graph:
    """The rooms as they are; looking takes half a second."""
    return room_graph(SOURCES)


def package(folder: Path, **modules: str) -> dict[str, Path]:
    """A package `quiesce.prove` in a folder; a name with two underscores is a module in a room."""
    for name, text in modules.items():
        file = folder.joinpath(*name.split("__")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")
    return {"quiesce.prove": folder}


def test_no_rooms_and_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(module_graph(SOURCES)) == []
    assert circle(rooms()) == []


def test_a_circle_of_modules_is_seen(tmp_path: Path) -> None:
    sources = package(tmp_path, a="from quiesce.prove import b", b="def f():\n    from quiesce.prove.a import g")
    assert sorted(circle(module_graph(sources))) == ["quiesce.prove.a", "quiesce.prove.b"]


@pytest.mark.parametrize(
    "modules",
    [
        {"one__a": "import quiesce.prove.two.b", "two__b": "", "two__c": "from quiesce.prove.one import a"},
        {"one__a": "from quiesce.prove.beside import x", "one__b": "", "beside": "from quiesce.prove.one.b import y"},
    ],
    ids=["rooms", "a room and a module beside it"],
)
def test_a_circle_of_rooms_without_one_of_modules_is_seen(tmp_path: Path, modules: dict[str, str]) -> None:
    sources = package(tmp_path, **modules)
    assert circle(module_graph(sources)) == []
    assert len(circle(room_graph(sources))) == 2


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_that_others_build_on_imports_little(room: str) -> None:
    owner = ".".join(room.split(".")[:2])
    assert {other for other in rooms()[room] if other.startswith(f"{owner}.")} <= MAY_IMPORT[room]


def test_no_command_imports_another() -> None:
    modules = module_graph(SOURCES)
    commands = {module for module in modules if module.startswith("quiesce.console.commands.")}
    assert len(commands) > 5
    assert {module: others & commands for module, others in modules.items() if others & commands} == {}


def test_what_follows_from_other_arrows_is_not_drawn() -> None:
    assert without_detours({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}) == {
        "a": frozenset("b"),
        "b": frozenset("c"),
        "c": frozenset(),
    }


def test_the_picture_of_the_rooms_is_as_the_imports_are_and_topics_are_as_docstrings_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_rooms(page, SOURCES) == page, "draw it anew: python -m tests.architecture.rooms"


def test_the_picture_of_the_rooms_is_a_flowchart_that_mermaid_reads() -> None:
    diagram = read_flowchart(picture(SOURCES))
    packages = {package.removeprefix("quiesce.") for package in SOURCES}
    assert packages <= diagram.texts.keys()
    assert {around for node in diagram.texts for around in diagram.around(node)} < packages
    assert ("kernel", "spec") in diagram.arrows
    drawn = sum(len(others) for others in merged_by_package().values())
    assert 0 < len([arrow for arrow in diagram.arrows if set(arrow) <= packages]) <= drawn


def merged_by_package() -> Graph:
    return merged(rooms(), {room: package_of(room, SOURCES) for room in rooms()})


def test_a_picture_that_is_stale_is_drawn_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    arrow = "generate_core --> generate_python"
    assert arrow in page
    assert with_rooms(page.replace(arrow, "generate_python --> generate_core"), SOURCES) == page


def test_the_topic_of_a_module_that_is_stale_is_written_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    line = "- **farkas**: Multipliers with which linear inequalities add up to a contradiction"
    assert line in page
    assert with_rooms(page.replace(line, "- **farkas**: Something else"), SOURCES) == page
    assert with_rooms(page.replace(line, f"- **gone**: No such module.\n{line}"), SOURCES) == page


def test_a_page_without_a_place_for_the_picture_is_no_page() -> None:
    with pytest.raises(ValueError, match="no place, or several, for its rooms"):
        with_rooms("# Architecture\n", SOURCES)


def test_the_topic_of_a_module_is_the_first_sentence_of_its_docstring(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text('"""One topic: this,\nand `x.y`. And more.\n\nAnd more."""\n', encoding="utf-8")
    assert topic(file) == "One topic: this, and `x.y`."


def test_a_module_without_a_topic_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import ast\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.py does not say what it is about"):
        topic(tmp_path / "a.py")
