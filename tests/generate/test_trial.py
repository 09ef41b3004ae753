"""A package is tried in a process of its own, with nothing around it but the standard library."""

from pathlib import PurePosixPath

import pytest
from quiesce.generate.trial import NotImportable, import_once

USES = {"the standard library": "import socket, dataclasses", "what is installed beside it": "import z3"}


def test_a_package_that_needs_the_standard_library_alone_can_be_imported() -> None:
    import_once({PurePosixPath("p/__init__.py"): USES["the standard library"]})


def test_a_package_that_needs_what_is_installed_beside_it_cannot() -> None:
    with pytest.raises(NotImportable, match="z3"):
        import_once({PurePosixPath("p/__init__.py"): USES["what is installed beside it"]})
