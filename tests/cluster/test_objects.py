"""What hangs on tables, over two SQL servers on one cluster: sequences, foreign keys, types, exclusion constraints, row
locks, and the names and columns of tables that are there."""
import threading

import psycopg
import pytest

from answers import refused, rows


@pytest.fixture
def family(sessions):
    a, b = sessions
    a.execute("""
        CREATE TABLE parent (id int PRIMARY KEY, v int);
        CREATE TABLE child (id int, parent int REFERENCES parent);
        INSERT INTO parent VALUES (1, 0), (2, 0)""")
    a.commit()
    return sessions


# --- sequences

def test_a_sequence_gives_each_value_once(sessions, servers, database):
    sessions[0].execute("CREATE TABLE t (id bigserial PRIMARY KEY, server int) PARTITION BY HASH (id);"
                        "CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
                        "CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)")
    sessions[0].commit()
    failed = []

    def insert(number):
        try:
            with servers[number % 2].connect(database, autocommit=True) as connection:
                for count in range(5):
                    connection.execute("INSERT INTO t (server) SELECT %s FROM generate_series(1, %s)",
                                       (number, 1 + 20 * (count % 2)))
        except psycopg.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=insert, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert rows(sessions[1], "SELECT count(*), count(DISTINCT id) FROM t") == [(180, 180)]


def test_what_one_server_sets_the_other_goes_on_from(sessions):
    a, b = sessions
    a.execute("CREATE SEQUENCE s")
    a.commit()
    assert rows(a, "SELECT nextval('s'), nextval('s')") == [(1, 2)]
    assert rows(b, "SELECT nextval('s')")[0][0] > 2
    assert rows(b, "SELECT setval('s', 1000)") == [(1000,)]
    assert rows(a, "SELECT nextval('s')") == [(1001,)]


def test_a_sequence_is_no_part_of_its_transaction_but_restarts_are(sessions):
    a, b = sessions
    a.execute("CREATE SEQUENCE s MAXVALUE 3")
    a.commit()
    a.execute("SELECT nextval('s')")
    a.rollback()
    assert rows(a, "SELECT nextval('s')") == [(2,)]
    b.execute("ALTER SEQUENCE s RESTART WITH 3")
    b.rollback()
    assert rows(a, "SELECT nextval('s')") == [(3,)]
    with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
        b.execute("SELECT nextval('s')")
    b.rollback()
    b.execute("ALTER SEQUENCE s RESTART")
    b.commit()
    assert rows(a, "SELECT nextval('s')") == [(1,)]


# --- foreign keys

def test_rows_refer_to_what_either_server_has_written(family):
    a, b = family
    b.execute("INSERT INTO child VALUES (1, 1)")
    b.commit()
    for session, statement in ((a, "INSERT INTO child VALUES (2, 9)"), (a, "DELETE FROM parent WHERE id = 1"),
                               (b, "UPDATE parent SET id = 3 WHERE id = 1")):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            session.execute(statement)
        session.rollback()


@pytest.mark.parametrize("first", [0, 1])
def test_a_row_and_what_it_refers_to_do_not_miss_each_other(family, first):
    a, b = family
    a.execute("INSERT INTO child VALUES (1, 2)")
    b.execute("DELETE FROM parent WHERE id = 2")
    family[first].commit()
    refused(family[1 - first])
    assert rows(a, "SELECT count(*) FROM child WHERE parent NOT IN (SELECT id FROM parent)") == [(0,)]


def test_rows_may_refer_to_one_that_changes_meanwhile(family):
    a, b = family
    a.execute("INSERT INTO child VALUES (1, 2)")
    b.execute("UPDATE parent SET v = v + 1 WHERE id = 2")
    b.execute("INSERT INTO child VALUES (2, 1)")
    a.commit()
    b.commit()
    assert rows(a, "SELECT count(*) FROM child, parent WHERE parent = parent.id") == [(2,)]


def test_a_foreign_key_comes_before_or_after_rows(family):
    a, b = family
    a.execute("CREATE TABLE other (parent int); INSERT INTO other VALUES (2)")
    a.commit()
    b.execute("DELETE FROM parent WHERE id = 2")
    a.execute("ALTER TABLE other ADD FOREIGN KEY (parent) REFERENCES parent")
    a.commit()
    refused(b)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        b.execute("DELETE FROM parent WHERE id = 2")
    b.rollback()


