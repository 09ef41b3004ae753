"""One process at a time writes; another one waits, or says who does."""

import errno
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files import lock
from quiesce.generate.files.lock import Busy, acquire
from quiesce.generate.files.recovery import Site
from quiesce.generate.files.write import Transaction

ROOT = Path(__file__).parents[2]
NEW = {PurePosixPath("gate/core.py"): "new = 1\n"}


def transaction(project: Path, patience: float = 0) -> Transaction:
    return Transaction(Site(project, (PurePosixPath("gate"),), PurePosixPath(".notes")), patience=patience)


def test_who_may_not_write_is_told_who_does(tmp_path: Path) -> None:
    with transaction(tmp_path) as one:
        one.write([(NEW, tmp_path)])
        with pytest.raises(Busy, match=rf"process {os.getpid()} on .* holds the lock .*; try again when it has ended"):
            transaction(tmp_path).write([(NEW, tmp_path)])
        assert (tmp_path / "gate/core.py").read_bytes() == b"new = 1\n"
        one.commit()
    with transaction(tmp_path) as other:
        other.write([({PurePosixPath("gate/core.py"): "newer = 1\n"}, tmp_path)], force=True)
        other.commit()
    assert (tmp_path / "gate/core.py").read_bytes() == b"newer = 1\n"


def test_what_another_process_has_not_finished_is_not_taken_for_up_to_date(tmp_path: Path) -> None:
    with transaction(tmp_path) as one:
        one.write([(NEW, tmp_path)])
        with transaction(tmp_path) as other, pytest.raises(Busy):
            other.write([(NEW, tmp_path)])
    assert not (tmp_path / "gate").exists()


def test_while_it_waits_it_tells_for_whom(tmp_path: Path) -> None:
    handle = acquire(tmp_path / "lock", 0, lambda _: None)
    heard = list[str]()

    def hear(text: str) -> None:
        heard.append(text)
        os.close(handle)

    os.close(acquire(tmp_path / "lock", 60, hear))
    assert heard == [f"waiting for {(tmp_path / 'lock').read_text(encoding='utf-8')}, which is writing"]


@pytest.mark.skipif(sys.platform == "win32", reason="every file system of Windows has locks")
def test_where_a_file_system_has_no_locks_files_are_written_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(number: int) -> None:
        def failing(_handle: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(lock, "_try", failing)

    fails(errno.ENOLCK)
    os.close(acquire(tmp_path / "lock", 0, lambda _: None))
    fails(errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        acquire(tmp_path / "lock", 0, lambda _: None)


AT_ONCE = """
import os, sys
from pathlib import Path, PurePosixPath
from tests.generate.test_lock import transaction
from tests.generate.test_transactions import pages_of
project = Path(sys.argv[1])
children = []
for number in range(8):
    if not (child := os.fork()):
        for turn in range(5):
            pages = pages_of("gate", core=f"core = {number}, {turn}", **{f"only{number}": "pass"})
            with transaction(project, patience=60) as tree:
                tree.write([(pages, project)])
                tree.commit()
        os._exit(0)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="eight processes take too long to start where none can be forked")
def test_eight_processes_that_write_at_once_all_succeed_and_nobody_loses_a_file(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate/mine.txt").write_bytes(b"mine")
    line = [sys.executable, "-c", AT_ONCE, str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.stdout, done.stderr) == (f"{[0] * 8}\n", "")
    names = sorted(path.name for path in (tmp_path / "gate").iterdir())
    [only] = [name for name in names if name.startswith("only")]
    assert names == ["MANIFEST.json", "core.py", "mine.txt", only]
    last = (tmp_path / "gate/core.py").read_text(encoding="utf-8")
    assert last.endswith(f"core = {only.removeprefix('only').removesuffix('.py')}, 4\n")
