"""Views as psql shows them and as COPY takes them."""
import psycopg
import pytest


def test_a_check_option_that_is_set_later_is_held_to_the_same_rules(conn):
    conn.execute("CREATE TABLE held (a int); CREATE TABLE allowed (a int); CREATE VIEW asks AS SELECT * FROM held "
                 "WHERE a IN (SELECT a FROM allowed)")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="whose condition has subqueries"):
        conn.execute("ALTER VIEW asks SET (check_option = local)")
    conn.execute("INSERT INTO asks VALUES (1)")


def test_psql_describes_them(server, database):
    server.psql("-qc", "CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT a, b FROM t WHERE a > 1;"
                       "COMMENT ON VIEW v IS 'the greater ones'", database=database)
    shown = server.psql("-c", "\\d v", database=database)
    assert shown.splitlines()[0].strip() == 'View "public.v"'
    assert [line.split("|")[0].strip() for line in shown.splitlines()[3:5]] == ["a", "b"]
    more = server.psql("-c", "\\d+ v", database=database)
    assert more.endswith("View definition:\n SELECT t.a,\n    t.b\n   FROM t\n  WHERE t.a > 1;\n\n")
    listed = server.psql("-At", "-c", "\\dv+", database=database)
    assert listed.split("|")[:3] == ["public", "v", "view"]
    assert "the greater ones" in listed
    assert server.psql("-At", "-c", "\\dt", database=database).split("|")[1] == "t"


def test_a_drop_says_what_goes_with_it(server, database):
    server.psql("-qc", "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t", database=database)
    printed = server.psql("-c", "DROP TABLE t CASCADE", database=database)
    assert printed == "NOTICE:  drop cascades to view v\nDROP TABLE\n"


def test_copy_reads_their_queries_only(server, database):
    server.psql("-qc", "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a FROM t",
                database=database)
    refused = server.psql("-c", "COPY v TO STDOUT", database=database, code=1)
    assert refused == 'ERROR:  cannot copy from view "v"\nHINT:  Try the COPY (SELECT ...) TO variant.\n'
    assert server.psql("-c", "COPY (SELECT * FROM v) TO STDOUT", database=database) == "1\n"
    with server.connect(database=database, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.WrongObjectType):
            with connection.cursor().copy("COPY v FROM STDIN") as copy:
                copy.write("1\n")