def test_what_refers_goes_along(family):
    a, b = family
    a.execute("CREATE TABLE toy (child int REFERENCES parent ON DELETE CASCADE)")
    a.execute("INSERT INTO toy VALUES (1), (2)")
    a.commit()
    b.execute("DELETE FROM parent WHERE id = 2")
    b.commit()
    assert rows(a, "SELECT child FROM toy") == [(1,)]


# --- row locks

@pytest.mark.parametrize("one, other, collide", [
    ("FOR UPDATE", "FOR UPDATE", True), ("FOR NO KEY UPDATE", "FOR SHARE", True), ("FOR SHARE", "FOR SHARE", False),
    ("FOR KEY SHARE", "FOR NO KEY UPDATE", False), ("FOR KEY SHARE", "FOR UPDATE", True)])
def test_rows_that_both_have_locked(family, one, other, collide):
    a, b = family
    for number, (session, strength) in enumerate(((a, one), (b, other))):
        session.execute(f"SELECT v FROM parent WHERE id = 1 {strength}")
        session.execute("INSERT INTO child VALUES (%s, NULL)", (number,))
    a.commit()
    if collide:
        refused(b)
    else:
        b.commit()


def test_jobs_are_handed_out_once(sessions, servers, database):
    sessions[0].execute("CREATE TABLE job (id int PRIMARY KEY, done boolean);"
                        "INSERT INTO job SELECT g, false FROM generate_series(1, 20) g")
    sessions[0].commit()
    taken, lock, failed = [], threading.Lock(), []

    def work(number):
        with servers[number % 2].connect(database) as connection:
            while True:
                try:
                    found = connection.execute(
                        "SELECT id FROM job WHERE NOT done LIMIT 1 FOR UPDATE SKIP LOCKED").fetchone()
                    if found is None:
                        if rows(connection, "SELECT count(*) FROM job WHERE NOT done") == [(0,)]:
                            return
                        continue
                    connection.execute("UPDATE job SET done = true WHERE id = %s", found)
                    connection.commit()
                    with lock:
                        taken.append(found[0])
                except psycopg.errors.SerializationFailure:
                    connection.rollback()
                except psycopg.Error as error:
                    failed.append(error)
                    return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(taken) == list(range(1, 21))


def test_a_change_of_another_row_of_the_leaf_refuses_nobody(family):
    a, b = family
    a.execute("UPDATE parent SET v = 1 WHERE id = 1")
    b.execute("UPDATE parent SET v = 1 WHERE id = 2")
    b.commit()
    a.execute("UPDATE parent SET v = v + 1 WHERE id = 2")
    a.commit()
    assert rows(b, "SELECT * FROM parent ORDER BY 1") == [(1, 1), (2, 2)]


# --- types

def test_types_of_either_server(sessions):
    a, b = sessions
    a.execute("CREATE TYPE mood AS ENUM ('sad', 'glad');"
              "CREATE DOMAIN small AS int CHECK (VALUE < 10);"
              "CREATE TYPE point2 AS (x int, y int);"
              "CREATE TABLE t (m mood, s small, p point2)")
    a.commit()
    b.execute("INSERT INTO t VALUES ('glad', 5, ROW(1, 2)), ('sad', 6, ROW(3, 4))")
    b.commit()
    b.execute("ALTER TYPE mood ADD VALUE 'calm' BEFORE 'sad'")
    b.commit()
    a.execute("INSERT INTO t VALUES ('calm', 1, NULL)")
    a.commit()
    assert rows(a, "SELECT m::text, s, (p).y FROM t ORDER BY t.m") == [("calm", 1, None), ("sad", 6, 4), ("glad", 5, 2)]
    with pytest.raises(psycopg.errors.CheckViolation):
        b.execute("INSERT INTO t (s) VALUES (10)")
    b.rollback()


def test_types_go(sessions):
    a, b = sessions
    a.execute("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN small AS int; CREATE TYPE alone AS (x int)")
    a.commit()
    a.execute("CREATE TABLE t (id int, m mood)")
    a.commit()
    b.execute("INSERT INTO t VALUES (1, 'sad')")
    b.commit()
    a.execute("DROP TYPE alone")
    a.commit()
    a.execute("DROP DOMAIN small")
    b.execute("CREATE TABLE u (s small)")
    b.commit()
    with pytest.raises(psycopg.errors.SerializationFailure):
        a.commit()
    a.rollback()
    a.execute("DROP TYPE mood CASCADE")
    a.commit()
    assert rows(b, "SELECT * FROM t") == [(1,)]
    made = "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')"
    assert rows(b, made) == [("small",)]


