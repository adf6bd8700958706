"""Random partition trees: a filter reads no leaf that PostgreSQL 15 leaves out, and finds as many rows."""
from __future__ import annotations

import itertools
import pathlib
import re

import pytest

from record_pruning import leaves_read

EXPECTED = pathlib.Path(__file__).parent / "pruning.expected"


def test_leaves_that_postgres_leaves_out_are_left_out(server) -> None:
    failures = []
    with server.connect(autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute("CREATE SCHEMA pruning")
        connection.execute("SET search_path = pruning")
        tree = ""
        for line in EXPECTED.read_text(encoding="utf-8").splitlines():
            made = re.match(r"CREATE TABLE (\w+) \(", line)
            if made:
                tree = made.group(1)
            case = re.match(r"(\d+) of (\S*): (.*)", line)
            if not case:
                connection.execute(line)
                continue
            rows, leaves, condition = case.groups()
            query = f"SELECT * FROM {tree} WHERE {condition}"
            known = {f"{tree}_{leaf}" for leaf in leaves.split(",")}
            more = leaves_read(connection, query) - known
            found = len(connection.execute(query).fetchall())
            if more or found != int(rows):
                failures.append(f"{query}: {found} rows, PostgreSQL {rows}; read besides: {sorted(more)}")
        connection.execute("DROP SCHEMA pruning CASCADE")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"])
def test_local_times_are_pruned_by_moments_in_any_zone(server, zone: str) -> None:
    """A filter that prunes counts what one counts that cannot."""
    failures = []
    with server.connect(autocommit=True) as connection:
        connection.execute("SELECT set_config('timezone', %s, false)", (zone,))
        connection.execute("CREATE SCHEMA moments")
        connection.execute("SET search_path = moments")
        for table, kind in (("days", "date"), ("times", "timestamp")):
            connection.execute(f"CREATE TABLE {table} (d {kind}) PARTITION BY RANGE (d)")
            connection.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
            for day in range(1, 5):
                connection.execute(f"CREATE TABLE {table}_{day} PARTITION OF {table} "
                                   f"FOR VALUES FROM ('2024-03-0{day}') TO ('2024-03-0{day + 1}')")
            connection.execute(f"INSERT INTO {table} SELECT timestamp '2024-02-29 12:00' + i * interval '37 minutes' "
                               "FROM generate_series(0, 250) i")
        moments = ["2024-03-02 23:37+00", "2024-03-03 00:00", "2024-03-03 14:00-11", "2024-03-04 05:30+05:30"]
        operators = ["<", "<=", ">", ">=", "="]
        for table, operator, moment in itertools.product(("days", "times"), operators, moments):
            counts = [connection.execute(f"SELECT count(*) FROM {table} WHERE {column} {operator} timestamptz '{moment}'")
                      .fetchone() for column in ("d", "(d + interval '0 days')")]
            if counts[0] != counts[1]:
                failures.append(f"{table} {operator} {moment}: {counts}")
        connection.execute("DROP SCHEMA moments CASCADE")
    assert not failures, "\n".join(failures)
