"""What tables of many small leaves take: Weir's SQL server, started anew for what a first scan takes, beside
PostgreSQL 15 where it is there.

    scripts/bench-leaves [--quick]

A table of N range partitions of one value each (from 32,768 on: of two levels) gets ten rows a leaf. Then are timed,
by the clock and by the seconds that the server was on a CPU: the first aggregate after a start, aggregates and
count(*) after it (medians of five), what drivers ask of the catalogs when they connect, ADD COLUMN, and stopping the
server. Beside it: inodes and bytes of logs on disk, open files and memory, a leaf.

Writes a table (Markdown) and the figures (JSON) to bench/results/.
"""

import argparse
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

import psycopg

import report
from bulk import cpu_seconds, parent
from planning import create_statements

SIZES = [1_000, 10_000, 100_000]
POSTGRES_LIMIT = 1_000
AT_ONCE = 1_000  # partitions made in one transaction
ROWS = 10  # a leaf
AGGREGATE = "SELECT count(*), sum(v), max(v) FROM {table}"
CATALOGS = {
    "columns of a leaf": "SELECT count(*) FROM information_schema.columns WHERE table_name = '{table}_7'",
    "all columns": "SELECT count(*) FROM information_schema.columns",
    "attributes of all relations": "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                                   "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'",
}


class Weir:
    """A server over a data directory of its own."""

    def __init__(self, program: Path, data: Path, port: int) -> None:
        self.command = [str(program), "server", "--data", str(data), "--sql", f"127.0.0.1:{port}"]
        self.address = f"host=127.0.0.1 port={port} user=weir dbname=fluss"
        self.data = data
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        while True:
            try:
                return psycopg.connect(self.address).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def stop(self) -> float:
        start = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return time.perf_counter() - start

    def take_stock(self) -> dict[str, float]:
        files = list((self.data / "log").rglob("*"))
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return {"inodes": len(files), "bytes": sum(path.lstat().st_blocks * 512 for path in files),
                "open files": len(os.listdir(f"/proc/{self.process.pid}/fd")),
                "memory": int(resident.split()[1]) * 1024}


def timed(connection: psycopg.Connection, root: int, statement: str) -> tuple[float, float]:
    cpu, start = cpu_seconds(root), time.perf_counter()
    cursor = connection.execute(statement)
    if cursor.description:
        cursor.fetchall()
    return time.perf_counter() - start, cpu_seconds(root) - cpu


def median(connection: psycopg.Connection, root: int, statement: str, rounds: int = 5) -> tuple[float, float]:
    taken = [timed(connection, root, statement) for _ in range(rounds)]
    return statistics.median(wall for wall, _ in taken), sum(cpu for _, cpu in taken) / rounds


def fill(connection: psycopg.Connection, root: int, table: str, leaves: int) -> dict[str, tuple[float, float]]:
    statements = list(create_statements(table, leaves))
    start = time.perf_counter()
    for at in range(0, len(statements), AT_ONCE):
        with connection.transaction():
            for statement in statements[at : at + AT_ONCE]:
                connection.execute(statement)
    made = time.perf_counter() - start
    rows = f"INSERT INTO {table} SELECT i % {leaves}, i FROM generate_series(0, {leaves * ROWS - 1}) i"
    return {"create": (made, 0.0), f"INSERT of {ROWS} rows a leaf": timed(connection, root, rows)}


def ask(connection: psycopg.Connection, root: int, table: str, first: str) -> dict[str, tuple[float, float]]:
    figures = {first: timed(connection, root, AGGREGATE.format(table=table))}
    figures["aggregate"] = median(connection, root, AGGREGATE.format(table=table))
    figures["count(*)"] = median(connection, root, f"SELECT count(*) FROM {table}")
    for title, query in CATALOGS.items():
        figures[title] = median(connection, root, query.format(table=table), 3)
    figures["ADD COLUMN"] = timed(connection, root, f"ALTER TABLE {table} ADD COLUMN w int")
    return figures


def measure(arguments: argparse.Namespace, leaves: int) -> dict[str, dict]:
    table = f"leaves_{leaves}"
    weir = Weir(arguments.server, arguments.data / str(leaves), arguments.port)
    try:
        with psycopg.connect(weir.address, autocommit=True) as connection:
            figures = fill(connection, weir.process.pid, table, leaves)
        figures["stop"] = (weir.stop(), 0.0)
        weir.start()
        with psycopg.connect(weir.address, autocommit=True) as connection:
            connection.execute("SELECT 1")
            before = weir.take_stock()
            figures |= ask(connection, weir.process.pid, table, "first aggregate after a start")
            stock = weir.take_stock()
        stock["memory"] -= before["memory"]
    finally:
        weir.process.kill()
        weir.process.wait()
    result = {"Weir": {"seconds": figures, "a leaf": {what: value / leaves for what, value in stock.items()}}}
    if arguments.postgres and leaves <= POSTGRES_LIMIT:
        with psycopg.connect(arguments.postgres, autocommit=True) as connection:
            root = parent(connection.info.backend_pid)
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            result["PostgreSQL 15"] = {"seconds": fill(connection, root, table, leaves)
                                       | ask(connection, root, table, "first aggregate in a session")}
            connection.execute(f"DROP TABLE {table}")
    return result


def render(results: dict[int, dict[str, dict]], load: float) -> str:
    out = []
    for leaves, figures in results.items():
        out += [f"**{leaves:,} leaves of {ROWS} rows**", "", "| | ms | ms on a CPU |", "|---|---|---|"]
        for name, one in figures.items():
            out += [f"| {name}: {title} | {wall * 1000:,.1f} | {cpu * 1000:,.0f} |"
                    for title, (wall, cpu) in one["seconds"].items()]
        stock = figures["Weir"]["a leaf"]
        out += ["", f"Weir takes a leaf: {stock['inodes']:.1f} inodes, {stock['bytes'] / 1024:.1f} KiB on disk, "
                f"{stock['open files']:.3f} open files, and of memory, when all were read, "
                f"{stock['memory'] / 1024:.1f} KiB.", ""]
    out.append(f"On {os.cpu_count()} CPUs at a load average of {load:.1f}; the files were in the page cache.")
    return "\n".join(out) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, required=True, help="the weir program")
    parser.add_argument("--data", type=Path, required=True, help="a folder for data directories")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--postgres", help="connection string of PostgreSQL 15, where there is one")
    parser.add_argument("--output", type=Path, default=report.RESULTS)
    parser.add_argument("--quick", action="store_true", help="1,000 leaves")
    parser.add_argument("--leaves", type=int, action="append", help="so many instead")
    arguments = parser.parse_args()
    results = {}
    for leaves in arguments.leaves or (SIZES[:1] if arguments.quick else SIZES):
        results[leaves] = measure(arguments, leaves)
        print(leaves, results[leaves], flush=True)
    load = os.getloadavg()[2]
    report.save("leaves", arguments.output, render(results, load),
                {"machine": report.machine(load=load), "leaves": results})


if __name__ == "__main__":
    main()
