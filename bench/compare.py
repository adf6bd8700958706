"""Weir against pyfluss 1.0.0 on an Apache Fluss 0.9.1 node, in one run on one machine.

    scripts/bench [--quick]

Runs bench/client_workload.py with each client in turn, measures the machine's own limits and the opening
of a database with 10,000 partitions, and writes a table (Markdown), the figures (JSON) and a plot (PNG).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import report

ROOT = Path(__file__).resolve().parent.parent
WORKLOAD = ROOT / "bench" / "client_workload.py"
ROW_BYTES = 8 + 4 + 8 + 11 + 4 + 8  # of the workload's rows as Arrow columns

TITLES = {
    "append_arrow": "append Arrow batches, rows/s",
    "scan_arrow": "scan a log to Arrow, rows/s",
    "scan_arrow_projected": "scan one column of five, rows/s",
    "append_dicts": "append dicts one by one, rows/s",
    "upsert_dicts": "upsert dicts, new keys, rows/s",
    "upsert_again": "upsert dicts, keys that exist, rows/s",
    "lookup_awaited": "lookups, awaited one by one, /s",
    "lookup_pipelined": "lookups, many at a time, /s",
}


def run_workload(python: str, target: str, options: list[str], quick: bool) -> dict[str, float]:
    command = [python, str(WORKLOAD), target, *(f"--option={option}" for option in options)]
    if quick:
        command.append("--quick")
    # Both clients are called `fluss`: the peer's interpreter must not see this one's path.
    environment = dict(os.environ)
    if python != sys.executable:
        environment.pop("PYTHONPATH", None)
    finished = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=1800)
    figures: dict[str, float] = json.loads(finished.stdout)
    return figures


def disk_write_bytes_per_second(directory: str) -> float:
    """Large sequential writes with one fdatasync at the end."""
    block = os.urandom(8 << 20)
    path = os.path.join(directory, "write-test")
    start = time.perf_counter()
    with open(path, "wb", buffering=0) as file:
        for _ in range(64):
            file.write(block)
        os.fdatasync(file.fileno())
    seconds = time.perf_counter() - start
    os.unlink(path)
    return 64 * len(block) / seconds


def sync_milliseconds(directory: str) -> float:
    """Median time of a 64 KiB write with fdatasync."""
    times = []
    with open(os.path.join(directory, "sync-test"), "wb", buffering=0) as file:
        for _ in range(50):
            start = time.perf_counter()
            file.write(b"x" * 65536)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    return sorted(times)[25] * 1000


def memory_copy_bytes_per_second() -> float:
    source = np.ones(256 << 20, dtype=np.uint8)
    target = np.empty_like(source)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - start)
    return source.nbytes / best


MANY_PARTITIONS = """
import resource, sys, time
import fluss, fluss.sync, pyarrow as pa
directory, create = sys.argv[1], sys.argv[2] == "create"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
connection = fluss.sync.FlussConnection.open(directory)
seconds = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
if create:
    admin = connection.get_admin()
    path = fluss.TablePath("fluss", "many")
    schema = fluss.Schema(pa.schema([("id", pa.int64()), ("day", pa.string())]))
    admin.create_table(path, fluss.TableDescriptor(schema, partition_keys=["day"], bucket_count=1))
    for day in range(10000):
        admin.create_partition(path, {"day": f"d{day:05}"})
connection.close()
print(seconds, memory)
"""


def open_many_partitions(directory: str) -> dict[str, float]:
    """Opening a database with 10,000 partitions in a fresh process: seconds, and growth of memory (KiB)."""
    database = os.path.join(directory, "many")
    subprocess.run([sys.executable, "-c", MANY_PARTITIONS, database, "create"], check=True, stdout=subprocess.DEVNULL)
    finished = subprocess.run(
        [sys.executable, "-c", MANY_PARTITIONS, database, "open"], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds, memory = finished.stdout.split()
    return {"open_seconds": float(seconds), "memory_mib": float(memory) / 1024}


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def render(results: dict[str, dict[str, float]], machine: dict[str, float], many: dict[str, float]) -> str:
    peer = results["pyfluss"]
    lines = ["| operation | " + " | ".join(results) + " | ratio |", "|---" * (len(results) + 2) + "|"]
    for operation, title in TITLES.items():
        cells = [number(figures[operation]) for figures in results.values()]
        ratios = [figures[operation] / peer[operation] for name, figures in results.items() if name != "pyfluss"]
        cells.append(" / ".join(f"{ratio:,.1f}×" for ratio in ratios))
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    append = results["weir, local.sync=group"]["append_arrow"] * ROW_BYTES
    scan = results["weir, local.sync=none"]["scan_arrow"] * ROW_BYTES
    lines += [
        "",
        f"- Disk: {machine['disk_write'] / 1e6:,.0f} MB/s written in sequence with a sync at the end; one awaited sync "
        f"of 64 KiB takes {machine['sync_ms']:.2f} ms. Appending with a sync before each acknowledgement reaches "
        f"{append / 1e6:,.0f} MB/s of Arrow data, {append / machine['disk_write']:.0%} of it.",
        f"- Memory: {machine['memory_copy'] / 1e9:,.1f} GB/s copied. The scan hands out {scan / 1e9:,.1f} GB/s of "
        f"Arrow data, {scan / machine['memory_copy']:.0%} of it.",
        f"- A database with 10,000 partitions opens in {many['open_seconds'] * 1000:.0f} ms and takes "
        f"{many['memory_mib']:.0f} MiB of memory.",
    ]
    return "\n".join(lines) + "\n"


def plot(results: dict[str, dict[str, float]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    operations = list(TITLES)
    figure, axes = pyplot.subplots(figsize=(9, 5))
    contenders = [name for name in results if name != "pyfluss"]
    height = 0.8 / len(contenders)
    for i, name in enumerate(contenders):
        ratios = [results[name][operation] / results["pyfluss"][operation] for operation in operations]
        places = [place + i * height for place in range(len(operations))]
        bars = axes.barh(places, ratios, height, label=name)
        axes.bar_label(bars, [f"{ratio:,.1f}×" for ratio in ratios], padding=3, fontsize=8)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks([place + 0.4 - height / 2 for place in range(len(operations))], [TITLES[o] for o in operations])
    axes.invert_yaxis()
    axes.set_xlabel("times pyfluss 1.0.0 on Apache Fluss 0.9.1 (log scale)")
    axes.margins(x=0.12)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyfluss-python", required=True, help="interpreter with pyfluss 1.0.0")
    parser.add_argument("--fluss", required=True, help="address of the Apache Fluss node")
    parser.add_argument("--output", type=Path, default=report.RESULTS)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as directory:
        machine = {
            "disk_write": disk_write_bytes_per_second(directory),
            "sync_ms": sync_milliseconds(directory),
            "memory_copy": memory_copy_bytes_per_second(),
        }
        results = {"pyfluss": run_workload(arguments.pyfluss_python, arguments.fluss, [], arguments.quick)}
        for sync in ("none", "group"):
            database = os.path.join(directory, sync)
            results[f"weir, local.sync={sync}"] = run_workload(
                sys.executable, database, [f"local.sync={sync}"], arguments.quick
            )
        many = open_many_partitions(directory)
    record = {"machine": report.machine(**machine), "many": many, "results": results}
    report.save("client", arguments.output, render(results, machine, many), record, lambda path: plot(results, path))


if __name__ == "__main__":
    main()
