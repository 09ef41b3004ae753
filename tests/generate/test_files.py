from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files import Status, compare, is_untouched
from quiesce.generate.header import digest, read_header
from quiesce.generate.write import write

Pages = Mapping[PurePosixPath, str]
CORE = PurePosixPath("gate_provider/core.py")
MANIFEST = PurePosixPath("gate_provider/MANIFEST.json")


@pytest.fixture
def pages(pages_of: Callable[[str], Pages]) -> Pages:
    return pages_of("gate")


@pytest.fixture
def root(pages: Pages, tmp_path: Path) -> Path:
    write(pages, tmp_path)
    return tmp_path


def changed(pages: Pages, root: Path) -> dict[PurePosixPath, Status]:
    return {state.path: state.status for state in compare(pages, root) if state.status is not Status.UP_TO_DATE}


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_bytes().decode()
    assert before in text
    path.write_bytes(text.replace(before, after).encode())


def restamped(text: str, body: str) -> str:
    """A page as an earlier generation could have written it."""
    first, model, _ = text.split("\n")[:3]
    return f"{first}\n{model}\n# body sha256:{digest(body)}\n{body}"


def test_what_was_written_is_up_to_date(pages: Pages, root: Path) -> None:
    assert changed(pages, root) == {}


def test_nothing_written_means_all_missing(pages: Pages, tmp_path: Path) -> None:
    assert set(changed(pages, tmp_path).values()) == {Status.MISSING}
    assert len(compare(pages, tmp_path)) == len(pages)


def test_a_change_of_one_character_is_a_hand_edit(pages: Pages, root: Path) -> None:
    edit(root / CORE, "self.holders += 1", "self.holders += 2")
    assert changed(pages, root) == {CORE: Status.HAND_EDITED}


def test_a_changed_manifest_is_a_hand_edit(pages: Pages, root: Path) -> None:
    edit(root / MANIFEST, "core.py", "code.py")
    assert changed(pages, root) == {MANIFEST: Status.HAND_EDITED}


def test_an_untouched_file_of_an_earlier_generation_is_stale(pages: Pages, root: Path) -> None:
    (root / CORE).write_bytes(restamped(pages[CORE], "# as it once was\n").encode())
    assert changed(pages, root) == {CORE: Status.STALE}


def test_other_line_ends_are_no_edit(pages: Pages, root: Path) -> None:
    edit(root / CORE, "\n", "\r\n")
    edit(root / MANIFEST, "\n", "\r\n")
    assert changed(pages, root) == {}
    edit(root / CORE, "self.holders += 1", "self.holders += 2")
    assert changed(pages, root) == {CORE: Status.HAND_EDITED}


@pytest.mark.parametrize("content", [b"print('mine')\n", b"", b"\xff\xfe"])
def test_a_file_without_our_header_is_foreign(content: bytes, pages: Pages, root: Path) -> None:
    (root / CORE).write_bytes(content)
    assert changed(pages, root) == {CORE: Status.FOREIGN}


def test_a_folder_where_a_page_should_be_is_foreign(pages: Pages, root: Path) -> None:
    (root / CORE).unlink()
    (root / CORE).mkdir()
    assert changed(pages, root) == {CORE: Status.FOREIGN}


def without_hooks(pages: Pages) -> Pages:
    return {path: text for path, text in pages.items() if path.name != "hooks.py"}


def test_a_file_that_is_no_page_any_more_is_an_orphan(pages: Pages, root: Path) -> None:
    assert changed(without_hooks(pages), root) == {CORE.with_name("hooks.py"): Status.ORPHAN}
    edit(root / CORE.with_name("hooks.py"), "Nothing.", "Something.")
    assert changed(without_hooks(pages), root) == {CORE.with_name("hooks.py"): Status.EDITED_ORPHAN}


def test_untouched_means_same_spec_and_same_files(root: Path) -> None:
    spec = (Path(__file__).parent / "specs" / "gate.py").read_text(encoding="utf-8")
    assert is_untouched(root, "gate_provider", spec)
    assert not is_untouched(root, "gate_provider", spec + "\n")
    assert not is_untouched(root, "other_provider", spec)
    edit(root / CORE, "self.holders += 1", "self.holders += 2")
    assert not is_untouched(root, "gate_provider", spec)


def test_a_header_survives_nothing_but_itself(pages: Pages) -> None:
    text = pages[CORE]
    header = read_header(CORE, text)
    assert header is not None
    assert header.source == "model/gate.py"
    assert header.body == digest(text.split("\n", 3)[3])
    assert read_header(CORE, text.replace("# body", "#body")) is None
    assert read_header(CORE, "\n".join(text.split("\n")[:2])) is None
