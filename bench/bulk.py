"""Statements of many rows on a table with a primary key: Weir's SQL server beside PostgreSQL 15, in one run.

    scripts/bench-bulk [--quick]

Both are asked by the same driver, in turn. A round makes the table (bigint key, text, integer, double precision, text),
and times one statement after the other, each a transaction of its own: rows that come in the order of their keys, more
between them, aggregates before and after each kind of change. Medians of wall-clock seconds, and of the seconds that
the server's processes were on a CPU, by Linux's count of them, which other programs' work disturbs less.

Writes a table (Markdown) and the figures (JSON) to bench/results/.
"""

import os
import statistics
import time
from pathlib import Path

import psycopg

import report

ROW = "'name ' || i % 1000, i % 100, i * 1.5, 'text of row ' || i"
AGGREGATE = "SELECT count(*), sum(k), avg(v), max(name) FROM bulk"
# What is shown of a statement (none: it is not timed), and its text; {n}: rows.
STATEMENTS = [
    (None, "DROP TABLE IF EXISTS bulk"),
    (None, "CREATE TABLE bulk (id bigint PRIMARY KEY, name text, k integer, v double precision, note text)"),
    ("INSERT … SELECT", f"INSERT INTO bulk SELECT i * 2, {ROW} FROM generate_series(1, {{n}}) i"),
    ("aggregate, first time", AGGREGATE),
    (None, AGGREGATE),
    ("aggregate", AGGREGATE),
    ("GROUP BY", "SELECT count(*) FROM (SELECT k, sum(v), count(*) FROM bulk GROUP BY k) g"),
    ("INSERT … SELECT, keys between the others",
     f"INSERT INTO bulk SELECT i * 20 + 1, {ROW} FROM generate_series(1, {{n}} / 10) i"),
    ("UPDATE of a hundredth", "UPDATE bulk SET v = v + 1 WHERE k = 7"),
    ("aggregate after that", AGGREGATE),
    ("UPDATE of all", "UPDATE bulk SET v = v + 1"),
    ("aggregate after that ", AGGREGATE),
    ("ON CONFLICT DO UPDATE of all",
     f"INSERT INTO bulk SELECT i * 2, {ROW} FROM generate_series(1, {{n}}) i "
     "ON CONFLICT (id) DO UPDATE SET k = excluded.k"),
    ("DELETE of a tenth", "DELETE FROM bulk WHERE k % 10 = 3"),
    ("DELETE of all", "DELETE FROM bulk"),
]


def cpu_seconds(root: int) -> float:
    """Of a process, its children, and those it has waited for."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(process.name) == root:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == root:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


def run(connection: psycopg.Connection, root: int, rows: int) -> dict[str, tuple[float, float]]:
    figures = {}
    for title, statement in STATEMENTS:
        cpu, start = cpu_seconds(root), time.perf_counter()
        connection.execute(statement.format(n=rows))
        if title:
            figures[title] = (time.perf_counter() - start, cpu_seconds(root) - cpu)
    return figures


def render(figures: dict[str, list[dict[str, tuple[float, float]]]], rows: int, load: float) -> str:
    names = list(figures)
    out = ["| statement | " + " | ".join(f"{name}, s | {name}, s on a CPU" for name in names) + " |",
           "|---" * (1 + 2 * len(names)) + "|"]
    for title in figures[names[0]][0]:
        medians = [statistics.median(figure[title][kind] for figure in figures[name])
                   for name in names for kind in (0, 1)]
        out.append(f"| {title.strip()} | " + " | ".join(f"{seconds:.2f}" for seconds in medians) + " |")
    out += ["", f"{rows:,} rows; medians of {len(figures[names[0]])} rounds in turn, on {os.cpu_count()} CPUs at a "
            f"load average of {load:.1f}. A server's work in the background counts to the statement that runs then."]
    return "\n".join(out) + "\n"


def main() -> None:
    parser = report.parser(__doc__, "100,000 rows, one round")
    parser.add_argument("--weir-pid", required=True, type=int)
    parser.add_argument("--postgres", help="connection string of PostgreSQL 15, where there is one")
    arguments = parser.parse_args()
    rows, rounds = (100_000, 1) if arguments.quick else (1_000_000, 3)
    servers = {"Weir": (psycopg.connect(arguments.weir, autocommit=True), arguments.weir_pid)}
    if arguments.postgres:
        connection = psycopg.connect(arguments.postgres, autocommit=True)
        servers["PostgreSQL 15"] = (connection, parent(connection.info.backend_pid))
    figures: dict[str, list[dict[str, tuple[float, float]]]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, (connection, root) in servers.items():
            figures[name].append(run(connection, root, rows))
            shown = {title: f"{wall:.2f} {cpu:.2f}" for title, (wall, cpu) in figures[name][-1].items()}
            print(name, shown, flush=True)
    load = os.getloadavg()[2]
    report.save("bulk", arguments.output, render(figures, rows, load),
                {"machine": report.machine(load=load), "rows": rows, "seconds": figures})


if __name__ == "__main__":
    main()
