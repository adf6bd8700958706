"""COPY through the PostgreSQL protocol: Weir's SQL server beside PostgreSQL 15, in one run.

    scripts/bench-copying [--quick]

Both are asked by the same driver, in turn, with the same bytes, which are made before the clock starts. Tables of five
columns (bigint, integer, double precision, timestamp, text) take the rows: one table, one of 100 range partitions that
the rows go to in turn, and one with a primary key. Then are timed (medians), each COPY a transaction of its own:
- text, csv, binary: COPY FROM STDIN into the plain table, the partitioned one and, as text, the one with a key
- to: COPY TO STDOUT of the partitioned table's rows, as text

Writes a table (Markdown) and the figures (JSON) to bench/results/.
"""

import os
import random
import statistics
import struct
import time
from collections.abc import Iterator

import psycopg

import report

PARTITIONS = 100
PIECE = 128 << 10  # bytes of a message
COLUMNS = "id bigint, k integer, v double precision, at timestamp, s text"
CASES = [("plain", "text"), ("plain", "csv"), ("plain", "binary"), ("partitioned", "text"), ("partitioned", "csv"),
         ("partitioned", "binary"), ("keyed", "text")]
TITLES = {"plain": "one table", "partitioned": f"{PARTITIONS} partitions", "keyed": "one table with a primary key",
          "to": f"from {PARTITIONS} partitions"}
EPOCH_2000 = 946_684_800


def create_statements() -> Iterator[str]:
    yield f"CREATE TABLE copy_plain ({COLUMNS})"
    yield f"CREATE TABLE copy_keyed ({COLUMNS}, PRIMARY KEY (id))"
    yield f"CREATE TABLE copy_partitioned ({COLUMNS}) PARTITION BY RANGE (k)"
    for i in range(PARTITIONS):
        yield f"CREATE TABLE copy_partitioned_{i} PARTITION OF copy_partitioned FOR VALUES FROM ({i}) TO ({i + 1})"


def rows(count: int) -> Iterator[tuple[int, int, float, int, str]]:
    chance = random.Random(count)
    for i in range(count):
        value = round(chance.uniform(-1000, 1000), 4)
        yield i, i % PARTITIONS, value, 1_700_000_000 + i, f"name-{chance.randrange(10**6)}"


def lines(count: int, delimiter: str) -> bytes:
    def line(row) -> str:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row[3]))
        return delimiter.join((str(row[0]), str(row[1]), repr(row[2]), moment, row[4]))
    return ("\n".join(line(row) for row in rows(count)) + "\n").encode()


def binary(count: int) -> bytes:
    parts = [b"PGCOPY\n\xff\r\n\0" + bytes(8)]
    for i, k, v, at, s in rows(count):
        name = s.encode()
        moment = (at - EPOCH_2000) * 1_000_000
        parts.append(struct.pack(f">hiqiiidiqi{len(name)}s", 5, 8, i, 4, k, 8, v, 8, moment, len(name), name))
    return b"".join([*parts, b"\xff\xff"])


def copy_in(connection: psycopg.Connection, table: str, form: str, data: bytes) -> float:
    cursor = connection.cursor()
    cursor.execute(f"TRUNCATE copy_{table}")
    start = time.perf_counter()
    with cursor.copy(f"COPY copy_{table} FROM STDIN (FORMAT {form})") as copy:
        for begin in range(0, len(data), PIECE):
            copy.write(data[begin:begin + PIECE])
    return time.perf_counter() - start


def copy_out(connection: psycopg.Connection) -> float:
    start = time.perf_counter()
    with connection.cursor().copy("COPY (SELECT * FROM copy_partitioned) TO STDOUT") as copy:
        for _ in copy:
            pass
    return time.perf_counter() - start


def measure(addresses: dict[str, str], count: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    data = {"text": lines(count, "\t"), "csv": lines(count, ","), "binary": binary(count)}
    connections = {name: psycopg.connect(address, autocommit=True) for name, address in addresses.items()}
    for connection in connections.values():
        for table in ("plain", "keyed", "partitioned"):
            connection.execute(f"DROP TABLE IF EXISTS copy_{table}")
        with connection.transaction():
            for statement in create_statements():
                connection.execute(statement)
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in addresses}
    for table, form in CASES:
        for _ in range(rounds):
            for name, connection in connections.items():
                seconds = copy_in(connection, table, form, data[form])
                figures[name].setdefault(f"{table} {form}", []).append(seconds)
        rates = {name: [round(count / s) for s in figures[name][f"{table} {form}"]] for name in figures}
        print(table, form, rates, flush=True)
    for _ in range(rounds):
        for name, connection in connections.items():
            figures[name].setdefault("to text", []).append(copy_out(connection))
    for connection in connections.values():
        assert connection.execute("SELECT count(*) FROM copy_partitioned").fetchone() == (count,)
        connection.close()
    return figures


def render(figures: dict[str, dict[str, list[float]]], count: int, load: float) -> str:
    names = list(figures)
    head = "| COPY | " + " | ".join(f"{name}, rows/s" for name in names)
    ratios = len(names) > 1
    out = [head + (" | PostgreSQL's time / Weir's |" if ratios else " |"), "|---" * (len(names) + 1 + ratios) + "|"]
    for case in figures[names[0]]:
        table, form = case.split()
        medians = [statistics.median(figures[name][case]) for name in names]
        row = f"| {TITLES[table]}, {form} | " + " | ".join(f"{count / seconds:,.0f}" for seconds in medians)
        out.append(row + (f" | {medians[1] / medians[0]:.2f} |" if len(names) > 1 else " |"))
    out += ["", f"{count:,} rows of five columns, each COPY a transaction of its own; medians of "
            f"{len(next(iter(figures[names[0]].values())))} rounds in turn, on {os.cpu_count()} CPUs at a load "
            f"average of {load:.1f}."]
    return "\n".join(out) + "\n"


def main() -> None:
    parser = report.parser(__doc__, "100,000 rows, one round")
    parser.add_argument("--postgres", help="connection string of PostgreSQL 15, where there is one")
    arguments = parser.parse_args()
    count, rounds = (100_000, 1) if arguments.quick else (1_000_000, 3)
    addresses = {"Weir": arguments.weir}
    if arguments.postgres:
        addresses["PostgreSQL 15"] = arguments.postgres
    figures = measure(addresses, count, rounds)
    load = os.getloadavg()[2]
    record = {"machine": report.machine(load=load), "rows": count, "seconds": figures}
    report.save("copying", arguments.output, render(figures, count, load), record)


if __name__ == "__main__":
    main()
