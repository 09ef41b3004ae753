"""The choice of proofs that a command may take from earlier runs, and its warnings about them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from quiesce.console.context import Context
from quiesce.console.exits import UsageError
from quiesce.prove.solving.cache import NO_CACHE, NoCache

if TYPE_CHECKING:
    from quiesce.prove.solving.proof_cache import ProofCache

WARNINGS = 5
"""How many warnings are told in full: a folder that cannot be written has one for each proof."""


def cache_of(context: Context, *, anew: bool = False) -> "ProofCache | NoCache":
    """The cache that the options ask for. What proves `anew` uses none.

    Proofs are kept where there is a project; elsewhere a command leaves nothing behind.

    Raises:
        ProjectError: a link is in the place of the folder for proofs.
        UsageError: the named one does not exist, or is not to be believed.
    """
    given, project = context.options.cache, context.project
    if given is not None and anew:
        raise UsageError(f"--check proves everything anew, and believes no file: leave --cache {given} away")
    if given is not None and not Path(given).is_file():
        raise UsageError(f"--cache {given}: no such file; write one with `quiesce verify --save-cache {given}`")
    named = None if given is None else Path(given)
    private = project.cache if project.targets else None
    if anew or context.options.no_cache or (named is None and private is None):
        return NO_CACHE
    from quiesce.prove.solving.proof_cache import ProofCache  # noqa: PLC0415 -- not needed without a cache

    project.refuse_linked_notes()
    return ProofCache(private, named)


def recording(context: Context) -> "ProofCache":
    """The same, for a run whose answers are to be saved: they are noted even if none is looked up."""
    from quiesce.prove.solving.proof_cache import ProofCache  # noqa: PLC0415 -- not needed without a cache

    cache = cache_of(context)
    return ProofCache() if isinstance(cache, NoCache) else cache


def saved_text(cache: "ProofCache") -> str:
    """The content of a file of all proofs of this run.

    Raises:
        UsageError: nobody could tell that this user wrote it.
    """
    from quiesce.prove.solving.seal import NoSeal  # noqa: PLC0415 -- not needed without a cache

    try:
        return cache.used()
    except NoSeal as error:
        raise UsageError(f"the proofs cannot be saved: {error}") from error


def tell_warnings(cache: "ProofCache | NoCache") -> None:
    """Say what was wrong with entries. They were ignored, and what they claimed was proved again."""
    warnings = () if isinstance(cache, NoCache) else cache.warnings
    for warning in warnings[:WARNINGS]:
        print(f"warning: proof cache: {warning}", file=sys.stderr)
    if len(warnings) > WARNINGS:
        print(f"warning: proof cache: and {len(warnings) - WARNINGS} more like these", file=sys.stderr)
