from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files import manifest
from quiesce.generate.files.compare import Status, compare
from quiesce.generate.files.header import digest

from tests.generate.earlier import earlier
from tests.generate.writing import write

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
    older = earlier(pages, CORE, "# as it once was\n")
    write(older, root)
    assert changed(pages, root) == {CORE: Status.STALE, MANIFEST: Status.STALE}
    edit(root / CORE, "once", "never")
    assert changed(pages, root) == {CORE: Status.HAND_EDITED, MANIFEST: Status.STALE}


def test_a_manifest_that_knows_a_hand_edit_makes_it_stale_and_never_up_to_date(pages: Pages, root: Path) -> None:
    """Somebody who writes digests by hand is no defence against, but nothing of it is taken for what a build gives."""
    edit(root / CORE, "self.holders += 1", "self.holders += 2")
    known = manifest.from_json((root / MANIFEST).read_text(encoding="utf-8"))
    assert known is not None
    own = digest((root / CORE).read_text(encoding="utf-8"))
    forged = manifest.Manifest(known.source, {**known.files, "core.py": own}, known.model, known.certificate)
    (root / MANIFEST).write_bytes(manifest.to_json(forged).encode())
    assert changed(pages, root) == {CORE: Status.STALE, MANIFEST: Status.STALE}


@pytest.mark.parametrize("text", [None, b"{", b"<<<<<<< ours\n{}\n"])
def test_without_a_manifest_whatever_is_not_as_it_should_be_is_a_hand_edit(
    pages: Pages, root: Path, text: bytes | None
) -> None:
    write(earlier(pages, CORE, "# as it once was\n"), root)
    (root / MANIFEST).unlink()
    if text is not None:
        (root / MANIFEST).write_bytes(text)
    lost = Status.MISSING if text is None else Status.HAND_EDITED
    assert changed(pages, root) == {CORE: Status.HAND_EDITED, MANIFEST: lost}


def test_other_line_ends_are_no_edit(pages: Pages, root: Path) -> None:
    for path in pages:
        edit(root / path, "\n", "\r\n")
    assert changed(pages, root) == {}
    edit(root / CORE, "self.holders += 1", "self.holders += 2")
    assert changed(pages, root) == {CORE: Status.HAND_EDITED}
    assert changed(earlier(pages, CORE, "# as it will be\n"), root) == {
        CORE: Status.HAND_EDITED,
        MANIFEST: Status.STALE,
    }


@pytest.mark.parametrize("content", [b"print('mine')\n", b"", b"\xff\xfe"])
def test_a_file_without_our_header_is_foreign(content: bytes, pages: Pages, root: Path) -> None:
    (root / CORE).write_bytes(content)
    assert changed(pages, root) == {CORE: Status.FOREIGN}


def test_a_folder_where_a_page_should_be_is_foreign(pages: Pages, root: Path) -> None:
    (root / CORE).unlink()
    (root / CORE).mkdir()
    assert changed(pages, root) == {CORE: Status.FOREIGN}


def without_pending(pages: Pages) -> Pages:
    return {path: text for path, text in pages.items() if path.name != "_pending.py"}


def test_a_file_that_is_no_page_any_more_is_an_orphan(pages: Pages, root: Path) -> None:
    assert changed(without_pending(pages), root) == {CORE.with_name("_pending.py"): Status.ORPHAN}
    edit(root / CORE.with_name("_pending.py"), "Work that is due", "Work that was due")
    assert changed(without_pending(pages), root) == {CORE.with_name("_pending.py"): Status.EDITED_ORPHAN}
