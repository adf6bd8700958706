"""`= ANY` of a list that comes as a parameter finds rows as IN does: by partitions and by the key."""
from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def connection(server):
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE SCHEMA lists")
        connection.execute("SET search_path = lists")
        connection.execute("CREATE TABLE n (k int PRIMARY KEY, v text) PARTITION BY RANGE (k)")
        connection.execute("CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (0) TO (10)")
        connection.execute("CREATE TABLE n2 PARTITION OF n FOR VALUES FROM (10) TO (20)")
        connection.execute("CREATE TABLE t (k text, v int) PARTITION BY LIST (k)")
        connection.execute("CREATE TABLE t1 PARTITION OF t FOR VALUES IN ('a', 'b')")
        connection.execute("CREATE TABLE t2 PARTITION OF t FOR VALUES IN ('c', NULL)")
        connection.execute("INSERT INTO n SELECT i, 'v' || i FROM generate_series(0, 19) i")
        connection.execute("INSERT INTO t VALUES ('a', 1), ('b', 2), ('c', 3), (NULL, 4)")
        yield connection
        connection.execute("DROP SCHEMA lists CASCADE")


@pytest.mark.parametrize("form", ["int2[]", "int4[]", "int8[]"])
def test_a_list_of_any_integer_type_prunes_and_looks_up(connection, form: str) -> None:
    query = f"SELECT k FROM n WHERE k = ANY(%s::{form})"
    plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN (COSTS OFF) {query}", [[3, 7]]))
    assert "Index Scan using n1_pkey on n1" in plan and "n2" not in plan, plan
    assert sorted(connection.execute(query, [[3, 7, 30]]).fetchall()) == [(3,), (7,)]


def test_a_list_of_texts_prunes(connection) -> None:
    plan = "\n".join(row[0] for row in connection.execute("EXPLAIN SELECT v FROM t WHERE k = ANY(%s)", [["a"]]))
    assert "on t1" in plan and "t2" not in plan, plan


@pytest.mark.parametrize(
    ("condition", "values", "rows"),
    [
        ("k = ANY(%s)", [1, None], [1]),
        ("k = ANY(%s)", [5_000_000_000, 1], [1]),
        ("k = ANY(%s)", [5_000_000_000], []),
        ("k = ANY(%s)", [None], []),
        ("k = ANY(%s::int[])", [], []),
        ("k = ANY(%s::int[])", None, []),
        ("NOT k = ANY(%s)", [*range(19)], [19]),
        ("NOT k = ANY(%s)", [1, None], []),
        ("NOT k = ANY(%s)", [5_000_000_000], [*range(20)]),
        ("k <> ALL(%s)", [*range(1, 20)], [0]),
        ("k <> ALL(%s)", [1, None], []),
        ("k <> ALL(%s::int[])", [], [*range(20)]),
        ("k <> ALL(%s)", [5_000_000_000], [*range(20)]),
        ("k + 1 = ANY(%s)", [1, 20], [0, 19]),
        ("(k = ANY(%s)) IS NULL", [1, None], [0, *range(2, 20)]),
    ],
)
def test_nulls_and_values_that_no_key_has(connection, condition: str, values, rows: list[int]) -> None:
    found = connection.execute(f"SELECT k FROM n WHERE {condition}", [values]).fetchall()
    assert sorted(k for (k,) in found) == rows


def test_an_outer_row_is_asked_for_in_a_list(connection) -> None:
    query = "SELECT v, (SELECT count(*) FROM n WHERE n.k = t.v AND n.k = ANY(%s)) FROM t ORDER BY v"
    assert connection.execute(query, [[2, 4]]).fetchall() == [(1, 0), (2, 1), (3, 0), (4, 1)]
