"""The seal of a note: it shows that this user wrote the note, on this machine, and that nobody changed it since.

Notes on what was proved and built save work, and are believed without a look at the proof. They lie in a checkout,
where whoever sends a change can put files too. So each note carries a keyed hash. The key is a secret of the user, made
when it is first needed, and kept outside of every project.

A build with nothing to do looks at nothing but notes, so importing this loads hardly anything.
"""

import os
import stat
import sys
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

FOLDER = "QUIESCE_STATE"
"""The variable of the environment that names another folder for the secret."""

_NAME = "secret"
_LENGTH = 32


class NoSeal(Exception):
    """There is no secret to seal notes with; the message says why."""


class Seal(NamedTuple):
    """The seal of one user."""

    secret: bytes

    def of(self, text: str) -> str:
        """The seal of a text: only who has the secret can tell it."""
        return blake2b(text.encode(), key=self.secret).hexdigest()


def users_seal() -> Seal:
    """The seal of whoever runs this process. Its secret is made if there is none yet.

    Raises:
        NoSeal: the secret cannot be read or made, or others can read it.
    """
    try:
        file = _folder() / _NAME
        if not file.exists():
            _make(file)
        return Seal(_read(file))
    except (OSError, RuntimeError) as error:  # of the second kind: nobody can tell where this user is at home
        raise NoSeal(f"there is no secret to know one's own notes by: {error}") from error


def _folder() -> Path:
    """The folder for what programs keep of this user, on this machine."""
    given = os.environ.get(FOLDER)
    if given:
        return Path(given)
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "quiesce"
    if sys.platform == "darwin":
        return home / "Library/Application Support/quiesce"
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else home / ".local/state") / "quiesce"


def _make(file: Path) -> None:
    """Write a new secret, whole or not at all. Of several processes that do so at once, one has the last word."""
    from secrets import token_bytes, token_hex  # noqa: PLC0415 -- needed once in the life of a user

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f".{_NAME}-{token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(handle, "wb") as opened:
        opened.write(token_bytes(_LENGTH))
    os.replace(beside, file)


def _read(file: Path) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(file, flags), "rb") as opened:
        found = os.fstat(opened.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{file} is no file")
        if sys.platform != "win32" and (found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077):
            raise OSError(f"{file} belongs to another user, or others can read it")
        secret = opened.read(_LENGTH + 1)
    if len(secret) != _LENGTH:
        raise OSError(f"{file} is not as it was written; remove it, and another one is made")
    return secret
