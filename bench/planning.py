"""Time to plan and to route against the number of partitions: Weir's SQL server beside PostgreSQL 15, in one run.

    scripts/bench-planning [--quick]

Both are asked over the PostgreSQL protocol by the same driver with the same statements. A table of N range
partitions of one value each is made, by a CREATE TABLE ... PARTITION OF statement each in one transaction. A level
holds up to 32,767 partitions: the largest table has two, 100 partitions of 1,000 each. Then are timed (medians):
- plan_all: planning of a query with nothing pruned, as EXPLAIN (SUMMARY) reports it; no time for printing the plan
- plan_one: the same for a query that needs one partition
- point: one whole point query, planned anew each time
- all: the whole query with nothing pruned; 1,000 of the partitions, or all if there are fewer, have rows
- route: INSERT of 1,000 rows that go to 10 of the partitions, per row: how many are written is the same at every size
- spread: INSERT of 1,000 rows that go to 1,000 partitions, or all if there are fewer, per row

Writes a table (Markdown), the figures (JSON) and a plot (PNG) to bench/results/.
"""

import os
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

import report

SIZES = [10, 100, 1_000, 5_000, 30_000, 100_000]
LEVEL_LIMIT = 32_767
LEVEL_SIZE = 1_000  # of the second level, where there is one
POSTGRES_LIMIT = 5_000
ROUNDS = 25
ROUTED_ROWS = 1_000
OPERATIONS = {
    "create": "create the table and its partitions, s",
    "plan_first": "plan, nothing pruned, first in a session, ms",
    "plan_all": "plan, nothing pruned, ms",
    "plan_one": "plan, one partition left, ms",
    "point": "whole point query, ms",
    "all": "whole query, nothing pruned, ms",
    "route": "insert into 10 of the partitions, µs a row",
    "spread": "insert, a partition a row, µs a row",
}


def create_statements(table: str, partitions: int) -> Iterator[str]:
    by_range = "PARTITION BY RANGE (k)"
    yield f"CREATE TABLE {table} (k int, v int) {by_range}"
    for i in range(partitions):
        parent = table
        if partitions > LEVEL_LIMIT:
            parent = f"{table}_x{i // LEVEL_SIZE}"
            if i % LEVEL_SIZE == 0:
                bounds = f"FOR VALUES FROM ({i}) TO ({i + LEVEL_SIZE})"
                yield f"CREATE TABLE {parent} PARTITION OF {table} {bounds} {by_range}"
        yield f"CREATE TABLE {table}_{i} PARTITION OF {parent} FOR VALUES FROM ({i}) TO ({i + 1})"


def planning_ms(cursor: psycopg.Cursor, query: str) -> float:
    cursor.execute("SELECT 1")  # pays for freeing what a long EXPLAIN before it has left
    cursor.execute(f"EXPLAIN (SUMMARY) {query}")
    for (line,) in cursor.fetchall():
        if found := re.search(r"Planning Time: ([0-9.]+) ms", line):
            return float(found[1])
    raise AssertionError("EXPLAIN (SUMMARY) gave no planning time")


def milliseconds(call) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def median_ms(call: Callable[[], object], rounds: int) -> float:
    return statistics.median(milliseconds(call) for _ in range(rounds))


