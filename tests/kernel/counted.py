"""The machine that most tests of claims vary, with further promises."""

from quiesce.spec.model import Machine

from tests.kernel.judging import read
from tests.machines import text_of

COUNTED = text_of("counted")


def counted(*more: str) -> Machine:
    lines = [line for text in more for line in text.splitlines()]
    return read(COUNTED + "".join(f"    {line}\n" if line else "\n" for line in lines))
