"""Refutations of conditions as case trees, which `quiesce.recheck` checks without a solver.

What is relevant is asked of the solver; the tree is then found by looking, as a checker would, for what follows without
splitting, and splitting where nothing does. So nothing here needs to be trusted.
"""

from quiesce.certify.refute.producing import produce, produce_short

__all__ = ["produce", "produce_short"]
