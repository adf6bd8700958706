"""Sequences: what ORMs, psql and pg_dump do with them, and that no value comes twice."""
from __future__ import annotations

import threading

import psycopg
import pytest
import sqlalchemy as sa


def one(connection, query: str):
    return connection.execute(query).fetchone()[0]


def test_sqlalchemy_makes_its_default_keys(server, database):
    engine = sa.create_engine(f"postgresql+psycopg://tester@127.0.0.1:{server.port}/{database}")
    made = sa.MetaData()
    table = sa.Table("made", made, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(10)))
    always = sa.Table("always", made, sa.Column("id", sa.BigInteger, sa.Identity(always=True, start=5), primary_key=True),
                      sa.Column("name", sa.String(10)))
    made.create_all(engine)
    with engine.begin() as connection:
        assert connection.execute(table.insert().values(name="a")).inserted_primary_key == (1,)
        connection.execute(table.insert(), [{"name": "b"}, {"name": "c"}])
        assert connection.execute(sa.select(table).order_by(table.c.id)).all() == [(1, "a"), (2, "b"), (3, "c")]
        assert connection.execute(always.insert().values(name="x")).inserted_primary_key == (5,)
    found = sa.inspect(engine)
    assert found.get_columns("made")[0]["default"] == "nextval('made_id_seq'::regclass)"
    identity = found.get_columns("always")[0]["identity"]
    assert (identity["always"], identity["start"]) == (True, 5)
    assert sorted(found.get_sequence_names()) == ["always_id_seq", "made_id_seq"]
    made.drop_all(engine)
    assert sa.inspect(engine).get_sequence_names() == []
    engine.dispose()


def test_psql_shows_them(server, database, conn):
    conn.execute("CREATE TABLE q (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY)")
    shown = server.psql("-c", r"\d q", database=database)
    assert "nextval('q_id_seq'::regclass)" in shown
    assert "generated always as identity" in shown
    listed = server.psql("-At", "-c", r"\ds", database=database)
    assert [line.split("|")[1:3] for line in listed.splitlines()] == [["q_id_seq", "sequence"], ["q_n_seq", "sequence"]]
    described = server.psql("-c", r"\d q_id_seq", database=database)
    assert 'Sequence "public.q_id_seq"' in described
    assert "Owned by: public.q.id" in described


def test_copy_gives_each_row_a_value(conn):
    conn.execute("CREATE TABLE q (id serial PRIMARY KEY, b text)")
    with conn.cursor().copy("COPY q (b) FROM STDIN") as copy:
        for row in range(5000):
            copy.write_row([str(row)])
    assert conn.execute("SELECT min(id), max(id), count(DISTINCT id) FROM q").fetchone() == (1, 5000, 5000)
    assert conn.execute("SELECT count(*) FROM q WHERE id = b::int + 1").fetchone() == (5000,)


def test_sessions_share_a_sequence(server, database, conn):
    conn.execute("CREATE SEQUENCE s")
    taken: list[int] = []

    def take():
        with server.connect(database, autocommit=True) as connection:
            taken.extend(one(connection, "SELECT nextval('s')") for _ in range(100))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 401))


def test_no_value_comes_twice_after_a_kill(start_server):
    server = start_server()
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE q (id serial PRIMARY KEY, b int)")
        connection.execute("CREATE SEQUENCE s")
    last = 0
    for _ in range(3):
        with server.connect(autocommit=True) as connection:
            for _ in range(40):
                value = one(connection, "SELECT nextval('s')")
                assert value > last
                last = value
            connection.execute("INSERT INTO q (b) SELECT i FROM generate_series(1, 50) i")
            with connection.transaction(force_rollback=True):
                last = one(connection, "SELECT nextval('s')")
        server.kill()
        server = start_server()
    with server.connect(autocommit=True) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT id) FROM q").fetchone() == (150, 150)
        assert last < one(connection, "SELECT nextval('s')") <= last + 33


def test_an_orderly_end_leaves_no_gap(start_server):
    server = start_server()
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE s")
        assert one(connection, "SELECT nextval('s')") == 1
    assert server.stop() == 0
    with start_server().connect(autocommit=True) as connection:
        assert connection.execute("SELECT last_value, is_called FROM s").fetchone() == (1, True)
        assert one(connection, "SELECT nextval('s')") == 2


def test_who_may_use_one(start_server):
    server = start_server()
    with server.connect(autocommit=True) as owner:
        owner.execute("CREATE ROLE ann LOGIN; CREATE SEQUENCE s; CREATE TABLE q (id serial, b int)")
        owner.execute("CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY, b int)")
        owner.execute("GRANT INSERT ON q, i TO ann")
        with server.connect(user="ann", autocommit=True) as ann:
            for statement in ("SELECT nextval('s')", "SELECT setval('s', 3)", "SELECT last_value FROM s",
                              "INSERT INTO q (b) VALUES (1)", "DROP SEQUENCE s"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    ann.execute(statement)
            ann.execute("INSERT INTO i (b) VALUES (1)")  # the identity is the column's own
            owner.execute("GRANT UPDATE ON s TO ann")
            assert one(ann, "SELECT nextval('s')") == 1
