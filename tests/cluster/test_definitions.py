"""Definitions that one SQL server of a cluster changes and another works by."""
import threading

import psycopg
import pytest

from answers import refused, rows

TREE = """
CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE t_d PARTITION OF t DEFAULT;
INSERT INTO t VALUES (1, 1), (11, 11)
"""


@pytest.fixture
def both(sessions):
    sessions[0].execute(TREE)
    sessions[0].commit()
    return sessions


def test_the_other_server_sees_what_is_made_and_dropped(both):
    a, b = both
    assert rows(b, "SELECT count(*) FROM t") == [(2,)]
    a.execute("CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30)")
    a.execute("INSERT INTO t VALUES (25, 25)")
    a.execute("CREATE TABLE alone (a int)")
    with pytest.raises(psycopg.errors.UndefinedTable):
        b.execute("SELECT * FROM alone")
    b.rollback()
    assert rows(b, "SELECT count(*) FROM t") == [(2,)]
    a.commit()
    assert rows(b, "SELECT v FROM t_3") == [(25,)]
    assert rows(b, "SELECT count(*) FROM alone") == [(0,)]
    b.execute("INSERT INTO t VALUES (26, 26)")
    b.commit()
    a.execute("DROP TABLE t_3, alone")
    a.commit()
    assert rows(b, "SELECT id FROM t ORDER BY 1") == [(1,), (11,)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        b.execute("SELECT * FROM alone")
    b.rollback()


def test_prepared_statements_follow_the_other_servers_definitions(both):
    a, b = both
    for _ in range(7):
        assert b.execute("SELECT count(*) FROM t", prepare=True).fetchone() == (2,)
        b.commit()
    a.execute("CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30)")
    a.execute("INSERT INTO t VALUES (25, 25)")
    a.commit()
    assert b.execute("SELECT count(*) FROM t", prepare=True).fetchone() == (3,)
    b.commit()


@pytest.mark.parametrize("change", [
    "DROP TABLE t_1",
    "ALTER TABLE t DETACH PARTITION t_1",
    "DROP TABLE t",
])
@pytest.mark.parametrize("write", [
    "INSERT INTO t VALUES (5, 5)",
    "UPDATE t SET v = 0 WHERE id = 1",
    "DELETE FROM t WHERE id = 1",
])
def test_rows_for_a_leaf_that_is_gone_are_refused(both, write, change):
    a, b = both
    b.execute(write)
    a.execute(change)
    a.commit()
    refused(b)


def test_rows_of_a_default_partition_know_new_siblings(both):
    a, b = both
    b.execute("INSERT INTO t VALUES (25, 25)")
    a.execute("CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30)")
    a.commit()
    refused(b)
    b.execute("INSERT INTO t VALUES (35, 35)")
    a.execute("CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (30) TO (40)")
    b.commit()
    refused(a)
    assert rows(a, "SELECT tableoid::regclass::text FROM t WHERE id = 35") == [("t_d",)]


def test_other_tables_definitions_disturb_nobody(both):
    a, b = both
    b.execute("INSERT INTO t VALUES (5, 5)")
    a.execute("CREATE TABLE other (a int)")
    a.commit()
    b.commit()
    assert rows(a, "SELECT v FROM t WHERE id = 5") == [(5,)]


def test_other_tables_definitions_refuse_no_commit_of_the_same_moment(both, servers, database):
    a, b = both
    b.autocommit = True
    done = threading.Event()

    def define() -> None:
        with servers[0].connect(database, autocommit=True) as other:
            for number in range(5):
                other.execute(f"CREATE TABLE other{number} (a int)")
                other.execute(f"DROP TABLE other{number}")
        done.set()

    defining = threading.Thread(target=define)
    defining.start()
    count = 0
    while not done.is_set():
        b.execute("INSERT INTO t VALUES (%s, 0)", (1000 + count,))
        count += 1
    defining.join()
    assert rows(a, "SELECT count(*) FROM t WHERE id >= 1000") == [(count,)]


def test_one_name_is_given_once(both):
    a, b = both
    a.execute("CREATE TABLE same (a int)")
    a.execute("INSERT INTO same VALUES (1)")
    with pytest.raises(psycopg.Error) as error:
        b.execute("CREATE TABLE same (b text)")
        b.execute("INSERT INTO same VALUES ('x')")
        b.commit()
    assert error.value.sqlstate in ("40001", "42P07")
    b.rollback()
    a.commit()
    assert rows(b, "SELECT a FROM same") == [(1,)]


def test_partitions_of_both_servers_do_not_overlap(both):
    a, b = both
    a.execute("CREATE TABLE one PARTITION OF t FOR VALUES FROM (20) TO (30)")
    b.execute("CREATE TABLE other PARTITION OF t FOR VALUES FROM (25) TO (35)")
    a.commit()
    refused(b)
    assert rows(b, "SELECT count(*) FROM pg_inherits WHERE inhparent = 't'::regclass") == [(4,)]


def test_ids_of_both_servers_differ(both):
    for number, connection in enumerate(both * 3):
        connection.execute(f"CREATE TABLE n{number} (a int)")
        connection.commit()
    ids = rows(both[0], "SELECT oid FROM pg_class WHERE relname ~ '^n[0-9]$'")
    assert len(ids) == len(set(ids)) == 6


def test_roles_hold_on_the_other_server_at_once(both, database):
    a, b = both
    role = f"{database}_reader"
    a.execute(f"CREATE ROLE {role}; GRANT SELECT ON t TO {role}")
    a.commit()
    b.execute(f"SET ROLE {role}")
    assert rows(b, "SELECT count(*) FROM t") == [(2,)]
    a.execute(f"REVOKE SELECT ON t FROM {role}")
    a.commit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        b.execute("SELECT count(*) FROM t")
    b.rollback()
    b.execute("RESET ROLE")
    b.execute(f"GRANT SELECT ON t_1 TO {role}")
    b.commit()
    may_read = f"SELECT has_table_privilege('{role}', 't_1', 'SELECT'), has_table_privilege('{role}', 't', 'SELECT')"
    assert rows(a, may_read) == [(True, False)]
    a.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    a.commit()
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        b.execute(f"SET ROLE {role}")
    b.rollback()


def test_databases_come_and_go_for_both(both, servers, database):
    for maker, other in (servers, servers[::-1]):
        name = f"{database}_more"
        with maker.connect(autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        with other.connect(name) as connection:
            connection.execute("CREATE TABLE inside (a int)")
        with maker.connect(name) as connection:
            assert connection.execute("SELECT count(*) FROM inside").fetchone() == (0,)
        with other.connect(autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}")
        with pytest.raises(psycopg.Error), maker.connect(name) as connection:
            connection.execute("SELECT count(*) FROM inside")


def test_definitions_stay_whole_when_a_server_is_killed(servers, database):
    first, second = servers
    for turn in range(3):
        connection = first.connect(database)
        connection.execute(f"CREATE TABLE k{turn} (a int) PARTITION BY LIST (a)")
        for number in range(3):
            connection.execute(f"CREATE TABLE k{turn}_{number} PARTITION OF k{turn} FOR VALUES IN ({number})")
        connection.execute(f"INSERT INTO k{turn} SELECT g FROM generate_series(0, 2) g")
        if turn == 1:
            connection.commit()
        first.kill()
        first.start()
        with second.connect(database) as other:
            there = other.execute("SELECT count(*) FROM pg_class WHERE relname ~ %s", (f"^k{turn}",)).fetchone()[0]
            assert there == (4 if turn == 1 else 0)
            if there:
                assert other.execute(f"SELECT count(*) FROM k{turn}").fetchone() == (3,)
