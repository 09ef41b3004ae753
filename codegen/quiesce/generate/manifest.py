"""`MANIFEST.json`: which files of a generated package belong to quiesce."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.generate.header import digest

NAME = "MANIFEST.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The spec, the digest of its text, and the digest of each file, by its path within the package.

    `certificate` is the digest of the conditions that follow from the spec and its hints, if there are hints.
    """

    source: str
    model: str
    files: Mapping[str, str]
    certificate: str | None = None


def manifest_of(
    pages: Mapping[PurePosixPath, str], source: PurePosixPath, model: str, certificate: str | None = None
) -> Manifest:
    """The manifest of the pages of one package."""
    return Manifest(str(source), model, {str(path): digest(pages[path]) for path in sorted(pages)}, certificate)


def to_json(manifest: Manifest) -> str:
    """The text of the manifest; its last entry is the digest of the others."""
    certificate = {} if manifest.certificate is None else {"certificate_sha256": manifest.certificate}
    content = {
        "generated": "by quiesce; do not edit",
        "source": manifest.source,
        "model_sha256": manifest.model,
        **certificate,
        "files": dict(manifest.files),
    }
    return json.dumps({**content, "sha256": digest(json.dumps(content))}, indent=2) + "\n"


def from_json(text: str) -> Manifest | None:
    """The manifest that a text holds; None if it is none, or was changed after it was written."""
    try:
        content = json.loads(text)
        own = content.pop("sha256")
        certificate = content.get("certificate_sha256")
        manifest = Manifest(content["source"], content["model_sha256"], dict(content["files"]), certificate)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return manifest if digest(json.dumps(content)) == own else None
