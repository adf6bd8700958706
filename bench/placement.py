"""What deciding on placements costs, against the number of nodes and partitions: bench/placement.cc for each pair.

    scripts/bench-placement [--quick]

A cluster of three tiers gets its partitions, half of them with constraints; then nodes fail, die, leave and join. Timed
are the events until nothing is left to do, and single decisions of partitions at rest. Nothing is written anywhere: it
is the deciding alone.

Writes a table (Markdown), the figures (JSON) and a plot (PNG) to bench/results/.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

NODES = [30, 100, 300, 1_000]
PARTITIONS = [1_000, 10_000, 100_000, 1_000_000]
EVENTS = {
    "place": "place all partitions",
    "fail": "a node fails: its leases move",
    "die": "it is given up: its replicas are replaced",
    "leave": "a node is decommissioned",
    "join": "a node joins",
}

Figures = list[dict[str, float]]


def run(program: str, nodes: int, partitions: int) -> dict[str, float]:
    done = subprocess.run([program, str(nodes), str(partitions)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def table(title: str, figures: Figures, cell) -> list[str]:
    lines = ["", f"**{title}**", "", "| partitions | " + " | ".join(f"{nodes:,} nodes" for nodes in NODES) + " |"]
    lines.append("|---" * (len(NODES) + 1) + "|")
    for partitions in sorted({int(one["partitions"]) for one in figures}):
        found = {one["nodes"]: one for one in figures if one["partitions"] == partitions}
        cells = [cell(found[nodes]) if nodes in found else "" for nodes in NODES]
        lines.append(f"| {partitions:,} | " + " | ".join(cells) + " |")
    return lines


def render(figures: Figures, load: float) -> str:
    lines = table("one decision of a partition at rest, µs", figures, lambda one: f"{one['decision_ns'] / 1000:.1f}")
    for event, title in EVENTS.items():
        lines += table(f"{title}, s (steps taken)", figures,
                       lambda one, event=event: f"{one[event + '_s']:.3g} ({one[event + '_steps']:,.0f})")
    lines += ["", f"Run on {os.cpu_count()} CPUs at a load average of {load:.1f}, on one thread."]
    return "\n".join(lines).lstrip() + "\n"


def plot(figures: Figures, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 1 + len(EVENTS), figsize=(24, 4))
    shown = {"decision_ns": "one decision at rest, ns"}
    shown |= {event + "_s": f"{title}, s" for event, title in EVENTS.items()}
    for panel, (name, title) in zip(panels, shown.items(), strict=True):
        for nodes in NODES:
            line = sorted((one["partitions"], one[name]) for one in figures if one["nodes"] == nodes)
            panel.loglog(*zip(*line, strict=True), marker="o", label=f"{nodes:,} nodes")
        panel.set_title(title, fontsize=9)
        panel.set_xlabel("partitions")
        panel.grid(alpha=0.3)
    panels[0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--quick", action="store_true", help="up to 10,000 partitions, nothing is written")
    options = parser.parse_args()
    sizes = PARTITIONS[:2] if options.quick else PARTITIONS
    figures = [run(options.program, nodes, partitions) for partitions in sizes for nodes in NODES]
    text = render(figures, os.getloadavg()[0])
    print(text)
    if options.quick:
        return
    results = Path(__file__).resolve().parent / "results"
    (results / "placement.md").write_text(text)
    (results / "placement.json").write_text(json.dumps(figures, indent=1) + "\n")
    plot(figures, results / "placement.png")


if __name__ == "__main__":
    main()
