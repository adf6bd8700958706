"""Transactions of two SQL servers on one cluster."""
import threading

import psycopg
import pytest

from answers import refused, rows

TABLES = """
CREATE TABLE account (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE account_1 PARTITION OF account FOR VALUES FROM (0) TO (10);
CREATE TABLE account_2 PARTITION OF account FOR VALUES FROM (10) TO (20);
CREATE TABLE sale (id int, region text, amount int) PARTITION BY LIST (region);
CREATE TABLE sale_e PARTITION OF sale FOR VALUES IN ('e');
CREATE TABLE sale_w PARTITION OF sale FOR VALUES IN ('w');
CREATE TABLE sale_n PARTITION OF sale FOR VALUES IN ('n')
"""


@pytest.fixture
def both(sessions):
    sessions[0].execute(TABLES)
    sessions[0].execute("INSERT INTO account SELECT g, 100 FROM generate_series(0, 19) g")
    sessions[0].execute("INSERT INTO sale VALUES (1, 'e', 10), (2, 'w', 20), (3, 'n', 30)")
    sessions[0].commit()
    return sessions


def test_rows_of_many_partitions_are_seen_by_the_other_server(both):
    a, b = both
    assert rows(b, "SELECT id FROM sale ORDER BY 1") == [(1,), (2,), (3,)]
    a.execute("UPDATE account SET v = v - 10 WHERE id = 1")
    a.execute("UPDATE account SET v = v + 10 WHERE id = 11")
    assert rows(b, "SELECT v FROM account WHERE id IN (1, 11)") == [(100,), (100,)]
    a.commit()
    assert rows(b, "SELECT v FROM account WHERE id IN (1, 11) ORDER BY id") == [(90,), (110,)]


def test_a_snapshot_stays_while_the_other_server_commits(both):
    a, b = both
    b.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    assert b.execute("SELECT sum(v), min(v) FROM account").fetchone() == (2000, 100)
    assert b.execute("SELECT count(*) FROM sale").fetchone() == (3,)
    a.execute("UPDATE account SET v = v - 50 WHERE id = 2")
    a.execute("UPDATE account SET v = v + 50 WHERE id = 12")
    a.execute("DELETE FROM account WHERE id = 3")
    a.execute("INSERT INTO sale VALUES (4, 'e', 1), (5, 'w', 2)")
    a.execute("DELETE FROM sale WHERE id = 1")
    a.commit()
    assert b.execute("SELECT sum(v), min(v) FROM account").fetchone() == (2000, 100)
    assert b.execute("SELECT v FROM account WHERE id IN (2, 3)").fetchall() == [(100,), (100,)]
    assert b.execute("SELECT id FROM sale ORDER BY 1").fetchall() == [(1,), (2,), (3,)]
    with pytest.raises(psycopg.errors.SerializationFailure):
        b.execute("UPDATE account SET v = 0 WHERE id = 2")
    b.rollback()
    assert rows(b, "SELECT sum(v), min(v) FROM account") == [(1900, 50)]
    assert rows(b, "SELECT id FROM sale ORDER BY 1") == [(2,), (3,), (4,), (5,)]


@pytest.mark.parametrize("change", ["UPDATE account SET v = v + 1 WHERE id = 3", "DELETE FROM sale WHERE id = 2"])
def test_who_changes_what_the_other_server_has_changed_is_refused(both, change):
    a, b = both
    a.execute(change)
    b.execute(change)
    b.execute("UPDATE account SET v = 0 WHERE id = 19")
    a.commit()
    refused(b)
    assert rows(b, "SELECT v FROM account WHERE id = 19") == [(100,)]


def test_statements_of_their_own_lose_nothing_and_do_not_fail(both, servers, database):
    failures = []

    def increment(server) -> None:
        try:
            with server.connect(database, autocommit=True) as connection:
                for _ in range(10):
                    connection.execute("UPDATE account SET v = v + 1 WHERE id = 7")
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=increment, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rows(both[1], "SELECT v FROM account WHERE id = 7") == [(120,)]


def test_one_key_is_inserted_once(both):
    a, b = both
    a.execute("INSERT INTO account SELECT 5, 1 WHERE false")
    rows(a, "DELETE FROM account WHERE id = 5 RETURNING id")
    a.execute("INSERT INTO account VALUES (5, 1)")
    b.execute("INSERT INTO account VALUES (5, 2)")
    b.commit()
    with pytest.raises(psycopg.errors.UniqueViolation) as error:
        a.commit()
    assert error.value.diag.message_detail == "Key (id)=(5) already exists."
    a.rollback()
    assert rows(a, "SELECT v FROM account WHERE id = 5") == [(2,)]


def test_write_skew_is_refused(both):
    for connection in both:
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        connection.execute("SELECT sum(v) FROM account")
    both[0].execute("UPDATE account SET v = 0 WHERE id = 6")
    both[1].execute("UPDATE account SET v = 0 WHERE id = 7")
    both[0].commit()
    refused(both[1])


