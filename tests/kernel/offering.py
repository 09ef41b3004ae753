"""Servers that provide a contract, and what is open of that."""

from pathlib import Path

from quiesce.spec.model import Machine

from tests.kernel.judging import read, still_open


def server(folder: Path, text: str, contract: str) -> Machine:
    (folder / "service.py").write_text(contract, encoding="utf-8")
    return read(text, folder)


def with_change(text: str, change: tuple[str, ...]) -> str:
    if not change:
        return text
    before, now = change
    assert before in text
    return text.replace(before, now)


def offers(machine: Machine) -> list[str]:
    return [name for name in still_open(machine) if name.startswith("refinement")]