def test_rows_of_before_a_domain_s_check_do_not_come_after_it(sessions):
    a, b = sessions
    a.autocommit = True
    a.execute("CREATE DOMAIN small AS int; CREATE TABLE t (s small)")
    b.execute("INSERT INTO t VALUES (10)")
    a.execute("ALTER DOMAIN small ADD CHECK (VALUE < 10)")
    refused(b)
    with pytest.raises(psycopg.errors.CheckViolation):
        b.execute("INSERT INTO t VALUES (10)")
    b.rollback()


# --- exclusion constraints, indexes

def test_rows_that_exclude_each_other_are_not_both_made(sessions):
    a, b = sessions
    a.execute("CREATE TABLE booking (room int, at int4range, EXCLUDE USING gist (room WITH =, at WITH &&))")
    a.commit()
    a.execute("INSERT INTO booking VALUES (1, '[1,5)'), (2, '[1,5)')")
    b.execute("INSERT INTO booking VALUES (1, '[4,9)')")
    a.commit()
    refused(b)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        b.execute("INSERT INTO booking VALUES (1, '[4,9)')")
    b.rollback()


def test_an_index_is_there_and_holds_nobody_up(sessions):
    a, b = sessions
    a.execute("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 5)")
    a.execute("CREATE INDEX t_v ON t (v)")
    a.commit()
    b.execute("INSERT INTO t VALUES (2, 5), (3, 6)")
    b.commit()
    assert rows(a, "SELECT id FROM t WHERE v = 5 ORDER BY 1") == [(1,), (2,)]
    named = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 't' ORDER BY 1"
    assert rows(b, named) == [("t_pkey",), ("t_v",)]


# --- tables that are there

@pytest.fixture
def tree(sessions):
    sessions[0].execute("""
        CREATE TABLE t (k int, v text) PARTITION BY LIST (k);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);
        CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2);
        INSERT INTO t VALUES (1, 'a'), (2, 'b')""")
    sessions[0].commit()
    return sessions


def test_columns_come_change_their_names_and_go(tree):
    a, b = tree
    a.execute("ALTER TABLE t ADD COLUMN n int DEFAULT 7, ADD COLUMN at timestamptz")
    a.execute("ALTER TABLE t RENAME COLUMN v TO w")
    a.commit()
    b.execute("INSERT INTO t VALUES (1, 'c', 8)")
    b.commit()
    assert rows(a, "SELECT k, w, n FROM t ORDER BY 2") == [(1, "a", 7), (2, "b", 7), (1, "c", 8)]
    b.execute("ALTER TABLE t DROP COLUMN w, ALTER n SET NOT NULL")
    b.commit()
    assert rows(a, "SELECT * FROM t ORDER BY 1, 2") == [(1, 7, None), (1, 8, None), (2, 7, None)]
    a.execute("ALTER TABLE t DROP COLUMN n")
    a.rollback()
    assert rows(b, "SELECT sum(n) FROM t") == [(22,)]


def test_tables_change_their_names(tree):
    a, b = tree
    a.execute("ALTER TABLE t RENAME TO u")
    a.execute("ALTER TABLE t_1 RENAME TO first")
    a.commit()
    b.execute("INSERT INTO u VALUES (1, 'c')")
    b.execute("CREATE TABLE t_1 (x int)")  # under the name that the Fluss table still has
    b.execute("INSERT INTO t_1 VALUES (5)")
    b.commit()
    assert rows(a, "SELECT v FROM first ORDER BY 1") == [("a",), ("c",)]
    assert rows(a, "SELECT x FROM t_1") == [(5,)]
    a.execute("ALTER TABLE first RENAME TO t_3")
    a.execute("CREATE SCHEMA s")
    a.execute("ALTER TABLE t_2 SET SCHEMA s")
    a.commit()
    assert rows(b, "SELECT tableoid::regclass::text, v FROM u ORDER BY 2") == [
        ("t_3", "a"), ("s.t_2", "b"), ("t_3", "c")]
    b.execute("DROP TABLE t_3")
    b.commit()
    assert rows(a, "SELECT x FROM t_1") == [(5,)]


def test_a_schema_and_what_is_in_it_are_one_commit(sessions):
    a, b = sessions
    schema = f"s_{a.info.dbname}"
    a.execute(f"CREATE SCHEMA {schema}")
    a.execute(f"CREATE TABLE {schema}.t (x int)")
    a.execute(f"INSERT INTO {schema}.t VALUES (1)")
    a.rollback()
    assert rows(b, f"SELECT to_regclass('{schema}.t'), to_regnamespace('{schema}')") == [(None, None)]
    a.execute(f"CREATE SCHEMA {schema}")
    a.execute(f"CREATE TABLE {schema}.t (x int)")
    a.execute("SAVEPOINT one")
    a.execute(f"CREATE SCHEMA {schema}_2")
    a.execute(f"CREATE TABLE {schema}_2.t AS SELECT 1 AS x")
    a.execute("ROLLBACK TO one")
    a.execute(f"INSERT INTO {schema}.t VALUES (1)")
    a.commit()
    assert rows(b, f"SELECT x FROM {schema}.t") == [(1,)]
    assert rows(b, f"SELECT to_regnamespace('{schema}_2')") == [(None,)]


