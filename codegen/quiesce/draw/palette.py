"""The colours of a drawing, by light and by dark."""

from quiesce.draw.text import Style
from quiesce.draw.view import Mark
from quiesce.spec.record import record

_SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
_MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace'


@record
class Palette:
    """Colours as CSS writes them."""

    paper: str
    ink: str
    muted: str
    box: str
    rim: str
    marks: dict[Mark, str]


LIGHT = Palette(
    paper="#ffffff",
    ink="#1f2328",
    muted="#656d76",
    box="#f6f8fa",
    rim="#c3cad2",
    marks={
        Mark.ACCEPTED: "#0969da",
        Mark.BLOCKED: "#9a6700",
        Mark.REFUSED: "#cf222e",
        Mark.INTERNAL: "#8250df",
        Mark.ENVIRONMENT: "#1a7f37",
        Mark.SUCCEEDS: "#0f766e",
        Mark.FAILS: "#bc4c00",
    },
)
DARK = Palette(
    paper="#0d1117",
    ink="#e6edf3",
    muted="#9198a1",
    box="#161b22",
    rim="#444c56",
    marks={
        Mark.ACCEPTED: "#4493f8",
        Mark.BLOCKED: "#d29922",
        Mark.REFUSED: "#f85149",
        Mark.INTERNAL: "#ab7df8",
        Mark.ENVIRONMENT: "#3fb950",
        Mark.SUCCEEDS: "#2dd4bf",
        Mark.FAILS: "#db6d28",
    },
)


def stylesheet() -> str:
    """CSS for every class that a drawing uses, held inside `.quiesce` so that a page around it is left alone."""
    fonts = [
        f".quiesce .{font.css}{{font:{'600' if font.bold else '400'} {font.size}px {_MONO if font.mono else _SANS}"
        + (f";letter-spacing:{font.tracking}px" if font.tracking else "")
        + "}"
        for font in (style.value for style in Style)
    ]
    shapes = [
        ".quiesce .line,.quiesce .rule,.quiesce .icon{fill:none;stroke:currentColor;stroke-width:1.6}",
        ".quiesce .rule,.quiesce .box{stroke-width:1}",
        ".quiesce .icon{stroke-linecap:round;stroke-linejoin:round}",
        ".quiesce .head,.quiesce .solid{fill:currentColor}",
        ".quiesce .line.environment{stroke-dasharray:6 4}",
        ".quiesce text{fill:currentColor}",
    ]
    dark = "".join(_colours(DARK))
    return "\n".join([*fonts, *shapes, *_colours(LIGHT), f"@media (prefers-color-scheme:dark){{{dark}}}"])


def _colours(palette: Palette) -> list[str]:
    return [
        f".quiesce{{color:{palette.ink}}}",
        f".quiesce .paper{{fill:{palette.paper}}}",
        f".quiesce .box{{fill:{palette.box};stroke:{palette.rim}}}",
        f".quiesce .rule{{color:{palette.rim}}}",
        f".quiesce .subtitle,.quiesce .detail,.quiesce .legend,.quiesce .mixed{{color:{palette.muted}}}",
        *(f".quiesce .{mark.value}{{color:{colour}}}" for mark, colour in palette.marks.items()),
    ]
