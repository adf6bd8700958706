"""Statements that want to exhaust a parser or its stack get an answer, and the server goes on."""

import psycopg
import pytest

LONG = "a" * 1_000_000

REFUSED = {
    "long identifier": ("42703", f'SELECT "{LONG}"'),
    "long text for an integer": ("22P02", f"SELECT CAST('{LONG}' AS int)"),
    "long text for a date": ("22007", f"SELECT date '{'1' * 100_000}'"),
    "long qualified name": ("54001", f"SELECT {'.'.join(['a'] * 20_000)}"),
    "long type name": ("42704", f"SELECT 1::{'a' * 100_000}"),
    "parentheses": ("54001", f"SELECT {'(' * 100_000}1{')' * 100_000}"),
    "closing parentheses": ("42601", ")" * 100_000),
    "signs": ("54001", f"SELECT {'- ' * 100_000}1"),
    "negations": ("54001", f"SELECT {'NOT ' * 100_000}true"),
    "concatenations": ("54001", "SELECT " + "||".join(["'a'"] * 20_000)),
    "subscripts": ("42703", f"SELECT a{'[1]' * 20_000}"),
    "CASE": ("54001", f"SELECT {'CASE WHEN true THEN ' * 5_000}1{' END' * 5_000}"),
    "subqueries": ("54001", f"SELECT {'(SELECT ' * 5_000}1{')' * 5_000}"),
    "FROM": ("54001", f"SELECT * FROM {'(SELECT * FROM ' * 5_000}(SELECT 1) x{') x' * 5_000}"),
    "arrays": ("54001", f"SELECT {'ARRAY[' * 5_000}1{']' * 5_000}"),
    "a default": ("54001", f"CREATE TABLE u (a int DEFAULT {'(' * 5_000}1{')' * 5_000})"),
    "a partition key": ("54001", f"CREATE TABLE u (a int) PARTITION BY RANGE ({'(' * 5_000}a{')' * 5_000})"),
    "a pattern": ("2201B", f"SELECT '{'a' * 10_000}' ~ '{'(' * 500}{'a*)*' * 500}'"),
    "nested JSON": ("54001", f"SELECT '{'[' * 100_000}'::json"),
}

ANSWERED = {
    "alternatives": "SELECT " + " OR ".join(f"{i}=1" for i in range(5_000)),
    "a long sum": "SELECT " + "+".join(["a"] * 1_001) + " FROM (VALUES (1)) t(a)",
    "a long list": f"SELECT 1 WHERE 1 IN ({','.join(map(str, range(20_000)))})",
    "LIKE": f"SELECT '{'a' * 10_000}' LIKE '{'%a' * 5_000}'",
    "quotes": "SELECT '" + "''" * 100_000 + "'",
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(conn, name):
    state, statement = REFUSED[name]
    with pytest.raises(psycopg.Error) as caught:
        conn.execute(statement)
    assert caught.value.sqlstate == state
    assert conn.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("name", ANSWERED)
def test_is_answered(conn, name):
    assert len(conn.execute(ANSWERED[name]).fetchall()) == 1
