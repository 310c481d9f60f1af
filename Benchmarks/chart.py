"""Bar charts as SVG, readable on light and dark pages."""

from dataclasses import dataclass
from html import escape

WIDTH = 720
LABEL_WIDTH = 250
VALUE_WIDTH = 90
BAR_HEIGHT = 16
BAR_STEP = 21
PANEL_HEAD = 44

STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.unit { font-size: 11px; fill: #6e7781; }
.label { text-anchor: end; }
.bar { fill: #afb8c1; }
.ours { fill: #f05138; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .unit { fill: #8b949e; }
  .bar { fill: #57606a; }
}
"""


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    text: str
    is_ours: bool


@dataclass(frozen=True)
class Panel:
    title: str
    unit: str
    bars: list

    def height(self):
        return PANEL_HEAD + BAR_STEP * len(self.bars) + 12


def text(x, y, content, kind=""):
    attribute = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{attribute}>{escape(content)}</text>'


def draw_panel(panel, left, top, width, label_width):
    lines = [text(left, top + 16, panel.title, "title"), text(left, top + 33, panel.unit, "unit")]
    most = max((bar.value for bar in panel.bars), default=0)
    start, room = left + label_width, width - label_width - VALUE_WIDTH
    for index, bar in enumerate(panel.bars):
        y = top + PANEL_HEAD + BAR_STEP * index
        length = max(1, room * max(bar.value, 0) / most) if most > 0 else 1
        kind = "bar ours" if bar.is_ours else "bar"
        lines += [
            text(start - 8, y + 12, bar.label, "label"),
            f'<rect x="{start}" y="{y}" width="{length:.1f}" height="{BAR_HEIGHT}" rx="2" class="{kind}"/>',
            text(round(start + length + 6), y + 12, bar.text),
        ]
    return lines


def draw(panels, columns=1, label_width=LABEL_WIDTH):
    """The panels in rows of so many columns."""
    lines, top = [], 4
    width = WIDTH // columns
    for start in range(0, len(panels), columns):
        row = panels[start : start + columns]
        for column, panel in enumerate(row):
            lines += draw_panel(panel, column * width, top, width, label_width)
        top += max(panel.height() for panel in row)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}">'
    return "\n".join([head, f"<style>\n{STYLE}</style>", *lines, "</svg>"]) + "\n"
