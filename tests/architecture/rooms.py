"""The rooms of the code, as its folders and imports have them: their picture, and the topic of each module.

A room is a folder with modules. A package can have modules that lie beside its rooms; those of them that need the same
rooms are one box, so that a box never stands above and below the same room.

`python -m tests.architecture.rooms` draws the picture in ARCHITECTURE.md, and writes the list of topics there, anew.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import networkx

from tests.architecture.test_arrows import SOURCES, imported, python_files

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "ARCHITECTURE.md"
PARTS = {"codegen": "#e8f0fe", "proofs": "#e6f4ea", "model": "#fef7e0"}
"""The folders that the packages lie in, each with the colour of its rooms."""

NAMES_IN_A_LINE = 4

Graph = Mapping[str, frozenset[str]]
"""What each module, room, box or package imports of the others, itself left out."""


def module_graph(sources: Mapping[str, Path]) -> Graph:
    """The imports between all modules, wherever they stand in a file; a package is a module called like its folder."""
    paths = {}
    for package, folder in sources.items():
        for path in python_files(folder):
            inside = path.relative_to(folder).with_suffix("").parts
            paths[".".join((package, *(part for part in inside if part != "__init__")))] = path

    def known(name: str) -> Iterator[str]:
        """The module that a name is, or lies in."""
        if name in paths:
            yield name
        elif name.rpartition(".")[0] in paths:
            yield name.rpartition(".")[0]

    return {
        module: frozenset(found for name in imported(path) for found in known(name)) - {module}
        for module, path in paths.items()
    }


def room_graph(sources: Mapping[str, Path]) -> Graph:
    """The imports between rooms; a module that lies beside rooms counts for itself."""
    modules = module_graph(sources)
    folders = {module: _folder(module, sources) for module in modules}
    roomy = {package for package in sources if any(folder.startswith(f"{package}.") for folder in folders.values())}
    return merged(modules, {module: module if room in roomy else room for module, room in folders.items()})


def _folder(module: str, sources: Mapping[str, Path]) -> str:
    """The folder that a module lies in, written like a module."""
    package = package_of(module, sources)
    return module if _place(module, package, sources[package]).is_dir() else module.rpartition(".")[0]


def package_of(module: str, packages: Iterable[str]) -> str:
    """The package that a module or room is a part of."""
    return next(package for package in packages if module == package or module.startswith(f"{package}."))


def merged(graph: Graph, into: Mapping[str, str]) -> Graph:
    """A graph in which several nodes are one: `into` names what each becomes a part of."""
    found: dict[str, set[str]] = {into[node]: set() for node in graph}
    for node, others in graph.items():
        found[into[node]] |= {into[other] for other in others} - {into[node]}
    return {node: frozenset(others) for node, others in found.items()}


def circle(graph: Graph) -> list[str]:
    """Nodes that import each other in a circle, if there are any."""
    try:
        return [source for source, _ in networkx.find_cycle(networkx.DiGraph(_edges(graph)))]
    except networkx.NetworkXNoCycle:
        return []


def _edges(graph: Graph) -> Iterator[tuple[str, str]]:
    return ((node, other) for node in sorted(graph) for other in sorted(graph[node]))


def without_detours(graph: Graph) -> Graph:
    """Only the imports that no way over other nodes stands for."""
    drawn = networkx.DiGraph(_edges(graph))
    drawn.add_nodes_from(graph)
    reduced = networkx.transitive_reduction(drawn)
    return {node: frozenset(reduced.successors(node)) for node in graph}


def picture(sources: Mapping[str, Path]) -> str:
    """The rooms as a flowchart of Mermaid: arrows between the boxes of a package, and between packages.

    Where one arrow follows from others, only the others are drawn.
    """
    rooms = room_graph(sources)
    packages = {room: package_of(room, sources) for room in rooms}
    lines = ["flowchart TD"]
    for package, folder in sources.items():
        inside = {room for room in rooms if packages[room] == package}
        lines += _package(package, folder, {room: rooms[room] & inside for room in inside})
        lines.append(f"  class {_id(package)} {folder.relative_to(ROOT).parts[0]}")
    arrows = _edges(without_detours(merged(rooms, packages)))
    lines += [f"  {_id(package)} --> {_id(other)}" for package, other in arrows]
    lines += [f"  classDef {part} fill:{colour},stroke:#5f6368,color:#202124" for part, colour in PARTS.items()]
    return "\n".join(lines)


def _package(package: str, folder: Path, rooms: Graph) -> Iterator[str]:
    if rooms.keys() == {package}:
        yield f'  {_id(package)}["{_titled(_short(package), folder)}"]'
        return
    boxes = _boxes(package, folder, rooms)
    yield f'  subgraph {_id(package)}["{_short(package)}"]'
    for box in sorted(set(boxes.values())):
        names = sorted(room.removeprefix(f"{package}.") for room, in_box in boxes.items() if in_box == box)
        place = _place(box, package, folder)
        label = _titled(names[0], place) if place.is_dir() else _in_lines(names)
        yield f'    {_id(box)}["{label}"]'
    inside = {room: rooms[room] & boxes.keys() for room in boxes}
    for box, other in _edges(without_detours(merged(inside, boxes))):
        yield f"    {_id(box)} --> {_id(other)}"
    yield "  end"


def _boxes(package: str, folder: Path, rooms: Graph) -> Mapping[str, str]:
    """The box of each room and of each module beside rooms."""
    drawn = networkx.DiGraph(_edges(rooms))
    drawn.add_nodes_from(rooms)
    folders = {room for room in rooms if _place(room, package, folder).is_dir()}
    beside = [room for room in rooms if room not in folders]
    needs = {room: sorted(networkx.descendants(drawn, room) & folders) for room in beside}
    kinds = sorted({tuple(others) for others in needs.values()})
    numbered = {room: f"{package}.beside{kinds.index(tuple(needs[room]))}" for room in beside}
    return {room: numbered.get(room, room) for room in rooms if room != package}


def _place(module: str, package: str, folder: Path) -> Path:
    return folder.joinpath(*module.removeprefix(package).strip(".").split("."))


def _short(name: str) -> str:
    return name.removeprefix("quiesce.")


def _id(name: str) -> str:
    return _short(name).replace(".", "_")


def _titled(name: str, folder: Path) -> str:
    """The name of a room above the names of the modules that lie in it."""
    modules = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    return f"<b>{name}</b><br/>{_in_lines(modules)}"


def _in_lines(names: Sequence[str]) -> str:
    lines = (names[at : at + NAMES_IN_A_LINE] for at in range(0, len(names), NAMES_IN_A_LINE))
    return "<br/>".join(", ".join(line) for line in lines)


def topics(sources: Mapping[str, Path]) -> str:
    """The modules of each room, each with its topic, the first sentence of its docstring, and with what it offers."""
    return "\n\n".join("\n".join(lines) for package, folder in sources.items() for lines in _topics(package, folder))


def _topics(package: str, folder: Path) -> Iterator[list[str]]:
    rooms: dict[Path, list[Path]] = {}
    for path in python_files(folder):
        if path.stem != "__init__":
            rooms.setdefault(path.parent, []).append(path)
    for room, paths in sorted(rooms.items()):
        name = "/".join((*_short(package).split("."), *room.relative_to(folder).parts))
        yield [f"### `{name}`", "", *(f"- **{path.stem}**: {topic(path)}{_offered(path)}" for path in paths)]


def _offered(path: Path) -> str:
    """The classes of a module and its public functions, in the order of their definitions."""
    found = map(_offer, _tree(path.read_text(encoding="utf-8")).body)
    names = list(dict.fromkeys(code for code in found if code))
    return f" <small>{', '.join(names)}</small>" if names else ""


def _offer(node: ast.stmt) -> str | None:
    match node:
        case ast.ClassDef(name):
            return f"`{name}`"
        case ast.FunctionDef(name) if not name.startswith("_"):
            return f"`{name}`"
        case _:
            return None


@cache  # several tests look at all files
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def topic(path: Path) -> str:
    """The first sentence of the docstring of a module; a module without one has no topic, which is a mistake."""
    told = ast.get_docstring(_tree(path.read_text(encoding="utf-8")))
    if told is None:
        raise ValueError(f"{path.name} does not say what it is about")
    first, _, _ = " ".join(told.split("\n\n")[0].split()).partition(". ")
    return f"{first.rstrip('.')}."


def with_rooms(page: str, sources: Mapping[str, Path]) -> str:
    """The page with its picture of the rooms, and its list of the modules, made anew."""
    drawn = _with_part(page, "rooms", f"```mermaid\n{picture(sources)}\n```")
    return _with_part(drawn, "modules", topics(sources))


def _with_part(page: str, part: str, text: str) -> str:
    place = re.compile(rf"(<!-- {part} -->\n).*?(\n<!-- end of {part} -->)", re.DOTALL)
    page, places = place.subn(lambda match: f"{match.group(1)}{text}{match.group(2)}", page)
    if places != 1:
        raise ValueError(f"the page has no place, or several, for its {part}")
    return page


if __name__ == "__main__":
    PAGE.write_text(with_rooms(PAGE.read_text(encoding="utf-8"), SOURCES), encoding="utf-8", newline="\n")
    sys.exit(0)
