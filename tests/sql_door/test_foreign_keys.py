"""Foreign keys: as psql shows them (recorded with PostgreSQL 15), with COPY, and as drivers are told of them."""
from __future__ import annotations

import pathlib

import psycopg
import pytest

HERE = pathlib.Path(__file__).parent


def test_psql_describes_them(server, database):
    printed = server.psql("-q", "-f", str(HERE / "foreign_keys.sql"), database=database)
    assert printed.splitlines() == (HERE / "foreign_keys.expected").read_text().splitlines()


def test_copy_is_held_to_them(conn):
    conn.execute("CREATE TABLE p (id int PRIMARY KEY)")
    conn.execute("CREATE TABLE c (a int REFERENCES p, b text)")
    conn.execute("INSERT INTO p SELECT generate_series(1, 3000)")
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused:
        with conn.cursor().copy("COPY c FROM STDIN") as copy:
            copy.write("1\tone\n4000\tmany\n")
    assert refused.value.diag.constraint_name == "c_a_fkey"
    assert refused.value.diag.table_name == "c"
    assert refused.value.diag.schema_name == "public"
    assert refused.value.diag.message_detail == 'Key (a)=(4000) is not present in table "p".'
    assert conn.execute("SELECT count(*) FROM c").fetchone() == (0,)
    with conn.cursor().copy("COPY c FROM STDIN") as copy:
        copy.write("".join(f"{i}\tx\n" for i in range(1, 3001)))
        copy.write("\\N\tnone\n")
    assert conn.execute("SELECT count(a), count(*) FROM c").fetchone() == (3000, 3001)


def test_cascades_reach_many_rows(conn):
    conn.execute("CREATE TABLE p (id int PRIMARY KEY)")
    conn.execute("CREATE TABLE c (a int REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE)")
    conn.execute("INSERT INTO p SELECT generate_series(1, 5000)")
    conn.execute("INSERT INTO c SELECT id FROM p UNION ALL SELECT id FROM p")
    assert conn.execute("DELETE FROM p WHERE id <= 4000").rowcount == 4000
    assert conn.execute("SELECT count(*), min(a) FROM c").fetchone() == (2000, 4001)
    conn.execute("UPDATE p SET id = id + 10000")
    assert conn.execute("SELECT count(*), min(a), max(a) FROM c").fetchone() == (2000, 14001, 15000)


def test_what_roles_may_do(start_server):
    """What a foreign key does to other tables is their owner's will; to refer to one takes REFERENCES."""
    server = start_server()
    with server.connect(user="weir", autocommit=True) as conn:
        conn.execute("CREATE ROLE clerk; CREATE TABLE p (id int PRIMARY KEY)")
        conn.execute("CREATE TABLE c (a int REFERENCES p ON DELETE CASCADE)")
        conn.execute("INSERT INTO p VALUES (1), (2)")
        conn.execute("INSERT INTO c VALUES (1)")
        conn.execute("GRANT INSERT ON c TO clerk; SET ROLE clerk")
        conn.execute("INSERT INTO c VALUES (2)")
        for refused in ["SELECT * FROM p", "CREATE TEMP TABLE d (a int REFERENCES p)"]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table p"):
                conn.execute(refused)
        conn.execute("RESET ROLE; GRANT SELECT, DELETE ON p TO clerk; SET ROLE clerk")
        conn.execute("DELETE FROM p WHERE id = 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table c"):
            conn.execute("SELECT * FROM c")
        conn.execute("RESET ROLE")
        assert conn.execute("SELECT a FROM c").fetchall() == [(2,)]
