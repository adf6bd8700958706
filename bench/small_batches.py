"""A million rows that were appended and flushed one by one, read before and after they were joined in the background,
and beside them the same rows that were written at once: in an embedded database.

    scripts/bench-small-batches [--quick]

Each figure is a process of its own, for its memory. Reading is `to_arrow` of the whole table, the best of three. The
background looks once a minute.

Writes a table (Markdown) and the figures (JSON) to bench/results/.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa

import report

SCHEMA = pa.schema([("id", pa.int64()), ("value", pa.float64())])
LONGEST_WAIT = 200  # seconds


async def open_table(folder: str, name: str):
    import fluss

    connection = await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": folder, "local.sync": "none"}))
    path = fluss.TablePath("fluss", name)
    descriptor = fluss.TableDescriptor(fluss.Schema(SCHEMA), bucket_count=1)
    await connection.get_admin().create_table(path, descriptor, ignore_if_exists=True)
    return connection, await connection.get_table(path)


def bytes_of(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).rglob("*.log"))


async def write(folder: str, rows: int) -> dict[str, float]:
    connection, table = await open_table(folder, "singly")
    writer = table.new_append().create_writer()
    start = time.perf_counter()
    for i in range(rows):
        writer.append({"id": i, "value": i / 2})
        await writer.flush()
    taken = time.perf_counter() - start
    _, whole = await open_table(folder, "whole")
    writer = whole.new_append().create_writer()
    writer.write_arrow_batch(pa.record_batch([pa.array(range(rows), pa.int64()),
                                              pa.array([i / 2 for i in range(rows)])], schema=SCHEMA))
    await writer.flush()
    connection.close()
    return {"seconds": taken, "bytes": bytes_of(folder)}


async def read(folder: str, name: str) -> dict[str, float]:
    connection, table = await open_table(folder, name)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        rows = (await table.to_arrow()).num_rows
        best = min(best, time.perf_counter() - start)
    connection.close()
    return {"seconds": best, "rows": rows, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


async def wait(folder: str) -> dict[str, float]:
    """Until the background has nothing left to do."""
    connection, table = await open_table(folder, "singly")
    await table.to_arrow()  # a log that nobody opens is left alone
    before, start = bytes_of(folder), time.perf_counter()
    size, still_since = before, None
    while time.perf_counter() - start < LONGEST_WAIT:
        await asyncio.sleep(1)
        now = bytes_of(folder)
        if now != size:
            size, still_since = now, time.perf_counter()
        if still_since and time.perf_counter() - still_since > 10:
            break
    connection.close()
    return {"bytes": size, "bytes before": before}


def step(name: str, *arguments: str) -> dict[str, float]:
    out = subprocess.run([sys.executable, __file__, "--step", name, *arguments], check=True, stdout=subprocess.PIPE)
    figures = json.loads(out.stdout)
    print(name, *arguments[1:], figures, flush=True)
    return figures


def render(figures: dict[str, dict[str, float]], rows: int, load: float) -> str:
    base = figures["written at once"]["seconds"]
    lines = ["| rows | to_arrow, ms | times those written at once | memory of the process, MB |", "|---|---|---|---|"]
    lines += [f"| {title} | {one['seconds'] * 1000:,.1f} | {one['seconds'] / base:.1f} | {one['memory'] / 1e6:,.0f} |"
              for title, one in figures.items() if "memory" in one]
    joined = figures["joined"]
    lines += ["", f"{rows:,} rows. Written one by one in {figures['write']['seconds']:.1f} s; "
              f"{joined['bytes before'] / 1e6:,.1f} MB of logs before they were joined, "
              f"{joined['bytes'] / 1e6:,.1f} MB after.",
              f"On {os.cpu_count()} CPUs at a load average of {load:.1f}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", help="a new data directory")
    parser.add_argument("more", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=report.RESULTS)
    parser.add_argument("--quick", action="store_true", help="50,000 rows")
    arguments = parser.parse_args()
    if arguments.step:
        steps = {"write": lambda rows: write(arguments.folder, int(rows)),
                 "read": lambda name: read(arguments.folder, name), "wait": lambda: wait(arguments.folder)}
        print(json.dumps(asyncio.run(steps[arguments.step](*arguments.more))))
        return
    rows = 50_000 if arguments.quick else 1_000_000
    folder = arguments.folder
    figures = {"write": step("write", folder, str(rows)), "one by one": step("read", folder, "singly"),
               "joined": step("wait", folder), "one by one, joined": step("read", folder, "singly"),
               "written at once": step("read", folder, "whole")}
    load = os.getloadavg()[2]
    report.save("small_batches", arguments.output, render(figures, rows, load),
                {"machine": report.machine(load=load), "rows": rows, "figures": figures})


if __name__ == "__main__":
    main()
