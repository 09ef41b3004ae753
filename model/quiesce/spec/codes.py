"""The codes of all mistakes that the reader of specs can report.

A code keeps its meaning for ever; a new kind of mistake takes a new number.
"""

from enum import Enum


class Code(Enum):
    """A kind of mistake: its number as shown to people, and what it means."""

    UNREADABLE = ("Q001", "The file cannot be read.")
    NOT_TEXT = ("Q002", "The file is not UTF-8 text.")
    NUL = ("Q003", "The file holds a NUL byte.")
    SYNTAX = ("Q004", "The file is not valid Python.")
    TOO_DEEP = ("Q005", "Something is nested too deeply.")
    TOO_LARGE = ("Q006", "The file, or an expression with its helpers put in place, is too large.")
    TOO_MANY_DIGITS = ("Q007", "A number has more digits than a spec may use.")

    NOT_IMPORTED = ("Q010", "A word of the language is used without importing it.")
    IMPORT = ("Q011", "An import that a spec cannot make.")
    UNKNOWN_NAME = ("Q012", "A name that nothing defines.")
    UNKNOWN_ATTRIBUTE = ("Q013", "A variable, field or enum member that does not exist.")
    DUPLICATE = ("Q014", "Two things of one name.")
    BAD_NAME = ("Q015", "A name that not every target can carry, or that is reserved.")
    TOO_EARLY = ("Q016", "Python would meet the name before its definition.")
    SHADOWED = ("Q017", "A parameter or bound name that hides another name.")

    NOT_A_SPEC = ("Q020", "A statement that does not belong in this place.")
    NO_SINGLE_MACHINE = ("Q021", "A spec describes exactly one machine.")
    BAD_CLASS = ("Q022", "A class is an Enum, a Member or a Machine, and nothing besides.")
    BAD_ENUM = ("Q023", "An enum has members `NAME = auto()` only, and at least one.")
    BAD_REQUIREMENT = ("Q024", "A requirement is given by its id, its text and its source, as plain strings.")
    BAD_POLICY = ("Q025", "A policy names at least two members of one enum.")
    BAD_DECLARATION = ("Q026", "A variable or field needs a type and a default; a family has no default.")
    BAD_TYPE = ("Q027", "A type that the language does not have, or not in this place.")
    BAD_DEFAULT = ("Q028", "A default that is not a constant, or outside the bounds of its type.")
    BAD_MEMBERSHIP = ("Q029", "A member class belongs to exactly one family.")

    BAD_DECORATOR = ("Q030", "A decorator that the language does not have, or with wrong arguments.")
    BAD_SIGNATURE = ("Q031", "Parameters or result of a method are not as its kind demands.")
    PARAMETERS_DISAGREE = ("Q032", "Outcomes of one call disagree about a parameter.")
    LATE_GUARD = ("Q033", "Guards come first, and stand alone.")
    INERT_BODY = ("Q034", "A refused or waiting call changes nothing.")
    BAD_BODY = ("Q035", "A promise or helper is one `return` of an expression.")
    BAD_TARGET = ("Q036", "Something that cannot be assigned to.")
    BAD_LOOP = ("Q037", "A loop changes the fields of its own member, each by itself.")
    RECURSION = ("Q038", "A helper calls itself.")
    BAD_STATEMENT = ("Q039", "A statement that the language does not have.")

    WRONG_TYPE = ("Q040", "A value of another type is needed here.")
    BAD_EXPRESSION = ("Q041", "An expression that the language does not have.")
    BAD_CALL = ("Q042", "A call with the wrong arguments.")
    BAD_GENERATOR = ("Q043", "Members are gone through as `… for s in self.family`.")
    NOT_LINEAR = ("Q044", "A product needs a constant factor.")
    BAD_ASSUMPTION = ("Q045", "An assumption has a reason, and stands in an action that changes something.")
    BAD_ARGUMENTS = ("Q046", "A promise about arguments names the actions it is about, and each of them has these.")
    BAD_ACTIVITY = ("Q047", "The outcomes of an activity, or the calls of a session, do not fit together.")

    UNKNOWN_SPEC = ("Q050", "An import of a spec, or of a machine in it, that does not exist beside this one.")
    CYCLE = ("Q051", "Specs that import each other.")
    BROKEN_SPEC = ("Q052", "An imported spec has mistakes of its own.")
    NOT_A_CONTRACT = ("Q053", "A contract has numbers that start at 0, and calls that succeed or fail.")
    BAD_LAYER = ("Q054", "A layer below is declared by its contract, and called with outcomes of it.")
    BAD_OFFER = ("Q055", "A machine offers a contract whose variables and calls it has.")

    def __init__(self, number: str, meaning: str) -> None:
        self.number = number
        self.meaning = meaning
