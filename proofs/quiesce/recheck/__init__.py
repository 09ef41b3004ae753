"""A small checker of refutations, for conditions that a solver has proved. It uses nothing but the standard library.

A condition is an SMT-LIB script whose assertions shall contradict each other: enums, families of members, one-place
functions of members, linear integer arithmetic, quantifiers over members. A refutation of it is a text with one step a
line, written for one branch after the other. The checker follows it and keeps two things for the branch it is on:
facts, numbered from 1, the assertions first; and what is known of atoms. At each time all of these hold in every model
of the script in which the choices of the branch hold. So a branch that is closed has no such model, and if all branches
are, the script has no model: that is the only way in which a refutation is accepted. The steps, and why they are sound:

`use N`
    Look into fact N. Of a conjunction each part holds; of a disjunction the last part that is not known to fail; of an
    equation between truth values the unknown one; of `ite` the part that its known condition chooses. An atom is
    written down: the value of a Boolean; which values of an enum are left (there are no others, and all differ); a sum
    of integers that is at most zero, divided by the common divisor of its coefficients and rounded, as integers may be;
    `not a <= b` as `b + 1 <= a`; that two members are the same, whereupon what functions say of them is, too. A
    quantified formula becomes a fact of its own. The branch is closed if the fact is known to be otherwise: a formula
    is evaluated part by part, "unknown" is a value like true and false, and what is not understood is unknown.
`at N member`
    Fact N speaks of all members: what it says of this one is the next fact, and is used at once. The member has to be
    a constant of the script or named before. No step supposes that there is any member.
`name N member`
    Fact N says that there is a member such that: let it have this name, which stands for nothing else in the script or
    on the branch. What the fact says of it is the next fact, and is used at once.
`split formula`
    The formula holds on the branch that follows. After that is closed comes `else` and the branch on which it fails.
`sum (times comparison) ...`
    Comparisons known to hold, each a sum that is at most zero, are added, each so many times, never a negative number
    of times. All terms cancel and a positive number is left; as it is at most zero, the branch is closed (Farkas).

Indentation is for the reader.
"""

from quiesce.recheck.checking import check
from quiesce.recheck.terms import Rejected

__all__ = ["Rejected", "check"]
