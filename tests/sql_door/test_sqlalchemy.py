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
