"""Values as the text of JSON that is the same in a file, on a terminal and in the log of a job."""

import json
from collections.abc import Sequence


def json_text(entries: Sequence[object]) -> str:
    r"""One entry by itself, or a list of several, in ASCII; what a stream of ours would quote is written as JSON does.

    >>> print(json_text(["\x7f ##[group]"]), end="")
    "\u007f #\u0023[group]"
    """
    text = json.dumps(entries[0] if len(entries) == 1 else entries, indent=2)
    # Outside of texts JSON has neither of these.
    return text.replace("\x7f", "\\u007f").replace("##[", "#\\u0023[") + "\n"
