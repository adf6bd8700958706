"""A disk that is full at COMMIT: a clear error, all or nothing, and the server goes on once there is room again."""
from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from psycopg import errors

from conftest import Server

MOUNT = 'mount -t tmpfs -o size=48m none "$0" && exec "$@"'  # in a mount namespace of its own


@pytest.fixture
def disk(tmp_path):
    """A server on a small disk, and the disk's folder as this process reaches it."""
    place = tmp_path / "disk"
    place.mkdir()
    within = ("unshare", "-rm", "sh", "-c", MOUNT, str(place))
    if subprocess.run([*within, "true"], capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a small disk")
    server = Server(place / "data", within=within)
    yield server, pathlib.Path(f"/proc/{server.pid}/root{place}")
    assert server.stop() == 0


def fill(folder: pathlib.Path, left: int) -> pathlib.Path:
    """A file that takes all room but for some bytes."""
    free = os.statvfs(folder)
    filler = folder / "filler"
    filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))
    return filler


@pytest.mark.parametrize("left", [0, 100_000])
def test_a_commit_on_a_full_disk_is_none(disk, left):
    server, folder = disk
    with server.connect(autocommit=True) as conn, server.connect(autocommit=True) as other:
        conn.execute("CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY HASH (id)")
        for i in range(2):
            conn.execute(f"CREATE TABLE t{i} PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER {i})")
        conn.execute("CREATE TABLE l (id int, v text)")
        conn.execute("INSERT INTO t SELECT g, 'old' FROM generate_series(1, 10) g")
        filler = fill(folder, left)
        with pytest.raises(errors.DiskFull, match="No space left on device"), conn.transaction():
            conn.execute("INSERT INTO t SELECT g, repeat(md5(g::text), 30) FROM generate_series(11, 2000) g")
            conn.execute("UPDATE t SET v = 'new' WHERE id < 5")
            conn.execute("INSERT INTO l SELECT g, repeat(md5(g::text), 30) FROM generate_series(1, 2000) g")
            conn.execute("CREATE TABLE made (i int)")
        assert other.execute("SELECT count(*), count(*) FILTER (WHERE v = 'new') FROM t").fetchall() == [(10, 0)]
        filler.unlink()
        other.execute("SET lock_timeout = '10s'")
        assert other.execute("UPDATE t SET v = 'after' WHERE id = 1").rowcount == 1
        other.execute("CREATE TABLE made (i int)")
        assert other.execute("SELECT count(*) FROM l").fetchall() == [(0,)]
