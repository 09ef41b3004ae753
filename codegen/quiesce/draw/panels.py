"""The texts in a state and at an arrow, placed around an upper left corner at 0, 0."""

from collections.abc import Iterable, Iterator

from quiesce.draw.geometry import Icon, Panel, Rect, Text
from quiesce.draw.text import Style, width_of, wrapped
from quiesce.draw.view import Arrow, Mark, Picture, State, detail_of, mark_of, work_in_words
from quiesce.spec.model import Action
from quiesce.spec.record import record

GROUP_TITLES = {
    Mark.ACCEPTED: "CALLS",
    Mark.BLOCKED: "WAITS",
    Mark.REFUSED: "REFUSED",
    Mark.INTERNAL: "INTERNAL",
    Mark.ENVIRONMENT: "ENVIRONMENT",
    Mark.SUCCEEDS: "DONE",
    Mark.FAILS: "FAILED",
}
LEGEND = {
    Mark.ACCEPTED: "accepted call",
    Mark.BLOCKED: "call that waits",
    Mark.REFUSED: "refused call: nothing changes",
    Mark.INTERNAL: "internal step",
    Mark.ENVIRONMENT: "step of the environment",
    Mark.SUCCEEDS: "activity that succeeds",
    Mark.FAILS: "activity that fails",
}

ROW = 19
PAD = 16
_ICON = 18
_GAP_BETWEEN_COLUMNS = 32
_GAP_BETWEEN_GROUPS = 12
_DETAIL_GAP = 12
_MOST_ROWS = 14
_TITLE_LIMIT = 340
_TITLE_LINE = 22
_SHAPE = 1.9  # the width of a box over its height that is aimed at


@record
class _Group:
    mark: Mark
    actions: tuple[Action, ...]

    @property
    def height(self) -> int:
        return ROW * (1 + len(self.actions))

    @property
    def names_width(self) -> int:
        return max(width_of(action.name, Style.NAME) for action in self.actions)

    @property
    def details_width(self) -> int:
        return max(width_of(detail, Style.DETAIL) if (detail := detail_of(action)) else 0 for action in self.actions)


def state_panel(state: State, least_width: int) -> Panel:
    """The state's name and its work above its loops, which are grouped by their mark. The width is even."""
    titles = wrapped(state.name, Style.STATE, _TITLE_LIMIT)
    work = wrapped(work_in_words(state), Style.DETAIL, _TITLE_LIMIT) if state.work else ()
    rule = _TITLE_LINE * (len(titles) + 1) + ROW * len(work)
    columns = _columns(tuple(_groups(state.loops)))
    inner = sum(_column_width(column) for column in columns) + _GAP_BETWEEN_COLUMNS * (len(columns) - 1)
    heads = [*(width_of(title, Style.STATE) for title in titles), *(width_of(line, Style.DETAIL) for line in work)]
    width = max(inner, least_width - 2 * PAD, *heads) + 2 * PAD
    width += width % 2
    texts = [Text(PAD, _TITLE_LINE * n + 8, title, Style.STATE) for n, title in enumerate(titles, 1)]
    below = _TITLE_LINE * len(titles) + 8
    texts += [Text(PAD, below + ROW * n, line, Style.DETAIL) for n, line in enumerate(work, 1)]
    if not columns:
        return Panel(Rect(0, 0, width, rule + 4), tuple(texts))
    icons: list[Icon] = []
    left = PAD
    for column in columns:
        names_width = max(group.names_width for group in column)
        top = rule + 10
        for group in column:
            icons.append(Icon(left + 6, top + 10, group.mark))
            texts.append(Text(left + _ICON, top + 14, GROUP_TITLES[group.mark], Style.GROUP, group.mark))
            for number, action in enumerate(group.actions, 1):
                texts += _row(left + _ICON, top + ROW * number + 14, action, names_width)
            top += group.height + _GAP_BETWEEN_GROUPS
        left += _column_width(column) + _GAP_BETWEEN_COLUMNS
    height = rule + 10 + max(_column_height(column) for column in columns) + PAD
    return Panel(Rect(0, 0, width, height), tuple(texts), tuple(icons), rule)


