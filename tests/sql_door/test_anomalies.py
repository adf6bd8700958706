"""The published anomalies, as recorded of PostgreSQL 15 (anomalies.py)."""
from __future__ import annotations

import threading

import psycopg
import pytest
from psycopg import errors

import anomalies
import schedules

RECORDED = (schedules.FOLDER / "anomalies.out").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kind", anomalies.KINDS)
def test_are_prevented_as_by_postgresql(server, database, kind):
    dsn = f"host=127.0.0.1 port={server.port} user=tester dbname={database}"
    with psycopg.connect(dsn, autocommit=True) as control:
        anomalies.prepare(control, kind)
        seen = [line for level in anomalies.LEVELS for line in anomalies.answers(dsn, control, level)]
    assert seen == RECORDED


@pytest.mark.parametrize("kind", anomalies.KINDS)
def test_a_deadlock_ends_for_one_and_the_other_goes_on(server, database, kind):
    with (server.connect(database, autocommit=True) as control, server.connect(database, autocommit=True) as one,
          server.connect(database, autocommit=True) as two):
        anomalies.prepare(control, kind)
        control.execute("INSERT INTO t VALUES (1, 10), (2, 20)")
        for connection in (one, two):
            connection.execute(f"SET search_path = {schedules.SCHEMA}")
            connection.execute("BEGIN")
        one.execute("UPDATE t SET v = 11 WHERE id = 1")
        two.execute("UPDATE t SET v = 22 WHERE id = 2")
        waiting = threading.Thread(target=one.execute, args=("UPDATE t SET v = 21 WHERE id = 2",))
        waiting.start()
        blockers = "SELECT cardinality(pg_blocking_pids(%s))"
        while control.execute(blockers, (one.info.backend_pid,)).fetchone() == (0,):
            pass
        with pytest.raises(errors.DeadlockDetected):
            two.execute("UPDATE t SET v = 12 WHERE id = 1")
        waiting.join()  # though nobody has told the other one to roll back
        one.execute("COMMIT")
        two.execute("ROLLBACK")
        assert control.execute("SELECT id, v FROM t ORDER BY id").fetchall() == [(1, 11), (2, 21)]


def test_locks_before_a_savepoint_outlive_an_error_behind_it(server, database):
    with server.connect(database, autocommit=True) as one, server.connect(database, autocommit=True) as two:
        one.execute("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 10), (2, 20)")
        two.execute("SET lock_timeout = '1ms'")
        one.execute("BEGIN; UPDATE t SET v = 11 WHERE id = 1; SAVEPOINT s; UPDATE t SET v = 21 WHERE id = 2")
        with pytest.raises(errors.DivisionByZero):
            one.execute("UPDATE t SET v = v / (v - v)")
        with pytest.raises(errors.LockNotAvailable):
            two.execute("UPDATE t SET v = 12 WHERE id = 1")
        two.execute("RESET lock_timeout")
        two.execute("UPDATE t SET v = 22 WHERE id = 2")
        one.execute("ROLLBACK TO s")
        assert one.execute("SELECT v FROM t ORDER BY id").fetchall() == [(11,), (22,)]
        one.execute("COMMIT")
        assert two.execute("SELECT v FROM t ORDER BY id").fetchall() == [(11,), (22,)]
