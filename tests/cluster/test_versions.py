"""Servers of different versions on one cluster. The last of the tests (conftest.py): nobody goes on after what it leaves in the log."""
from __future__ import annotations

import psycopg
import pytest

from answers import rows
from conftest import ADDRESS, SqlServer

fluss = pytest.importorskip("fluss.sync")
Config = pytest.importorskip("fluss").Config

LATER = bytes([3, 3])  # a commit as version 3 may write it


def test_a_server_stops_at_an_entry_that_a_newer_one_has_written(servers, sessions, database, tmp_path):
    a, b = sessions
    a.execute("CREATE TABLE t (id int PRIMARY KEY)")
    a.execute("INSERT INTO t VALUES (1)")
    a.commit()
    assert rows(b, "SELECT id FROM t") == [(1,)]
    a.execute("INSERT INTO t VALUES (2)")
    with fluss.FlussConnection.create(Config({"bootstrap.servers": ADDRESS})) as client:
        names = client.get_admin().list_tables("weir")
        last = max(int(name.removeprefix("commits_")) for name in names if name.startswith("commits_"))
        writer = client.get_table(f"weir.commits_{last}").new_append_writer()
        writer.append({"entry": LATER})
        writer.flush()
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="entries of version 3: a newer Weir writes it"):
            a.commit()
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="a newer Weir"):
            b.execute("SELECT id FROM t")
        another = SqlServer(tmp_path / "another.log")
        with pytest.raises(psycopg.Error, match="a newer Weir"):
            another.connect(database).execute("SELECT id FROM t")
        another.stop()
        assert client.get_table(f"{database}.t").new_lookup().create_lookuper().lookup([2]) is None
