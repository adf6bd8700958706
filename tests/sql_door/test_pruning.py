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


def test_constants_that_keys_do_not_hold_and_keys_compared_by_functions(server) -> None:
    tables = [
        ("small", "k int2", "RANGE (k)", {"low": "FROM (1) TO (100)", "high": "FROM (100) TO (200)"}),
        ("told", "a bool", "LIST ((NOT a))", {"yes": "IN (true)", "no": "IN (false)", "unknown": "IN (NULL)"}),
        ("spans", "s int4range", "LIST (s)", {"one": "IN ('[1,5)')", "two": "IN ('[5,10)', '[10,12)')"}),
        ("runs", "n numrange", "RANGE (n)",
         {"low": "FROM ('[0,1)') TO ('[5,6)')", "high": "FROM ('[5,6)') TO ('[9,10)')"}),
    ]
    filters = {
        "small": {"k = 70000": {"rest"}, "k > 70000": {"rest"}, "k < -70000": {"rest"},
                  "k IN (5, 70000)": {"low", "rest"}, "k = ANY (ARRAY[5, 70000])": {"low", "rest"},
                  "k < 70000": {"low", "high", "rest"},
                  "k <> 70000": {"low", "high", "rest"}, "70000 < k": {"rest"}, "k = 5000000000": {"rest"}},
        "told": {"NOT a": {"yes"}, "a": {"no"}, "(NOT a) IS TRUE": {"yes"}, "a IS NULL": {"unknown"},
                 "a IS NOT TRUE": {"yes", "unknown"}, "a = false": {"yes"}},
        "spans": {"s = '[1,5)'": {"one"}, "s = '[1,4]'": {"one"}, "'[1,4]' = s": {"one"},
                  "s <> '[1,4]'": {"two", "rest"}, "s = '[1,3)'": {"rest"}},
        "runs": {"n = '[1.0,2)'": {"low"}, "n < '[1,2)'": {"low", "rest"}, "n >= '[5.00,6]'": {"high", "rest"}},
    }
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE SCHEMA narrow")
        connection.execute("SET search_path = narrow")
        for table, column, key, leaves in tables:
            connection.execute(f"CREATE TABLE {table} ({column}) PARTITION BY {key}")
            for leaf, bound in leaves.items():
                connection.execute(f"CREATE TABLE {table}_{leaf} PARTITION OF {table} FOR VALUES {bound}")
            if table != "told":
                connection.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
        connection.execute("INSERT INTO small VALUES (5), (150), (-5), (NULL)")
        connection.execute("INSERT INTO told VALUES (true), (false), (NULL)")
        connection.execute("INSERT INTO spans VALUES ('[1,5)'), ('[5,9]'), ('[1,3)')")
        connection.execute("INSERT INTO runs VALUES ('[1,2.0)'), ('[5,6]'), ('[20,30)')")
        read = {f"{table}: {condition}": leaves_read(connection, f"SELECT * FROM {table} WHERE {condition}")
                for table, conditions in filters.items() for condition in conditions}
        wanted = {f"{table}: {condition}": {f"{table}_{leaf}" for leaf in leaves}
                  for table, conditions in filters.items() for condition, leaves in conditions.items()}
        assert read == wanted
        counts = {query: connection.execute("SELECT count(*) FROM " + query.replace(": ", " WHERE ", 1)).fetchone()[0]
                  for query in wanted}
        connection.execute("DROP SCHEMA narrow CASCADE")
    assert {query: count for query, count in counts.items() if count != 1} == {
        "small: k = 70000": 0, "small: k > 70000": 0, "small: k < -70000": 0, "small: k < 70000": 3,
        "small: k <> 70000": 3, "small: 70000 < k": 0, "small: k = 5000000000": 0, "told: a IS NOT TRUE": 2,
        "spans: s <> '[1,4]'": 2, "runs: n < '[1,2)'": 0, "runs: n >= '[5.00,6]'": 2}
