"""Results as Markdown tables and a chart."""

import statistics

import chart
from cases import CASES
from contenders import CONTENDERS

TITLES = {contender.name: contender.title for contender in CONTENDERS}
BASES = ("nchan1", "pushpin")
OVERVIEW = (
    *("grip", "grip1", "embedded", "embedded-loop", "native-echo", "native-async-echo"),
    *("nchan1", "pushpin", "ceiling", "origin"),
)
# What a small chart has, for a reader who only wants to know what to expect.
SUMMARY = {
    "fan10k": "Messages to 10,000 clients",
    "fan1k-ws": "Messages to 1,000 WebSockets",
    "echo100": "WebSocket messages to the origin",
    "plain64": "Requests that are passed through",
    "holds": "New held clients",
    "idle10k": "Memory of a held client",
}
SUMMARY_CONTENDERS = {"grip": "grip proxy", "pushpin": "Pushpin", "nchan1": "nginx, Nchan"}

# Around the place of the results in a page that says more.
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"

# What the members of results are called, and with how many digits they are shown.
NAMES = {
    "deliveries_per_s": ("deliveries/s", 0),
    "messages_per_s": ("items/s", 0),
    "posts_per_s": ("POSTs/s", 0),
    "connects_per_s": ("holds/s", 0),
    "round_trips_per_s": ("round trips/s", 0),
    "requests_per_s": ("requests/s", 0),
    "p50_ms": ("p50 ms", 2),
    "p99_ms": ("p99 ms", 2),
    "max_ms": ("max ms", 1),
    "cpu_us_per_delivery": ("CPU µs per delivery", 2),
    "kb_per_client": ("KiB per client", 1),
    "idle_kb_per_client": ("KiB per client", 1),
    "idle_cpu_percent": ("CPU % of a core", 2),
}

# What must be 0 in a result, and what it means if it is not.
FAULTS = {
    "lost": "lost",
    "duplicated": "duplicated",
    "out_of_order": "out of order",
    "stray": "on a wrong channel",
    "garbled": "garbled",
    "refused": "refused",
    "closed": "closed",
    "failed_posts": "failed POSTs",
    "failed": "failed",
}


def number(value, digits):
    return f"{value:,.{digits}f}"


def with_digits(name, value):
    # Small rates need their digits as much as small times do.
    digits = NAMES[name][1]
    return number(value, digits if digits or value >= 100 else 1)


def median(results, name):
    values = [result[name] for result in results if name in result]
    return statistics.median(values) if values else None


def ratio(value, base):
    if not base or value is None:
        return "–"
    return f"{value / base:.2f}"


def processor(results, case):
    middle = sorted(results, key=lambda result: result[case.measure])[len(results) // 2]
    used = [f"{name} {percent:.0f}" for name, percent in middle.get("cpu", {}).items() if percent >= 0.5]
    if middle.get("own_cpu"):
        used.append(f"clients {middle['own_cpu']:.0f}")
    return ", ".join(used) or "–"


def faults(results):
    found = []
    for name, title in FAULTS.items():
        total = sum(result.get(name, 0) for result in results)
        if total:
            found.append(f"{total:,} {title}")
    stalled = sum(bool(result.get("stalled")) for result in results)
    if stalled:
        found.append(f"{stalled} of {len(results)} stalled")
    return ", ".join(found) or "none"


def row(case, name, results, medians):
    good = [result for result in results if case.measure in result]
    if not good:
        reason = " ".join(results[0].get("error", "").split()).replace("|", "/")
        return f"| {TITLES.get(name, name)} | failed: {reason[:200]} |"
    values = [result[case.measure] for result in good]
    middle = medians[name]
    cells = [
        TITLES.get(name, name),
        with_digits(case.measure, middle),
        f"{with_digits(case.measure, min(values))}..{with_digits(case.measure, max(values))}",
        *(ratio(middle, medians.get(base)) for base in BASES),
    ]
    for column in case.columns:
        value = median(good, column)
        cells.append("–" if value is None else with_digits(column, value))
    return f"| {' | '.join([*cells, processor(good, case), faults(results)])} |"


def medians_of(case, by_contender):
    found = {name: median(results, case.measure) for name, results in by_contender.items()}
    return {name: value for name, value in found.items() if value is not None}


def table(case, by_contender):
    heads = ["", NAMES[case.measure][0], "min..max", *(f"÷ {TITLES[base]}" for base in BASES)]
    heads += [*(NAMES[column][0] for column in case.columns), "CPU %", "faults"]
    medians = medians_of(case, by_contender)
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 2)}---|"]
    lines += [row(case, name, by_contender[name], medians) for name in TITLES if name in by_contender]
    return lines


