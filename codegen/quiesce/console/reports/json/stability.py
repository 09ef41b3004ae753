"""The effect of seeds, for the JSON report: the value of its key `stability`."""

from quiesce.prove.stability import Costs, OverSeeds, Stability


def stability_json(found: Stability) -> dict[str, object]:
    """The seeds, what all obligations cost together, the brittle ones by name, and each obligation over all seeds."""
    return {
        "seeds": list(found.seeds),
        "same_verdicts": not any(item.wavers for item in found.obligations),
        "rlimit": _costs(found.costs),
        "brittle": [item.obligation.id for item in found.brittle],
        "other_helpers": list(found.others),
        "obligations": [_obligation(item) for item in found.obligations],
    }


def _obligation(item: OverSeeds) -> dict[str, object]:
    return {
        "id": item.obligation.id,
        "verdicts": {
            "none" if verdict is None else verdict.value: list(seeds) for verdict, seeds in item.verdicts.items()
        },
        "rlimit": _costs(item.costs),
        "brittle": item.brittle,
    }


def _costs(costs: Costs) -> dict[str, object]:
    return {"min": costs.least, "median": costs.median, "max": costs.most}
