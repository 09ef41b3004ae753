"""The effect of seeds, as a person reads it on a terminal."""

from collections.abc import Iterator

from quiesce.console.style import Style, text_of
from quiesce.prove.stability import NOTABLE, WIDE, Costs, OverSeeds, Stability


def stability_text(found: Stability, style: Style) -> str:
    """How far costs lie apart, and each brittle obligation with its numbers."""
    return text_of(_lines(found, style))


def _lines(found: Stability, style: Style) -> Iterator[str]:
    yield style.paint(f"{found.machine.path}: {found.machine.name} with {len(found.seeds)} seeds", "bold")
    wavering = sum(item.wavers for item in found.obligations)
    yield f"  {'verdicts':<16} {_verdicts(wavering, style)}"
    yield f"  {'all costs':<16} {costs_text(found.costs)}"
    if (widest := found.widest) is not None:
        yield f"  {'widest':<16} {costs_text(widest.costs)}: {widest.obligation.id}"
    if found.indifferent:
        yield f"  {'':<16} {style.paint('no seed made any difference, so there was nothing to compare', 'yellow')}"
    if found.others:
        told = f"other helpers were found than with seed {found.seeds[0]}"
        yield f"  {'helpers':<16} {style.paint(f'{told}: by {seeds_text(found.others)}', 'yellow')}"
    for item in found.brittle:
        yield ""
        yield from _brittle(found, item, style)
    yield ""
    yield _closing(found, style)


def _verdicts(wavering: int, style: Style) -> str:
    if wavering:
        return style.paint(f"{wavering} depend on the seed", "red")
    return style.paint("the same with every seed", "green")


def costs_text(costs: Costs) -> str:
    """The least, the most and the median in units of `rlimit`, and the spread as a share of the median."""
    return f"{costs.least:,} to {costs.most:,}, median {costs.median:,}, spread {costs.share:.1%}"


def seeds_text(seeds: tuple[int, ...]) -> str:
    """A few seeds by number, and how many more there are."""
    shown = ", ".join(str(seed) for seed in seeds[:5])
    more = f" and {len(seeds) - 5} more" if len(seeds) > 5 else ""
    return f"seed{'s' * (len(seeds) > 1)} {shown}{more}"


def _brittle(found: Stability, item: OverSeeds, style: Style) -> Iterator[str]:
    span = item.obligation.span
    colour = "red" if item.wavers else "yellow"
    yield f"{found.machine.path}:{span.line}:{span.column}: {style.paint('brittle', colour)}: {item.obligation.id}"
    if item.wavers:
        for verdict, seeds in item.verdicts.items():
            yield f"  {'no answer' if verdict is None else verdict.value} with {seeds_text(seeds)}"
    yield f"  {costs_text(item.costs)}"


def _closing(found: Stability, style: Style) -> str:
    rule = f"further apart than {WIDE:.0%} of the median and {NOTABLE:.0%} of the budget"
    if not found.brittle:
        return f"{style.paint('not brittle', 'green', 'bold')}: no verdict depends on the seed, and no costs are {rule}"
    of = f"{len(found.brittle)} of {len(found.obligations)} obligations"
    return f"{style.paint('brittle', 'yellow', 'bold')}: {of}, as their verdicts differ, or their costs are {rule}"