def arrow_panel(arrow: Arrow) -> Panel:
    """One row for each action, with its icon in front."""
    names_width = max(width_of(action.name, Style.NAME) for action in arrow.actions)
    texts: list[Text] = []
    icons: list[Icon] = []
    for number, action in enumerate(arrow.actions):
        icons.append(Icon(6, ROW * number + 10, mark_of(action)))
        texts += _row(_ICON, ROW * number + 14, action, names_width)
    width = max(text.rect.right for text in texts)
    return Panel(Rect(0, 0, width, ROW * len(arrow.actions)), tuple(texts), tuple(icons))


def heading_panel(picture: Picture) -> Panel:
    """The machine's name and the first line of its description."""
    texts = [Text(0, 22, picture.title, Style.TITLE)]
    lines = [picture.doc, f"States: {' / '.join(picture.variables)}" if len(picture.variables) > 1 else ""]
    for number, line in enumerate(filter(None, lines), 1):
        texts.append(Text(0, 26 + 19 * number, line, Style.SUBTITLE))
    return Panel(Rect(0, 0, max(text.rect.right for text in texts), texts[-1].y + 8), tuple(texts))


def legend_panel(picture: Picture, limit: int) -> Panel:
    """The icons that occur and what they mean, in rows of `limit` pixels where entries allow it."""
    used = {mark_of(action) for action in _all_actions(picture)}
    texts: list[Text] = []
    icons: list[Icon] = []
    x, y = 0, 0
    for mark in (mark for mark in Mark if mark in used):
        width = _ICON + width_of(LEGEND[mark], Style.LEGEND)
        if x and x + width > limit:
            x, y = 0, y + ROW + 3
        icons.append(Icon(x + 6, y + 10, mark))
        texts.append(Text(x + _ICON, y + 14, LEGEND[mark], Style.LEGEND))
        x += width + 20
    if not texts:
        return Panel(Rect(0, 0, 0, 0), ())
    return Panel(Rect(0, 0, max(text.rect.right for text in texts), y + ROW), tuple(texts), tuple(icons))


def _all_actions(picture: Picture) -> Iterator[Action]:
    for state in picture.states:
        yield from state.loops
    for arrow in picture.arrows:
        yield from arrow.actions


def _row(x: int, y: int, action: Action, names_width: int) -> Iterator[Text]:
    yield Text(x, y, action.name, Style.NAME, action=action.name)
    if detail := detail_of(action):
        yield Text(x + names_width + _DETAIL_GAP, y, detail, Style.DETAIL, action=action.name)


def _groups(actions: Iterable[Action]) -> Iterator[_Group]:
    by_mark: dict[Mark, list[Action]] = {mark: [] for mark in Mark}
    for action in actions:
        by_mark[mark_of(action)].append(action)
    for mark, found in by_mark.items():
        pieces = -(-len(found) // _MOST_ROWS)
        for piece in range(pieces):
            start, end = (len(found) * part // pieces for part in (piece, piece + 1))
            yield _Group(mark, tuple(found[start:end]))


def _columns(groups: tuple[_Group, ...]) -> tuple[tuple[_Group, ...], ...]:
    """The groups side by side or below one another, whichever comes nearest to a pleasant shape."""
    candidates = dict.fromkeys(_filled(groups, limit) for limit in _heights(groups))
    return min(candidates, key=lambda columns: (_misshape(columns), len(columns)), default=())


def _heights(groups: tuple[_Group, ...]) -> Iterator[int]:
    for end in range(1, len(groups) + 1):
        for start in range(end):
            yield _column_height(groups[start:end])


def _filled(groups: tuple[_Group, ...], limit: int) -> tuple[tuple[_Group, ...], ...]:
    columns: list[tuple[_Group, ...]] = []
    for group in groups:
        if columns and _column_height((*columns[-1], group)) <= limit:
            columns[-1] += (group,)
        else:
            columns.append((group,))
    return tuple(columns)


def _misshape(columns: tuple[tuple[_Group, ...], ...]) -> float:
    width = sum(_column_width(column) + _GAP_BETWEEN_COLUMNS for column in columns)
    shape = width / (max(_column_height(column) for column in columns) + 60)
    return max(shape / _SHAPE, _SHAPE / shape)


def _column_width(column: tuple[_Group, ...]) -> int:
    details = max(group.details_width for group in column)
    titles = max(width_of(GROUP_TITLES[group.mark], Style.GROUP) for group in column)
    names = max(group.names_width for group in column)
    return _ICON + max(titles, names + (details + _DETAIL_GAP if details else 0))


def _column_height(column: tuple[_Group, ...]) -> int:
    return sum(group.height for group in column) + _GAP_BETWEEN_GROUPS * (len(column) - 1)
