"""Statements of one row: Weir's SQL server beside PostgreSQL 15, in one run.

    scripts/bench-statements [--quick]

pgbench asks both for the same, in rounds that alternate between them; figures are medians of the rounds. Both make
every commit durable before they acknowledge it.
- nothing: SELECT 1
- select, update: one row of 100,000 by its primary key
- insert: a row with a new key
- bank: pgbench's own transaction, three updates, a select and an insert in a block, over one branch

Writes a table (Markdown), the figures (JSON) and a plot (PNG) to bench/results/.
"""

import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

import psycopg

import report

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
ROWS = 100_000
CLIENTS = [1, 8, 32]
KEY = f"\\set id random(1, {ROWS})\n"
SCRIPTS = {
    "nothing": "SELECT 1;\n",
    "select": KEY + "SELECT n FROM one WHERE id = :id;\n",
    "update": KEY + "UPDATE one SET n = n + 1 WHERE id = :id;\n",
    "insert": "\\set id random(1000000, 9000000000000000)\nINSERT INTO one VALUES (:id, 1);\n",
    "bank": "",  # pgbench's own
}
MODES = ["simple", "prepared"]


def connection_of(address: str) -> list[str]:
    parts = dict(part.split("=", 1) for part in address.split())
    return ["-h", parts["host"], "-p", parts["port"], "-U", parts["user"], parts["dbname"]]


def prepare(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS one")
        connection.execute("CREATE TABLE one (id bigint PRIMARY KEY, n int)")
        connection.execute(f"INSERT INTO one SELECT i, 0 FROM generate_series(1, {ROWS}) i")
    subprocess.run([PGBENCH, "-i", "-I", "dtGp", "-q", *connection_of(address)], check=True, capture_output=True)


def per_second(address: str, script: Path | None, mode: str, clients: int, seconds: int) -> float:
    load = ["-n", "-M", mode, "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds)]
    custom = ["-f", str(script)] if script else []
    run = subprocess.run([PGBENCH, *load, *custom, *connection_of(address)], check=True, capture_output=True, text=True)
    found = re.search(r"tps = ([0-9.]+)", run.stdout)
    assert found, run.stdout + run.stderr
    return float(found[1])


def measure(addresses: dict[str, str], rounds: int, seconds: int) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in SCRIPTS.items():
            script = Path(folder) / f"{name}.sql" if text else None
            if script:
                script.write_text(text)
            for mode in MODES:
                for clients in CLIENTS:
                    figures: dict[str, list[float]] = {peer: [] for peer in addresses}
                    for _ in range(rounds):
                        for peer, address in addresses.items():
                            figures[peer].append(per_second(address, script, mode, clients, seconds))
                    label = f"{name}, {mode}, {clients}"
                    results[label] = {peer: statistics.median(values) for peer, values in figures.items()}
                    print(label, results[label], flush=True)
    return results


def render(results: dict[str, dict[str, float]], load: float) -> str:
    lines = ["| statement, protocol, clients | Weir, /s | PostgreSQL 15, /s | Weir / PostgreSQL |", "|---|---|---|---|"]
    for label, figures in results.items():
        weir, postgres = figures["Weir"], figures["PostgreSQL 15"]
        lines.append(f"| {label} | {weir:,.0f} | {postgres:,.0f} | {weir / postgres:.2f}× |")
    lines += ["", f"Both ran on {os.cpu_count()} CPUs, pgbench on the same, at a load average of {load:.1f}."]
    return "\n".join(lines) + "\n"


def plot(results: dict[str, dict[str, float]], path: Path) -> None:
    panels = []
    for name in SCRIPTS:
        lines = []
        for mode, style in zip(MODES, ["--", "-"], strict=True):
            for peer, color in [("Weir", "tab:blue"), ("PostgreSQL 15", "tab:orange")]:
                values = [results[f"{name}, {mode}, {clients}"][peer] for clients in CLIENTS]
                lines.append((f"{peer}, {mode}", values, {"linestyle": style, "color": color}))
        panels.append((f"{name}, a second", lines))
    report.plot_by_clients(path, 22, panels, CLIENTS)


def main() -> None:
    parser = report.parser(__doc__, "one round of a second each")
    parser.add_argument("--postgres", required=True, help="connection string of PostgreSQL 15")
    arguments = parser.parse_args()
    addresses = {"Weir": arguments.weir, "PostgreSQL 15": arguments.postgres}
    for address in addresses.values():
        prepare(address)
    results = measure(addresses, *((1, 1) if arguments.quick else (3, 2)))
    load = os.getloadavg()[2]
    record = {"machine": report.machine(load=load), "results": results}
    report.save("statements", arguments.output, render(results, load), record, lambda path: plot(results, path))


if __name__ == "__main__":
    main()
