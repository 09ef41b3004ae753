"""Requirements of which one has no text."""

from quiesce.spec import Requirement

R1 = Requirement("R1")