def test_many_rows_are_one_commit(both):
    a, b = both
    with a.cursor() as cursor, cursor.copy("COPY sale FROM STDIN") as copy:
        for number in range(200_000):
            copy.write_row((number, "ewn"[number % 3], number % 7))
    assert rows(b, "SELECT count(*) FROM sale") == [(3,)]
    a.commit()
    assert rows(b, "SELECT count(*), sum(amount) FROM sale") == [(200_003, 60 + 599_994)]
    a.execute("DELETE FROM sale WHERE amount > 0")
    a.commit()
    assert rows(b, "SELECT count(*) FROM sale") == rows(a, "SELECT count(*) FROM sale")
    a.execute("TRUNCATE sale")
    a.commit()
    assert rows(b, "SELECT count(*) FROM sale") == [(0,)]


def test_savepoints_and_rollback(both):
    a, b = both
    a.execute("INSERT INTO sale VALUES (7, 'e', 7)")
    a.execute("SAVEPOINT s")
    a.execute("INSERT INTO sale VALUES (8, 'w', 8)")
    a.execute("ROLLBACK TO s")
    a.commit()
    a.execute("DELETE FROM account")
    a.rollback()
    assert rows(b, "SELECT id FROM sale ORDER BY 1") == [(1,), (2,), (3,), (7,)]
    assert rows(b, "SELECT count(*) FROM account") == [(20,)]


@pytest.fixture
def members(both):
    """A table with unique keys besides the primary one, of a constraint and of an index that is made of rows."""
    a, b = both
    a.execute("CREATE TABLE member (id int PRIMARY KEY, mail text UNIQUE, nick text)")
    a.execute("INSERT INTO member VALUES (1, 'a@x', 'A'), (2, 'b@x', 'b')")
    a.commit()
    b.execute("CREATE UNIQUE INDEX member_nick ON member (lower(nick)) WHERE nick <> 'nobody'")
    b.commit()
    return both


@pytest.mark.parametrize("row, constraint", [("(3, 'b@x', 'c')", "member_mail_key"), ("(3, 'c@x', 'B')", "member_nick")])
def test_unique_keys_hold_on_both_servers(members, row, constraint):
    for session in members:
        with pytest.raises(psycopg.errors.UniqueViolation) as error:
            session.execute(f"INSERT INTO member VALUES {row}")
        session.rollback()
        assert error.value.diag.constraint_name == constraint
    a, b = members
    a.execute(f"INSERT INTO member VALUES {row} ON CONFLICT DO NOTHING")
    a.execute("UPDATE member SET mail = 'z@x', nick = 'nobody' WHERE id = 2")
    a.commit()
    b.execute(f"INSERT INTO member VALUES {row}, (4, 'd@x', 'nobody')")
    b.commit()
    assert rows(a, "SELECT id FROM member ORDER BY 1") == [(1,), (2,), (3,), (4,)]


def test_a_unique_key_is_given_once(members):
    a, b = members
    a.execute("INSERT INTO member VALUES (3, 'c@x', 'c')")
    b.execute("INSERT INTO member VALUES (4, 'c@x', 'd')")
    a.commit()
    with pytest.raises((psycopg.errors.UniqueViolation, psycopg.errors.SerializationFailure)):
        b.commit()
    b.rollback()
    b.execute("DELETE FROM member WHERE mail = 'c@x'")
    b.execute("INSERT INTO member VALUES (4, 'c@x', 'd')")
    b.commit()
    assert rows(a, "SELECT id FROM member WHERE mail = 'c@x'") == [(4,)]


def test_rows_of_before_an_index_do_not_come_after_it(members):
    a, b = members
    a.execute("INSERT INTO account VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET v = 1")
    a.execute("INSERT INTO sale VALUES (9, 'e', 10)")
    b.execute("CREATE UNIQUE INDEX ON sale (region, amount)")
    b.commit()
    refused(a)
    with pytest.raises(psycopg.errors.UniqueViolation):
        a.execute("INSERT INTO sale VALUES (9, 'e', 10)")
    a.rollback()
    a.execute("INSERT INTO sale VALUES (9, 'e', 11)")
    a.commit()
    b.execute("DROP INDEX sale_region_amount_idx")
    b.commit()
    a.execute("INSERT INTO sale VALUES (9, 'e', 11)")
    a.commit()
    assert rows(b, "SELECT count(*) FROM sale WHERE id = 9") == [(2,)]


def test_an_index_of_before_rows_is_refused(both):
    a, b = both
    a.execute("CREATE UNIQUE INDEX ON sale (amount, region)")
    b.execute("INSERT INTO sale VALUES (4, 'e', 10)")
    b.commit()
    refused(a)
    with pytest.raises(psycopg.errors.UniqueViolation):
        a.execute("CREATE UNIQUE INDEX ON sale (amount, region)")
    a.rollback()


