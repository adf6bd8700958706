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
