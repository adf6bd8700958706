"""TPC-H and single scans: Weir's SQL server beside DuckDB's own tables in memory, in one run.

    scripts/bench-analytics [--quick]

DuckDB's generator makes the data, which goes to Weir by Parquet files; orders and lineitem are 84 partitions there, one
a month. Each query is asked of both in turn, the answers are compared, and the best of the rounds counts; beside it is
the processor time that all rounds took. The scans are over a million rows in 20 partitions.

Writes a table (Markdown) and the figures (JSON) to bench/results/.
"""

import datetime
import decimal
import os
import time
from pathlib import Path

import duckdb
import duckdb_extension_tpch
import psycopg

import report

ROWS = 1_000_000
TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]
BY_MONTH = {"orders": "o_orderdate", "lineitem": "l_shipdate"}
POSTGRES_TYPES = {"VARCHAR": "text", "BIGINT": "bigint", "INTEGER": "integer", "DATE": "date"}
SCANNED = """SELECT i AS id, (i % 1000)::integer AS k, (i * 7919 % 1000000) / 2.0::double precision AS v,
  ((i % 100000) * 1.25)::numeric{any} AS n, ((i % 100000) * 0.01)::numeric(12,2) AS d, 'name-' || i AS s,
  timestamp '2024-01-01' + i * interval '1 second' AS moment FROM {series}"""
