"""What every benchmark leaves behind: a table (Markdown), the figures (JSON) and often a plot (PNG)."""

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def parser(description: str | None, quick: str) -> argparse.ArgumentParser:
    """What a benchmark of servers takes, besides what it adds itself. `quick`: what --quick leaves."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--weir", required=True, help="connection string of weir server --sql")
    made.add_argument("--output", type=Path, default=RESULTS)
    made.add_argument("--quick", action="store_true", help=quick)
    return made


def machine(**more: float) -> dict[str, object]:
    """Where figures come from. `more`: what was measured of it."""
    return {**more, "cpus": os.cpu_count(), "system": platform.platform()}


def plot_by_clients(
    path: Path, width: float, panels: Sequence[tuple[str, Sequence[tuple[str, Sequence[float], dict[str, str]]]]],
    clients: Sequence[int],
) -> None:
    """Rates by the number of clients, a panel beside the other: each has a title and lines of a label, values along
    `clients` and a style."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(panels), figsize=(width, 4))
    for axis, (title, lines) in zip(axes, panels, strict=True):
        for label, values, style in lines:
            axis.loglog(clients, values, marker="o", label=label, **style)
        axis.set_title(title)
        axis.set_xlabel("clients")
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def save(
    name: str, folder: Path, table: str, record: dict[str, object], plot: Callable[[Path], None] | None = None
) -> None:
    """Writes NAME.md, NAME.json and, with `plot`, which is given its path, NAME.png; prints the table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(table)
    (folder / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    if plot:
        plot(folder / f"{name}.png")
    print(table)
