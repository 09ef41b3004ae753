"""A member that was given back makes no difference to anything that is promised, so a program may forget it."""

from pathlib import PurePosixPath

import pytest
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.reader import read_text

from tests.by_day import by_day
from tests.machines import text_of
from tests.reports import verdicts_by_id

pytestmark = pytest.mark.slow

MACHINE = text_of("jobs")

DEPENDING = {
    "some member, though it is gone": "@always\ndef p(self): return any(j.mark >= 0 for j in self.jobs)",
    "a premise about all, gone ones too": (
        "@always\ndef p(self): return implies(all(j.open for j in self.jobs), self.opened >= 0)"
    ),
    "a count of gone ones": "@always\ndef p(self): return count(not j.open for j in self.jobs) >= 0",
    "a count inside a claim about all": (
        "@always\ndef p(self): return all(implies(j.open, count(not k.open for k in self.jobs) >= 0)"
        " for j in self.jobs)"
    ),
    "a sum of what persists": "@always\ndef p(self): return sum(j.mark for j in self.jobs) >= 0",
    "what gone members had before": ("@step\ndef p(self, old): return sum(old[j].mark for j in self.jobs) >= 0"),
    "gone members behind an equality": (
        "@always\ndef p(self): return all(j.open for j in self.jobs) == all(j.open for j in self.jobs)"
    ),
    "a trigger about all": (
        "@leads_to(fair=[wake_opened])\ndef p(self): return self.waiting and all(j.open for j in self.jobs), "
        "not self.waiting"
    ),
    "a goal about some": (
        "@leads_to(fair=[wake_opened])\ndef p(self): return self.waiting, any(j.mark >= 0 for j in self.jobs)"
    ),
    "a fair action with a gone member": "@leads_to(fair=[wake])\ndef p(self): return self.waiting, not self.waiting",
    "a goal that gone members reach": "@recoverable\ndef p(self): return any(not j.open for j in self.jobs)",
    "everything is as new": "@pristine\ndef p(self): return all(j.open for j in self.jobs)",
    "a call is answered": '@accepts("mark")\ndef p(self): return all(j.open for j in self.jobs)',
    "an action is possible": "@enabled(wait)\ndef p(self): return all(j.open for j in self.jobs)",
    "at the start some member": "@initially\ndef p(self): return any(not j.open for j in self.jobs)",
}

INDEPENDENT = {
    "all members": "@always\ndef p(self): return all(j.mark >= 0 for j in self.jobs)",
    "a count of those in use": "@always\ndef p(self): return count(j.open for j in self.jobs) <= self.opened",
    "some member in use": "@always\ndef p(self): return implies(any(j.open for j in self.jobs), self.opened >= 0)",
    "who becomes gone is not gone": (
        "@step\ndef p(self, old): return implies(any(j.open != old[j].open for j in self.jobs), True or "
        "count(old[j].open for j in self.jobs) >= 0)"
    ),
    "others of one member": (
        "@always\ndef p(self): return all(implies(j.open, count(j is k for k in self.jobs) == 1) for j in self.jobs)"
    ),
    "an opened member wakes": (
        "@leads_to(fair=[wake_opened])\ndef p(self): return self.waiting and any(j.open for j in self.jobs), "
        "not self.waiting"
    ),
    "at the start nothing is marked": "@initially\ndef p(self): return sum(j.mark for j in self.jobs) == 0",
}


def with_promise(text: str) -> str:
    text = text.replace("def p(self, old):", 'def p(self, old: "Works") -> bool:')
    result = "tuple[bool, bool]" if "leads_to" in text else "bool"
    text = text.replace("def p(self):", f"def p(self) -> {result}:")
    return MACHINE + "".join(f"    {line}\n" for line in text.replace(": return", ":\n    return").split("\n"))


def forgettable(text: str) -> Verdict | None:
    report = verify(read_text(with_promise(text), PurePosixPath("works.py")))
    verdicts = verdicts_by_id(report)
    return verdicts.get("forgettable/promise/p")


@pytest.mark.slow
@pytest.mark.parametrize("text", by_day(DEPENDING.values(), 3), ids=DEPENDING)
def test_a_promise_that_depends_on_gone_members_is_not_proved(text: str) -> None:
    assert forgettable(text) is Verdict.UNKNOWN


@pytest.mark.parametrize("text", INDEPENDENT.values(), ids=INDEPENDENT)
def test_a_promise_that_does_not_is_proved(text: str) -> None:
    assert forgettable(text) in (Verdict.PROVED, None)


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        (DEPENDING["a sum of what persists"], "let it speak of members in use alone, as in `any(s.in_use and …"),
        (DEPENDING["a fair action with a gone member"], "let each fair action ask for one, as in `when(s.in_use)`"),
    ],
)
def test_no_promise_is_asked_for_where_none_could_help(text: str, helps: str) -> None:
    report = verify(read_text(with_promise(text), PurePosixPath("works.py")))
    [detail] = [result.detail for result in report.results if result.obligation.id == "forgettable/promise/p"]
    assert detail.startswith("not proved: the promise may depend on a member that was given back, which code forgets")
    assert helps in detail
    assert "add a promise" not in detail


ACTING = """
    @call("look")
    def look(self) -> None:
        self.waiting = any(j.mark > 3 for j in self.jobs)

    @call("sleep", blocks=True, fair=[wake])
    def sleep(self) -> None:
        when(self.waiting)

    @call("sleep")
    def rest(self) -> None:
        when(not self.waiting)
"""


def test_actions_and_waits_are_told_to_ask_for_members_in_use() -> None:
    report = verify(read_text(MACHINE + ACTING, PurePosixPath("works.py")))
    details = {result.obligation.id: result.detail for result in report.results}
    assert "let it look at members in use alone" in details["forgettable/look"]
    assert "let it ask for a member in use, as in `when(s.in_use)`" in details["forgettable/wait/sleep"]
