"""Packages as an earlier version of a spec gave them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from quiesce.generate.files import manifest
from quiesce.generate.files.header import digest, stamped


def earlier(pages: Mapping[PurePosixPath, str], path: PurePosixPath, body: str) -> Mapping[PurePosixPath, str]:
    """The same pages but for one, with a manifest that knows it so."""
    place = PurePosixPath(path.parts[0], manifest.NAME)
    known = manifest.from_json(pages[place])
    assert known is not None
    text = stamped(path, body, PurePosixPath(known.source))
    files = {**known.files, str(path.relative_to(path.parts[0])): digest(text)}
    return {**pages, path: text, place: manifest.to_json(replace(known, files=files))}
