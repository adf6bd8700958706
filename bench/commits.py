"""Commits a second of SQL servers on an Apache Fluss cluster, beside a directory and PostgreSQL 15.

    scripts/bench-commits [--quick]

A transaction updates one row in each of so many leaves, rows that no other client changes; clients commit one after
the other for some seconds. On the cluster with one, two and four servers, between which the clients are divided.

Writes a table (Markdown), the figures (JSON) and a plot (PNG) to bench/results/.
"""

import os
import threading
import time
from pathlib import Path

import psycopg

import report

CLIENTS = [1, 8, 32]
LEAVES = [1, 10, 100]


def prepare(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS counter")
        connection.execute(
            "CREATE TABLE counter (leaf int, client int, n int, PRIMARY KEY (leaf, client)) PARTITION BY LIST (leaf)"
        )
        for leaf in range(max(LEAVES)):
            connection.execute(f"CREATE TABLE counter_{leaf} PARTITION OF counter FOR VALUES IN ({leaf})")
        connection.execute(
            f"INSERT INTO counter SELECT l, c, 0 FROM generate_series(0, {max(LEAVES) - 1}) l, "
            f"generate_series(0, {max(CLIENTS) - 1}) c"
        )


class Client:
    """Commits until it is told to stop."""

    def __init__(self, address: str, number: int, leaves: int, stop: threading.Event) -> None:
        self.commits = 0
        self._stop = stop
        self._text = f"UPDATE counter SET n = n + 1 WHERE leaf < {leaves} AND client = {number}"
        self._connection = psycopg.connect(address, autocommit=True)
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        self._thread.start()

    def _work(self) -> None:
        with self._connection as connection:
            while not self._stop.is_set():
                connection.execute(self._text)
                self.commits += 1

    def join(self) -> int:
        self._thread.join()
        return self.commits


def per_second(addresses: list[str], clients: int, leaves: int, seconds: float) -> float:
    stop = threading.Event()
    running = [Client(addresses[number % len(addresses)], number, leaves, stop) for number in range(clients)]
    begin = time.monotonic()
    for client in running:
        client.start()
    time.sleep(seconds)
    stop.set()
    commits = sum(client.join() for client in running)
    return commits / (time.monotonic() - begin)


def measure(targets: dict[str, list[str]], seconds: float) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    for leaves in LEAVES:
        for clients in CLIENTS:
            label = f"{leaves} leaves, {clients} clients"
            results[label] = {
                name: per_second(addresses, clients, leaves, seconds) for name, addresses in targets.items()
            }
            print(label, results[label], flush=True)
    return results


def render(results: dict[str, dict[str, float]], names: list[str], load: float) -> str:
    lines = [
        f"| leaves a transaction, clients | {' | '.join(f'{name}, /s' for name in names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for label, figures in results.items():
        lines.append(f"| {label} | {' | '.join(f'{figures[name]:,.0f}' for name in names)} |")
    lines += [
        "",
        f"All ran on {os.cpu_count()} CPUs, with the cluster and the clients, at a load average of {load:.1f}.",
    ]
    return "\n".join(lines) + "\n"


def plot(results: dict[str, dict[str, float]], names: list[str], path: Path) -> None:
    panels = []
    for leaves in LEAVES:
        of_leaves = [results[f"{leaves} leaves, {clients} clients"] for clients in CLIENTS]
        panels.append((f"commits a second, {leaves} leaves", [(n, [r[n] for r in of_leaves], {}) for n in names]))
    report.plot_by_clients(path, 15, panels, CLIENTS)


def main() -> None:
    parser = report.parser(__doc__, "half a second for each figure")
    parser.add_argument("--cluster", required=True, nargs=4, help="connection strings of four servers on one cluster")
    parser.add_argument("--postgres", required=True, help="connection string of PostgreSQL 15")
    arguments = parser.parse_args()
    first = arguments.cluster[0]
    targets = {
        "cluster, 1 server": [first],
        "cluster, 2 servers": arguments.cluster[:2],
        "cluster, 4 servers": arguments.cluster,
        "directory": [arguments.weir],
        "PostgreSQL 15": [arguments.postgres],
    }
    for address in (first, arguments.weir, arguments.postgres):
        prepare(address)
    results = measure(targets, 0.5 if arguments.quick else 3)
    load = os.getloadavg()[2]
    names = list(targets)
    record = {"machine": report.machine(load=load), "results": results}
    table = render(results, names, load)
    report.save("commits", arguments.output, table, record, lambda path: plot(results, names, path))


if __name__ == "__main__":
    main()
