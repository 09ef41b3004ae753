"""Small contracts, and machines that use or offer them."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from textwrap import indent

from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_text

from tests.reports import not_proved

QUICK = Effort(strengthen=False)
WORDS = "Answer, Machine, Nat, Range, Uses, always, assume, call, environment, internal, policy, when"


@dataclass(frozen=True)
class Spec:
    """The outcomes of a contract, and those of a machine that uses it, or offers it, or both."""

    contract: str
    machine: str
    declared: str = "lower: Uses[Service]"
    offers: bool = False
    held: str = "Nat"


def unproved(folder: Path, spec: Spec) -> list[str]:
    """What is not proved of the machine."""
    machine = read_text(text_of(folder, spec), PurePosixPath("upper.py"), folder)
    return not_proved(verify(machine, QUICK))


def text_of(folder: Path, spec: Spec) -> str:
    """The text of the machine; that of the contract is put into the folder."""
    variables = f'"""What it offers."""\n\nheld: {spec.held} = 0\n'
    (folder / "service.py").write_text(_spec("Service(Machine)", variables, spec.contract), encoding="utf-8")
    bases = "Machine, provides=Service" if spec.offers else "Machine"
    return "from service import Service\n" + _spec(f"Upper({bases})", f"n: Nat = 0\n{spec.declared}\n", spec.machine)


def _spec(bases: str, variables: str, actions: str) -> str:
    imports = f"from quiesce.spec import {WORDS}\nfrom typing import Annotated\n"
    return f"{imports}\n\nclass {bases}:\n{indent(variables, '    ')}\n{indent(actions, '    ')}"


def outcome(
    name: str, calls: str, *lines: str, arguments: str = "", fails: str | None = None, kind: str = "call"
) -> str:
    """One action in the language of specs."""
    names = ", ".join(f'"{call}"' for call in calls.split())
    refused = "" if fails is None else f', fails="{fails}"'
    decorator = f"@call({names}{refused})" if kind == "call" else f"@{kind}"
    signature = f"def {name}(self{', ' if arguments else ''}{arguments}) -> None:"
    return "\n".join([decorator, signature, indent("\n".join(lines or ("pass",)), "    "), "", ""])


WORKS = "works: Answer[bool]"
SENDING = outcome("send", "Send", "when(works)", arguments=WORKS) + outcome(
    "lost", "Send", "when(not works)", arguments=WORKS, fails="LOST"
)
"""A call that is answered in two ways."""


def sent(name: str, calls: str, *lines: str, **more: str) -> str:
    return outcome(name, calls, *lines, "self.lower.send(works)", arguments=WORKS, **more)


def lost(name: str, calls: str, *lines: str, **more: str) -> str:
    return outcome(name, calls, *lines, "self.lower.lost(works)", arguments=WORKS, **more)
