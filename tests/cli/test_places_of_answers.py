"""Where `-o`, `--json` and `--save-cache` lead: files are replaced in one step, and everything else is written to."""

import io
import os
import stat
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.console.exits import UsageError
from quiesce.console.output import write_bytes
from quiesce.generate.files.place import InTheWay, put

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has neither such devices nor such pipes")

SPEC = "model/service.py"
COMMANDS = {"graph": ["graph", "-o"], "certify": ["certify", "-q", "-o"]}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.usefixtures("project")
def test_a_pipe_takes_the_answer_and_stays(command: list[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = list[bytes]()
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert main([*command, str(pipe), SPEC]) == 0
    reader.join(60)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert len(got[0]) > 100
    assert "certify" not in command or zipfile.ZipFile(io.BytesIO(got[0])).testzip() is None


@pytest.mark.usefixtures("project")
def test_every_option_that_names_a_file_follows_links(tmp_path: Path) -> None:
    for name in ("json", "cores", "save-cache"):
        (tmp_path / name).symlink_to(f"{name}.out")
    options = [word for name in ("json", "cores", "save-cache") for word in (f"--{name}", name)]
    assert main(["verify", "-q", *options, SPEC]) == 0
    assert [path.stat().st_size > 100 for path in tmp_path.glob("*.out")] == [True, True, True]
    assert all((tmp_path / name).is_symlink() for name in ("json", "cores", "save-cache"))


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside/old").write_bytes(b"old")
    (tmp_path / "inside/old").chmod(0o600)
    for name in ("old", "new"):
        (tmp_path / f"to {name}").symlink_to(Path("inside") / name)
        write_bytes(tmp_path / f"to {name}", b"answer")
        assert (tmp_path / f"to {name}").is_symlink()
        assert (tmp_path / "inside" / name).read_bytes() == b"answer"
    assert stat.S_IMODE((tmp_path / "inside/old").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "inside").iterdir()) == ["new", "old"]


def own_node(tmp_path: Path, minor: int) -> Path:
    """A node like /dev/null (3) or /dev/full (7), where one may make it and use it."""
    node = tmp_path / "node"
    try:
        os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        node.open("rb").close()
    except OSError as error:
        pytest.skip(f"no node can be made here: {error}")
    return node


def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    node = own_node(tmp_path, 3)
    write_bytes(node, b"gone")
    assert stat.S_ISCHR(node.lstat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["node"]


def test_a_full_device_is_told_and_stays(tmp_path: Path) -> None:
    node = own_node(tmp_path, 7)
    with pytest.raises(UsageError, match="No space left on device"):
        write_bytes(node, b"too much")
    assert stat.S_ISCHR(node.lstat().st_mode)


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot write"):
        write_bytes(tmp_path / "loop", b"x")
    assert (tmp_path / "loop").is_symlink()


def test_a_file_that_we_print_to_is_written_to_behind_what_was_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "out"
    with place.open("w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        print("before")
        write_bytes(place, b"in between\n")
    assert place.read_bytes() == b"before\nin between\n"


def test_a_file_is_replaced_in_one_step_and_another_one_beside_it_stays(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / ".out.new").write_bytes(b"mine")
    with (tmp_path / "out").open("rb") as reader:
        write_bytes(tmp_path / "out", b"new")
        assert reader.read() == b"old"
    assert (tmp_path / "out").read_bytes() == b"new"
    assert (tmp_path / ".out.new").read_bytes() == b"mine"


def test_what_is_put_into_a_project_is_never_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / "mutants.json").symlink_to("mine")
    with pytest.raises(InTheWay, match="move it away"):
        put(tmp_path / "mutants.json", b"{}")
    assert (tmp_path / "mine").read_bytes() == b"mine"
