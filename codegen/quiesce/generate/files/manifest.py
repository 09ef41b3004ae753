"""`MANIFEST.json`: which files of a generated folder belong to quiesce, and the only place where digests stand."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from quiesce.generate.files.header import digest
from quiesce.spec.record import record

NAME = "MANIFEST.json"


@record
class Manifest:
    """The spec, and the digest of each file, by its path within the folder.

    The manifest of a proof also has the digest of the `model`, and of the conditions that follow from it and its hints,
    the `certificate`.
    """

    source: str
    files: Mapping[str, str]
    model: str | None = None
    certificate: str | None = None


def manifest_of(
    pages: Mapping[PurePosixPath, str], source: PurePosixPath, model: str | None = None, certificate: str | None = None
) -> Manifest:
    """The manifest of the pages of one folder."""
    return Manifest(str(source), {str(path): digest(pages[path]) for path in sorted(pages)}, model, certificate)


def to_json(manifest: Manifest) -> str:
    """The text of the manifest; its last entry is the digest of the others."""
    proved = {"model_sha256": manifest.model, "certificate_sha256": manifest.certificate}
    content = {
        "generated": "by quiesce; do not edit",
        "source": manifest.source,
        **{name: digest for name, digest in proved.items() if digest is not None},
        "files": dict(manifest.files),
    }
    return json.dumps({**content, "sha256": digest(json.dumps(content))}, indent=2) + "\n"


def from_json(text: str) -> Manifest | None:
    """The manifest that a text holds; None if it is none, or was changed after it was written."""
    try:
        content = json.loads(text)
        own = content.pop("sha256")
        model, certificate = content.get("model_sha256"), content.get("certificate_sha256")
        manifest = Manifest(content["source"], dict(content["files"]), model, certificate)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return manifest if digest(json.dumps(content)) == own else None