def measure(dialect: str, address: str, partitions: int, rounds: int) -> dict[str, float]:
    table = f"plan_{partitions}"
    figures: dict[str, float] = {}
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        start = time.perf_counter()
        with connection.transaction():
            for statement in create_statements(table, partitions):
                cursor.execute(statement)
        figures["create"] = time.perf_counter() - start
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.cursor()
        if dialect == "postgres":  # empty leaves would get parallel plans, which take longer
            cursor.execute("SET max_parallel_workers_per_gather = 0")
        everything = f"SELECT v FROM {table} WHERE v = 1"
        figures["plan_first"] = planning_ms(cursor, everything)
        figures["plan_all"] = statistics.median(planning_ms(cursor, everything) for _ in range(rounds))
        keys = random.Random(partitions)

        def one() -> str:
            return f"SELECT v FROM {table} WHERE k = {keys.randrange(partitions)}"

        planning_ms(cursor, one())
        figures["plan_one"] = statistics.median(planning_ms(cursor, one()) for _ in range(rounds))
        figures["point"] = median_ms(lambda: cursor.execute(one()).fetchall(), rounds)
        def insert(targets: int) -> float:
            """µs a row of 1,000 rows that go to so many partitions, evenly over the table; `v` never is 1 again."""
            step = max(partitions // targets, 1)
            rows = ", ".join(f"({row % targets * step % partitions}, {row + 2})" for row in range(ROUTED_ROWS))
            return milliseconds(lambda: cursor.execute(f"INSERT INTO {table} VALUES {rows}")) * 1000 / ROUTED_ROWS

        insert(ROUTED_ROWS)
        figures["spread"] = insert(ROUTED_ROWS)
        figures["route"] = statistics.median(insert(10) for _ in range(9))
        cursor.execute(everything)
        figures["all"] = median_ms(lambda: cursor.execute(everything).fetchall(), 3)
    return figures


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def render(results: dict[str, dict[int, dict[str, float]]], load: float) -> str:
    sizes = sorted({size for figures in results.values() for size in figures})
    lines = []
    for operation, title in OPERATIONS.items():
        lines += ["", f"**{title}**", "", "| partitions | " + " | ".join(f"{size:,}" for size in sizes) + " |"]
        lines.append("|---" * (len(sizes) + 1) + "|")
        for name, figures in results.items():
            cells = [number(figures[size][operation]) if size in figures else "" for size in sizes]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        ratios = [
            f"{results['PostgreSQL 15'][size][operation] / results['Weir'][size][operation]:,.1f}×"
            if size in results["PostgreSQL 15"] and size in results["Weir"] else ""
            for size in sizes
        ]
        lines.append("| PostgreSQL / Weir | " + " | ".join(ratios) + " |")
    lines += ["", f"{LEVEL_LIMIT:,} partitions are the most of one level: 100,000 are 100 times 1,000 on two levels."]
    lines += [f"Both ran on {os.cpu_count()} CPUs at a load average of {load:.1f}."]
    return "\n".join(lines).lstrip() + "\n"


def plot(results: dict[str, dict[int, dict[str, float]]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = ["plan_all", "plan_one", "route", "point", "all", "spread"]
    figure, panels = pyplot.subplots(1, len(shown), figsize=(24, 4))
    for panel, operation in zip(panels, shown):
        for name, figures in results.items():
            panel.loglog(list(figures), [point[operation] for point in figures.values()], marker="o", label=name)
        panel.set_title(OPERATIONS[operation], fontsize=9)
        panel.set_xlabel("partitions")
        panel.grid(alpha=0.3)
    panels[0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = report.parser(__doc__, "up to 1,000 partitions")
    parser.add_argument("--postgres", required=True, help="connection string of PostgreSQL 15")
    arguments = parser.parse_args()
    sizes = [size for size in SIZES if not arguments.quick or size <= 1_000]
    results: dict[str, dict[int, dict[str, float]]] = {"Weir": {}, "PostgreSQL 15": {}}
    for size in sizes:
        results["Weir"][size] = measure("weir", arguments.weir, size, ROUNDS)
        if size <= POSTGRES_LIMIT:
            results["PostgreSQL 15"][size] = measure("postgres", arguments.postgres, size, ROUNDS)
        print(size, results["Weir"][size], results["PostgreSQL 15"].get(size), flush=True)
    load = os.getloadavg()[2]
    record = {"machine": report.machine(load=load), "results": results}
    report.save("planning", arguments.output, render(results, load), record, lambda path: plot(results, path))


if __name__ == "__main__":
    main()
