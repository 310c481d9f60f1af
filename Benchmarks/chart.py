"""Bar charts as SVG, readable on light and dark pages."""

from dataclasses import dataclass
from html import escape

WIDTH = 720
LABEL_WIDTH = 210
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


def draw_panel(panel, top):
    lines = [text(0, top + 16, panel.title, "title"), text(0, top + 33, panel.unit, "unit")]
    most = max((bar.value for bar in panel.bars), default=0)
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    for index, bar in enumerate(panel.bars):
        y = top + PANEL_HEAD + BAR_STEP * index
        width = max(1, room * max(bar.value, 0) / most) if most > 0 else 1
        kind = "bar ours" if bar.is_ours else "bar"
        lines += [
            text(LABEL_WIDTH - 8, y + 12, bar.label, "label"),
            f'<rect x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT}" rx="2" class="{kind}"/>',
            text(round(LABEL_WIDTH + width + 6), y + 12, bar.text),
        ]
    return lines


def draw(panels):
    lines, top = [], 4
    for panel in panels:
        lines += draw_panel(panel, top)
        top += panel.height()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}">'
    return "\n".join([head, f"<style>\n{STYLE}</style>", *lines, "</svg>"]) + "\n"
