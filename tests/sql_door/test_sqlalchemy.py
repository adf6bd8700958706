"""SQLAlchemy: what it finds out of tables, and tables that it makes."""
from __future__ import annotations

import pytest
import sqlalchemy as sa


@pytest.fixture
def engine(server, database):
    made = sa.create_engine(f"postgresql+psycopg://tester@127.0.0.1:{server.port}/{database}")
    yield made
    made.dispose()


def test_reflection(engine, conn):
    conn.execute("CREATE TABLE plain (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', price numeric(10,2), "
                 "at timestamptz, CONSTRAINT positive CHECK (id > 0))")
    conn.execute("CREATE TABLE root (day date NOT NULL, n bigint, PRIMARY KEY (day, n)) PARTITION BY RANGE (day)")
    conn.execute("CREATE TABLE leaf PARTITION OF root FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")
    found = sa.inspect(engine)
    assert sorted(found.get_table_names()) == ["leaf", "plain", "root"]
    assert found.has_table("plain") and not found.has_table("nope")
    columns = [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns("plain")]
    assert columns == [("id", "INTEGER", False, None), ("name", "VARCHAR(20)", False, "'x'::character varying"),
                       ("price", "NUMERIC(10, 2)", True, None), ("at", "TIMESTAMP", True, None)]
    assert found.get_columns("plain")[3]["type"].timezone
    key = found.get_pk_constraint("root")
    assert (key["name"], key["constrained_columns"]) == ("root_pkey", ["day", "n"])
    assert found.get_pk_constraint("leaf")["constrained_columns"] == ["day", "n"]
    checks = [(check["name"], check["sqltext"]) for check in found.get_check_constraints("plain")]
    assert checks == [("positive", "id > 0")]
    assert found.get_indexes("plain") == [] and found.get_foreign_keys("plain") == []
    everything = sa.MetaData()
    everything.reflect(engine)
    assert sorted(everything.tables) == ["leaf", "plain", "root"]


def test_tables_of_its_own(engine):
    made = sa.MetaData()
    table = sa.Table("made", made, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
                     sa.Column("name", sa.String(10)))
    made.create_all(engine)
    made.create_all(engine)  # sees that it is there
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"id": 1, "name": "a"}, {"id": 2, "name": None}])
        assert connection.execute(sa.select(table).order_by(table.c.id)).all() == [(1, "a"), (2, None)]
    made.drop_all(engine)
    assert sa.inspect(engine).get_table_names() == []


def test_drop_all_and_create_all_in_one_transaction(engine):
    made = sa.MetaData()
    table = sa.Table("made", made, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    log = sa.Table("log", made, sa.Column("line", sa.String))
    made.create_all(engine)
    for turn in range(2):
        with engine.begin() as connection:
            connection.execute(table.insert(), [{"id": 1}])
            made.drop_all(connection)
            assert sa.inspect(connection).get_table_names() == []
            made.create_all(connection)
            connection.execute(table.insert(), [{"id": 7 + turn}])
            connection.execute(log.insert(), [{"line": "a"}])
        with engine.connect() as connection:
            assert connection.execute(sa.select(table.c.id)).all() == [(7 + turn,)]
            assert connection.execute(sa.select(log.c.line)).all() == [("a",)]
    with pytest.raises(RuntimeError), engine.begin() as connection:
        made.drop_all(connection)
        raise RuntimeError("and back")
    assert sorted(sa.inspect(engine).get_table_names()) == ["log", "made"]


def test_pandas_replaces_a_table(engine):
    pandas = pytest.importorskip("pandas")
    for values in ([1, 2], [3, 4, 5]):
        pandas.DataFrame({"v": values}).to_sql("frame", engine, if_exists="replace", index=False)
        assert pandas.read_sql("SELECT v FROM frame ORDER BY v", engine)["v"].tolist() == values
    with engine.begin() as connection:
        pandas.DataFrame({"w": ["x"]}).to_sql("frame", connection, if_exists="replace", index=False)
    assert pandas.read_sql("SELECT w FROM frame", engine)["w"].tolist() == ["x"]