SCANS = {
    "count": "SELECT count(*) FROM scanned",
    "minima and maxima": "SELECT min(id), max(id), min(moment), max(moment) FROM scanned",
    "aggregates": "SELECT sum(k), avg(v), min(s), max(k) FROM scanned",
    "groups": "SELECT k, count(*), sum(v) FROM scanned GROUP BY k ORDER BY k LIMIT 10",
    "an hour of twelve days": "SELECT count(*), sum(v) FROM scanned "
                              "WHERE moment >= '2024-01-05 00:00:00' AND moment < '2024-01-05 01:00:00'",
    "top 10": "SELECT id, v, s FROM scanned ORDER BY v DESC, id LIMIT 10",
    "last 10": "SELECT id, v, s FROM scanned ORDER BY id DESC LIMIT 10",
    "sum of numeric(12,2)": "SELECT sum(d) FROM scanned",
    "sum of products": "SELECT sum(d * (1 - d) * (1 + d)) FROM scanned",
    "sum of numeric": "SELECT sum(n), min(n), max(n) FROM scanned",
    "comparison of numeric": "SELECT count(*) FROM scanned WHERE n > 60000 AND n <= 61000.5",
    "LIKE": "SELECT count(*) FROM scanned WHERE s LIKE '%999%'",
    "updated rows": "SELECT count(*), sum(k), max(s) FROM changed",
}


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def months() -> list[tuple[datetime.date, datetime.date]]:
    starts = [datetime.date(1992 + m // 12, m % 12 + 1, 1) for m in range(85)]
    return list(zip(starts, starts[1:]))


def fill_tpch(weir: psycopg.Connection, duck: duckdb.DuckDBPyConnection, files: Path, scale: float) -> None:
    folder = Path(duckdb_extension_tpch.__file__).parent
    duck.execute(f"LOAD '{next(folder.glob('extensions/*/*.duckdb_extension'))}'")
    duck.execute(f"CALL dbgen(sf = {scale})")
    weir.execute("CREATE SERVER files FOREIGN DATA WRAPPER parquet_fdw")
    for table in TABLES:
        duck.execute(f"COPY {table} TO '{files / table}.parquet' (FORMAT parquet)")
        described = duck.execute(f"DESCRIBE {table}").fetchall()
        columns = ", ".join(f"{row[0]} {POSTGRES_TYPES.get(row[1], row[1])}" for row in described)
        key = BY_MONTH.get(table)
        with weir.transaction():
            weir.execute(f"CREATE TABLE {table} ({columns})" + (f" PARTITION BY RANGE ({key})" if key else ""))
            for start, end in months() if key else []:
                weir.execute(f"CREATE TABLE {table}_{start:%Y_%m} PARTITION OF {table} "
                             f"FOR VALUES FROM ('{start}') TO ('{end}')")
        weir.execute(f"CREATE FOREIGN TABLE {table}_file ({columns}) SERVER files OPTIONS (filename '{table}.parquet')")
        weir.execute(f"INSERT INTO {table} SELECT * FROM {table}_file")


def fill_scanned(weir: psycopg.Connection, duck: duckdb.DuckDBPyConnection) -> None:
    duck.execute(f"CREATE TABLE scanned AS {SCANNED.format(any='(18,4)', series=f'range({ROWS}) t(i)')}")
    with weir.transaction():
        weir.execute("CREATE TABLE scanned (id bigint, k integer, v double precision, n numeric, d numeric(12,2), "
                     "s text, moment timestamp) PARTITION BY RANGE (id)")
        for i in range(20):
            weir.execute(f"CREATE TABLE scanned_{i} PARTITION OF scanned "
                         f"FOR VALUES FROM ({i * ROWS // 20}) TO ({(i + 1) * ROWS // 20})")
    weir.execute("INSERT INTO scanned " + SCANNED.format(any="", series=f"generate_series(0::bigint, {ROWS - 1}) t(i)"))
    weir.execute("CREATE TABLE changed (id bigint, k integer, v double precision, s text)")
    weir.execute("INSERT INTO changed SELECT id, k, v, s FROM scanned")
    duck.execute("CREATE TABLE changed AS SELECT id, k, v, s FROM scanned")
    for connection in (weir, duck):
        connection.execute("UPDATE changed SET v = v + 1 WHERE k < 50")
        connection.execute("DELETE FROM changed WHERE k = 77")


def alike(one: object, other: object) -> bool:
    if isinstance(one, (int, float, decimal.Decimal)) and isinstance(other, (int, float, decimal.Decimal)):
        return abs(float(one) - float(other)) <= 1e-6 * max(1.0, abs(float(other)))
    if isinstance(other, datetime.datetime) and not isinstance(one, datetime.datetime):
        other = other.date()
    return one == other


def compare(weir: psycopg.Connection, duck: duckdb.DuckDBPyConnection, process: int, query: str, rounds: int) -> dict:
    seconds: dict[str, list[float]] = {"weir": [], "duckdb": []}
    spent = {"weir": 0.0, "duckdb": 0.0}
    for _ in range(rounds):
        before, start = processor_seconds(process), time.perf_counter()
        rows = weir.execute(query).fetchall()
        seconds["weir"].append(time.perf_counter() - start)
        spent["weir"] += processor_seconds(process) - before
        before, start = time.process_time(), time.perf_counter()
        expected = duck.execute(query).fetchall()
        seconds["duckdb"].append(time.perf_counter() - start)
        spent["duckdb"] += time.process_time() - before
    same = len(rows) == len(expected) and all(
        alike(a, b) for row, other in zip(rows, expected) for a, b in zip(row, other))
    return {"weir": min(seconds["weir"]), "duckdb": min(seconds["duckdb"]), "weir_processor": spent["weir"],
            "duckdb_processor": spent["duckdb"], "same": same}


def render(results: dict[str, dict], scale: float, load: float) -> str:
    lines = ["| query | Weir, ms | DuckDB, ms | Weir's time / DuckDB's |", "|---|---|---|---|"]
    def line(label: str, weir: float, duck: float) -> None:
        lines.append(f"| {label} | {weir * 1000:,.1f} | {duck * 1000:,.1f} | {weir / duck:.2f} |")
    for label, one in results.items():
        line(label + ("" if one["same"] else ", **answers differ**"), one["weir"], one["duckdb"])
    tpch = [one for label, one in results.items() if label.startswith("TPC-H")]
    line("all of TPC-H", sum(one["weir"] for one in tpch), sum(one["duckdb"] for one in tpch))
    line("all of TPC-H, processor time of all rounds", sum(one["weir_processor"] for one in tpch),
         sum(one["duckdb_processor"] for one in tpch))
    lines += ["", f"TPC-H at scale {scale:g}; DuckDB {duckdb.__version__}. The best of the rounds, "
              f"on {os.cpu_count()} CPUs at a load average of {load:.1f}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = report.parser(__doc__, "scale 0.01 and one round")
    parser.add_argument("--files", type=Path, required=True, help="its --files, absolute or from here")
    parser.add_argument("--process", type=int, required=True, help="its process id")
    arguments = parser.parse_args()
    scale, rounds = (0.01, 1) if arguments.quick else (1, 3)
    duck = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    with psycopg.connect(arguments.weir, autocommit=True) as weir:
        fill_tpch(weir, duck, arguments.files.resolve(), scale)
        fill_scanned(weir, duck)
        queries = {f"TPC-H {number}": text.strip().rstrip(";")
                   for number, text in duck.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()}
        results = {}
        for label, query in (queries | SCANS).items():
            results[label] = compare(weir, duck, arguments.process, query, rounds)
            print(label, results[label], flush=True)
    load = os.getloadavg()[2]
    record = {"machine": report.machine(load=load), "scale": scale, "queries": results}
    report.save("analytics", arguments.output, render(results, scale, load), record)


if __name__ == "__main__":
    main()