def grouped(results):
    """{case: {contender: results}}."""
    found = {}
    for result in results:
        found.setdefault(result["case"], {}).setdefault(result["contender"], []).append(result)
    return found


def introduction(machine, versions, results):
    rounds = max((result["round"] for result in results), default=0)
    noise = median(results, "noise_percent") or 0
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
        f"Linux {machine['kernel']}. Clients, server and origin share the cores, over loopback. Each number is the "
        f"median of up to {rounds} rounds; what else ran on the machine took {noise:.0f} % of a core (median).",
        "",
        *(f"- {TITLES.get(name, name)}: {version}" for name, version in versions.items()),
    ]
    if any(result.get("is_quick") for result in results):
        lines += ["", "This was a quick run, with fewer clients and shorter: it shows that all works, no more."]
    return lines


def overview(found):
    """All cases at a glance: the medians of the main contenders."""
    names = [name for name in OVERVIEW if any(name in by_contender for by_contender in found.values())]
    lines = [f"| | | {' | '.join(TITLES[name] for name in names)} |", f"|---|---|{'--:|' * len(names)}"]
    for case in CASES:
        if case.name in found and case.group != "growth":
            medians = medians_of(case, found[case.name])
            cells = [with_digits(case.measure, medians[name]) if name in medians else "" for name in names]
            lines.append(f"| {case.title} | {NAMES[case.measure][0]} | {' | '.join(cells)} |")
    return lines


def markdown(machine, versions, results, chart_name):
    found = grouped(results)
    lines = ["## Measured", "", *introduction(machine, versions, results), "", f"![Main results]({chart_name})"]
    lines += ["", "### At a glance", "", *overview(found)]
    group = None
    for case in CASES:
        if case.name not in found:
            continue
        if case.group != group:
            group = case.group
            lines += ["", f"### {group[0].upper()}{group[1:]}"]
        better = "less is better" if case.is_better_low else "more is better"
        lines += ["", f"#### {case.title}", "", f"`{case.name}`, {NAMES[case.measure][0]}, {better}.", ""]
        lines += table(case, found[case.name])
    return "\n".join(lines) + "\n"


def panel(case, title, medians, titles):
    better = "less" if case.is_better_low else "more"
    unit = f"{NAMES[case.measure][0]}, {better} is better"
    return chart.Panel(title, unit, [
        chart.Bar(
            *(titles[name], medians[name], with_digits(case.measure, medians[name])),
            name.startswith(("grip", "embedded")),
        )
        for name in titles if name in medians
    ])


def panels(results):
    found = grouped(results)
    for case in CASES:
        if case.is_charted and case.name in found:
            yield panel(case, case.title, medians_of(case, found[case.name]), TITLES)


def summary_panels(results):
    found = grouped(results)
    cases = {case.name: case for case in CASES}
    for name, title in SUMMARY.items():
        if name in found:
            yield panel(cases[name], title, medians_of(cases[name], found[name]), SUMMARY_CONTENDERS)


def placed(path, text):
    """The text, in its place in a page that has one, and alone where there is no such page."""
    page = path.read_text() if path.exists() else ""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{text}{end}{after}" if end else text


def write(path, machine, versions, results):
    drawing = path.with_suffix(".svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(placed(path, markdown(machine, versions, results, drawing.name)))
    drawing.write_text(chart.draw(list(panels(results))))
    summary = path.with_name(f"{path.stem}-summary.svg")
    summary.write_text(chart.draw(list(summary_panels(results)), columns=2, label_width=100))
