"""What a solver was asked about, as reports name it."""

from quiesce.kernel.kinds import Subject, id_of


def name_of(label: object) -> str:
    """The id of an obligation, or the name that somebody else gave to a question."""
    if isinstance(label, Subject):
        return id_of(label)
    assert isinstance(label, str)
    return label
