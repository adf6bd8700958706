"""The cases of KWDB's specification (kwdb_cases.py), each in a transaction that is taken back, on one server."""
from __future__ import annotations

import re

import psycopg
import pytest

from kwdb_cases import CASES, LASTING, LOCATED, Fails, Says


class Places:
    """Sessions of root on servers that say, or do not say, where they are."""

    def __init__(self, servers: dict[bool, object]) -> None:
        self.sessions = {}
        for located, server in servers.items():
            with server.connect(user="root", autocommit=True) as connection:
                connection.execute("CREATE DATABASE kwdb_table")
            self.sessions[located] = server.connect("kwdb_table", user="root")

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    from conftest import Server

    servers = {located: Server(tmp_path_factory.mktemp("cases") / "data", *options)
               for located, options in [(False, ()), (True, ("--locality", "region=NODE1"))]}
    sessions = Places(servers)
    yield sessions.sessions
    sessions.close()
    for server in servers.values():
        assert server.stop() == 0


def is_like(text: str | None, expected: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), text or "", re.DOTALL) is not None


def answer(session: psycopg.Connection, statement: str, fails: bool):
    """What the statement gives; one that fails is taken back, so that the case goes on."""
    if fails:
        session.execute("SAVEPOINT step")
    try:
        cursor = session.execute(statement)
    except psycopg.Error as error:
        if fails:
            session.execute("ROLLBACK TO SAVEPOINT step")
        return error
    return cursor.fetchall() if cursor.description is not None else cursor.statusmessage


@pytest.mark.parametrize("case", CASES)
def test_case(places, case):
    session = places[case in LOCATED]
    session.autocommit = case in LASTING
    notices: list[str] = []
    collect = lambda diag: notices.append(diag.message_primary)  # noqa: E731
    session.add_notice_handler(collect)
    try:
        for statement, expected in CASES[case]:
            given = answer(session, statement.replace("{db}", "kwdb_table"), isinstance(expected, Fails))
            check(statement, given, expected, notices)
    finally:
        session.remove_notice_handler(collect)
        session.rollback()
        if case in LASTING:
            session.execute("DROP TABLE IF EXISTS regional_orders")


def check(statement: str, given, expected, notices: list[str]) -> None:
    if isinstance(expected, Fails):
        assert isinstance(given, psycopg.Error), f"{statement}\n{given}"
        text = expected.message.replace("{db}", "kwdb_table")
        assert (given.sqlstate, is_like(given.diag.message_primary, text)) == (expected.sqlstate, True), \
            f"{statement}\n{given.sqlstate} {given}"
        assert expected.hint in (None, given.diag.message_hint), f"{statement}\n{given.diag.message_hint}"
        return
    if isinstance(expected, Says):
        assert expected.notice in notices, f"{statement}\n{notices}"
        expected = expected.tag
    if isinstance(expected, list):
        expected = [tuple(cell.replace("{db}", "kwdb_table") if isinstance(cell, str) else cell for cell in row)
                    for row in expected]
    assert given == expected, statement


# Of every kind of name, value and bound.
SHOWN = """
CREATE TABLE "Mixed t" (a INT, b VARCHAR(10), "C d" DECIMAL(10,2) DEFAULT 1.5, ts TIMESTAMP DEFAULT now(), PRIMARY KEY (a, b),
  INDEX ib (b) PARTITION BY LIST (b) (PARTITION x VALUES IN ('q'), PARTITION d VALUES IN (DEFAULT)), CHECK (a > 0))
  PARTITION BY LIST (a, b) (PARTITION "P 1" VALUES IN ((1, 'it''s'), (2, DEFAULT)),
                            PARTITION default VALUES IN ((DEFAULT, DEFAULT)));
CREATE TABLE r (ts TIMESTAMP, id INT, PRIMARY KEY (ts DESC, id)) PARTITION BY RANGE (ts)
  (PARTITION hi VALUES FROM (MINVALUE) TO ('2025-01-01'), PARTITION lo VALUES FROM ('2025-01-01') TO (MAXVALUE));
"""


def test_t116_what_show_create_table_says_makes_the_same(places):
    session = places[False]
    session.autocommit = True
    partitions = "SELECT table_name, partition_name, column_names, index_name, partition_value " \
                 "FROM [SHOW PARTITIONS FROM DATABASE {}] p"
    try:
        session.execute("CREATE SCHEMA t116; CREATE SCHEMA t116_again; SET search_path = t116")
        session.execute(SHOWN)
        shown = [session.execute(f"SELECT create_statement FROM [SHOW CREATE TABLE {name}] t").fetchone()[0]
                 for name in ('"Mixed t"', "r")]
        session.execute("SET search_path = t116_again")
        for statement in shown:
            session.execute(statement)
        made = [session.execute(partitions.format(schema)).fetchall() for schema in ("t116", "t116_again")]
        assert made[0] == made[1] and len(made[0]) == 6
    finally:
        session.execute("RESET search_path; DROP SCHEMA IF EXISTS t116 CASCADE; DROP SCHEMA IF EXISTS t116_again CASCADE")
        session.autocommit = False
