"""What names rows: ctid, WHERE CURRENT OF, and what is refused of them."""
import psycopg
import pytest


def test_tables_with_a_primary_key_have_no_ctid(conn):
    conn.execute("CREATE TABLE keyed (a int PRIMARY KEY)")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match='"ctid"') as refused:
        conn.execute("DELETE FROM keyed WHERE ctid IN (SELECT ctid FROM keyed)")
    assert refused.value.diag.message_hint == "The primary key of a table names its rows."
    for name in ("xmin", "xmax", "cmin", "cmax"):
        with pytest.raises(psycopg.errors.FeatureNotSupported, match=name):
            conn.execute(f"SELECT {name} FROM keyed")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            conn.execute(f"SELECT {name} FROM (SELECT 1) s")


def test_a_written_row_has_no_ctid_yet(conn):
    conn.execute("CREATE TABLE logged (a int)")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="just been written"):
        conn.execute("INSERT INTO logged VALUES (1) RETURNING ctid")


def test_a_ctid_holds_over_statements_and_in_binary(conn):
    conn.execute("CREATE TABLE logged (a int); INSERT INTO logged SELECT generate_series(1, 5000)")
    place = conn.execute("SELECT ctid::text FROM logged WHERE a = 4711").fetchone()[0]
    with conn.cursor(binary=True) as cursor:
        assert cursor.execute("SELECT a FROM logged WHERE ctid = %s::tid", [place]).fetchall() == [(4711,)]
        assert cursor.execute("SELECT ctid FROM logged WHERE a = 4711").fetchone() is not None
    assert conn.execute("DELETE FROM logged WHERE ctid = %s::tid", [place]).rowcount == 1
    assert conn.execute("SELECT count(*) FROM logged WHERE a = 4711").fetchone() == (0,)


def test_a_cursor_of_the_driver_is_where_the_update_goes(conn):
    conn.execute("CREATE TABLE keyed (a int PRIMARY KEY, b text); INSERT INTO keyed SELECT i, 'x' FROM "
                 "generate_series(1, 10) i")
    with conn.transaction():
        with conn.cursor(name="walk") as walk:
            walk.execute("SELECT b FROM keyed WHERE a > %s FOR UPDATE", [3])
            walk.fetchmany(2)
            for value in ("y", "z"):
                conn.execute('UPDATE keyed SET b = %s WHERE CURRENT OF walk', [value], prepare=True)
                walk.fetchone()
            conn.execute('DELETE FROM keyed WHERE CURRENT OF "walk"')
    assert conn.execute("SELECT array_agg(a ORDER BY a) FROM keyed").fetchone() == ([1, 2, 3, 4, 5, 6, 8, 9, 10],)
    assert conn.execute("SELECT a, b FROM keyed WHERE b <> 'x' ORDER BY a").fetchall() == [(5, "y"), (6, "z")]


def test_who_may_not_read_the_key_declares_cursors_still(server, database):
    with server.connect(database=database, autocommit=True) as owner:
        owner.execute("CREATE TABLE keyed (a int PRIMARY KEY, b text); INSERT INTO keyed VALUES (1, 'x');"
                      "CREATE ROLE part_reader LOGIN; GRANT SELECT (b), UPDATE (b) ON keyed TO part_reader")
        try:
            owner.execute("SET ROLE part_reader; BEGIN; DECLARE c CURSOR FOR SELECT b FROM keyed")
            assert owner.execute("FETCH c").fetchone() == ("x",)
            with pytest.raises(psycopg.errors.InvalidCursorState):
                owner.execute("UPDATE keyed SET b = 'y' WHERE CURRENT OF c")
        finally:
            owner.execute("ROLLBACK; RESET ROLE; DROP TABLE keyed; DROP ROLE part_reader")


def test_rights_go_down_through_views_of_views(server, database):
    with server.connect(database=database, autocommit=True) as admin:
        admin.execute("CREATE ROLE v_owner; CREATE ROLE v_user; CREATE TABLE base (a int PRIMARY KEY, b text);"
                      "INSERT INTO base VALUES (1, 'x'); CREATE VIEW inner_v AS SELECT a, b FROM base;"
                      "CREATE VIEW outer_v AS SELECT a AS k, b AS t FROM inner_v; ALTER VIEW outer_v OWNER TO v_owner;"
                      "GRANT SELECT, UPDATE ON outer_v TO v_user")

        def update(text: str = "UPDATE outer_v SET t = 'y' WHERE k = 1"):
            try:
                admin.execute("SET ROLE v_user")
                return admin.execute(text).rowcount
            finally:
                admin.execute("RESET ROLE")

        try:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="inner_v"):
                update()
            admin.execute("GRANT SELECT, UPDATE (b) ON inner_v TO v_owner")
            assert update() == 1
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="inner_v"):
                update("UPDATE outer_v SET k = 2 WHERE k = 1")
            admin.execute("ALTER VIEW inner_v SET (security_invoker)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="base"):
                update()
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="base"):
                update("SELECT * FROM outer_v")
            admin.execute("GRANT SELECT, UPDATE ON base TO v_owner")  # who is not asked
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="base"):
                update()
            admin.execute("GRANT SELECT, UPDATE ON base TO v_user")
            assert update() == 1
            assert update("SELECT * FROM outer_v") == 1
            admin.execute("ALTER VIEW outer_v SET (security_invoker)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="inner_v"):
                update()
            admin.execute("GRANT SELECT, UPDATE ON inner_v TO v_user")
            assert update() == 1
        finally:
            admin.execute("DROP VIEW outer_v, inner_v; DROP TABLE base; DROP ROLE v_owner; DROP ROLE v_user")


def test_nothing_that_is_kept_is_of_the_type_of_a_tables_rows(conn):
    conn.execute("CREATE TABLE t (a int, b text)")
    for text in ("CREATE TABLE u AS SELECT row(1, 'x')::t AS r", "CREATE VIEW v AS SELECT array[null::t] AS r"):
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="of the type of a table's rows"):
            conn.execute(text)
