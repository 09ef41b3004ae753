"""Words that the language had once are refused, and the message says what to write instead."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_text

OUTCOMES = 'did you mean `@refuses("Call", "ERROR")`, or `@accepts("Call")`?'

MEMBERS = """class T(Member):
    n: Nat = 0
class M(Machine):
    ts: Family[T]
    @step
    def a(self, old: "M") -> bool:
        return all(t.n == old.ts[t].n for t in self.ts)"""


@pytest.mark.parametrize(
    ("former", "hint"),
    [
        ("from quiesce.spec import Lower", "did you mean `Uses`?"),
        ("from quiesce.spec import possible", "did you mean `enabled`?"),
        ("from quiesce.spec import answers", OUTCOMES),
        ("class M(Machine, offers=Service):\n    n: Nat = 0", "did you mean `provides=`?"),
        ("class M(Machine):\n    lower: Lower[Service]", "did you mean `Uses`?"),
        ("class M(Machine):\n    @possible\n    def a(self) -> bool: ...", "did you mean `enabled`?"),
        ('class M(Machine):\n    @answers("A", fails="E")\n    def a(self) -> bool: ...', OUTCOMES),
        (MEMBERS, "did you mean `old[t]`?"),
    ],
)
def test_the_message_says_what_to_write_instead(former: str, hint: str) -> None:
    text = f"from quiesce.spec import Family, Machine, Member, Nat, step\n\n{former}\n"
    with pytest.raises(SpecError) as caught:
        read_text(text, PurePosixPath("model/counter.py"))
    assert caught.value.diagnostics[0].hint == hint
