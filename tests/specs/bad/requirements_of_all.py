"""Requirements that several specs share."""

from quiesce.spec import Requirement

R1 = Requirement("R1", "One.", "a page")
R2 = Requirement("R2", "Two.", "a page")
