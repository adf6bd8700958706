"""Random partition trees: a filter reads no leaf that PostgreSQL 15 leaves out, and finds as many rows."""
from __future__ import annotations

import pathlib
import re

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