def test_what_a_transaction_has_made_and_dropped_is_gone(sessions):
    a, b = sessions
    a.execute("CREATE TABLE short (x int); INSERT INTO short VALUES (1); DROP TABLE short;"
              "CREATE TABLE kept AS SELECT 2 AS x")
    a.commit()
    assert rows(b, "SELECT to_regclass('short'), (SELECT x FROM kept)") == [(None, 2)]


def test_a_schema_with_tables_keeps_its_name(sessions):
    a, b = sessions
    schema = f"s_{a.info.dbname}"
    a.execute(f"CREATE SCHEMA {schema}")
    a.commit()
    b.execute(f"ALTER SCHEMA {schema} RENAME TO {schema}_2")
    b.commit()
    a.execute(f"CREATE TABLE {schema}_2.t (x int)")
    a.commit()
    with pytest.raises(psycopg.errors.FeatureNotSupported, match=f'schema "{schema}_2" has tables'):
        b.execute(f"ALTER SCHEMA {schema}_2 RENAME TO {schema}")
    b.rollback()


def test_temporary_tables_are_a_session_s_own(sessions, servers, database):
    a, b = sessions
    with servers[0].connect(database) as session:
        session.execute("CREATE TEMP TABLE mine (x int)")
        session.execute("INSERT INTO mine VALUES (1), (2)")
        session.commit()
        session.execute("CREATE TEMP TABLE short ON COMMIT DROP AS SELECT x + 1 AS x FROM mine")
        assert rows(session, "SELECT x FROM short ORDER BY 1") == [(2,), (3,)]
        session.commit()
        assert rows(session, "SELECT sum(x) FROM mine") == [(3,)]
        for other in (a, b):
            with pytest.raises(psycopg.errors.UndefinedTable):
                other.execute("SELECT * FROM mine")
            other.rollback()


def test_rows_of_before_columns_change_do_not_come_after_it(tree):
    a, b = tree
    b.execute("INSERT INTO t VALUES (1, 'c')")
    a.execute("ALTER TABLE t ADD COLUMN n int")
    a.commit()
    refused(b)
    a.execute("ALTER TABLE t DROP COLUMN n")
    b.execute("INSERT INTO t VALUES (1, 'd', 1)")
    b.commit()
    refused(a)
    assert rows(a, "SELECT v, n FROM t ORDER BY 1") == [("a", None), ("b", None), ("d", 1)]


def test_rows_do_not_refer_to_a_partition_that_goes(sessions):
    a, b = sessions
    a.execute("""
        CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20);
        CREATE TABLE c (p int REFERENCES p);
        INSERT INTO p VALUES (1), (11)""")
    a.commit()
    b.execute("INSERT INTO c VALUES (11)")
    a.execute("ALTER TABLE p DETACH PARTITION p_2")
    a.commit()
    refused(b)
    b.execute("INSERT INTO c VALUES (1)")
    a.execute("ALTER TABLE p DETACH PARTITION p_1")
    b.commit()
    refused(a)
    assert rows(a, "SELECT p FROM c") == [(1,)]
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        a.execute("DROP TABLE p_1")
    a.rollback()
    a.execute("DROP TABLE p_1 CASCADE")
    a.commit()
    b.execute("INSERT INTO c VALUES (2)")
    b.commit()


@pytest.mark.parametrize("definition, write", [
    ("ALTER TABLE c ADD FOREIGN KEY (x) REFERENCES p", "INSERT INTO c VALUES (9)"),
    ("ALTER TABLE c ADD FOREIGN KEY (x) REFERENCES p", "DELETE FROM p"),
    ("ALTER TABLE c ADD EXCLUDE USING gist (x WITH =)", "INSERT INTO c VALUES (1)")])
def test_constraints_hold_rows_that_come_while_they_are_made(sessions, definition, write):
    a, b = sessions
    a.execute("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (x int); INSERT INTO p VALUES (1);"
              "INSERT INTO c VALUES (1)")
    a.commit()
    b.execute(write)
    a.execute(definition)
    b.commit()
    refused(a)
