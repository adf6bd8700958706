"""Scale-in that ends: on a cluster of its own, of two tablet servers whose tables have one replica each."""
from __future__ import annotations

import os
import re
import subprocess
import time

import pytest

from conftest import BINARY, FlussServers

PORT = int(os.environ.get("FLUSS_PORT", "19223")) + 20
FILL = """
    CREATE TABLE orders (region int, id int, note text, PRIMARY KEY (region, id))
      PARTITION BY LIST (region) (PARTITION north VALUES IN (1), PARTITION east VALUES IN (2), PARTITION south VALUES IN (3));
    CREATE TABLE visits (id int, page text);
    INSERT INTO orders SELECT i % 4, i, 'row ' || i FROM generate_series(1, 400) i;
    INSERT INTO visits SELECT i, 'page ' || i FROM generate_series(1, 100) i"""
ALL = """
    SELECT (SELECT count(*) || ' ' || sum(id) || ' ' || min(note) FROM orders) || ', ' ||
           (SELECT count(*) || ' ' || sum(id) || ' ' || min(page) FROM visits) AS found"""
WHERE = "SELECT DISTINCT unnest(replicas) AS at FROM kwdb_internal.ranges WHERE database_name = current_database() ORDER BY 1"

NODES = "SELECT node_id FROM kwdb_internal.gossip_nodes WHERE is_live ORDER BY 1"


@pytest.fixture(scope="module")
def small(fluss, tmp_path_factory):
    """The cluster's address, and its processes."""
    directory = tmp_path_factory.mktemp("small")
    (directory / "lib").symlink_to((fluss.directory / "lib").resolve())
    servers = FlussServers(directory, FLUSS_TABLETS="2", FLUSS_REPLICATION="1", FLUSS_PORT=str(PORT),
                           ZOOKEEPER_PORT=str(PORT + 9))
    yield servers.start(), servers
    servers.stop()


def sql(address: str, statement: str) -> str:
    done = subprocess.run([BINARY, "sql", "--connect", address, "--format", "csv", "-c", statement],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r", "")


def decommission(address: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BINARY, "decommission", address, *arguments], capture_output=True, text=True, timeout=300)


def test_a_server_gives_all_its_replicas_away_and_can_be_stopped(small):
    address, servers = small
    sql(address, FILL)
    before = sql(address, ALL)
    assert "400 80200 row 1, 100 5050 page 1" in before

    pinned = "ALTER PARTITION north OF TABLE orders CONFIGURE ZONE USING num_replicas = 1, constraints = "
    sql(address, pinned + "'[+region=NODE2]'")
    refused = decommission(address, "1")
    assert refused.returncode == 1 and "zones want replicas on server 1, in NODE2" in refused.stderr
    assert "north" in refused.stderr
    sql(address, pinned + "'[]'")

    gone = decommission(address, "1")
    assert gone.returncode == 0, gone.stderr
    assert re.fullmatch(r"(server 1 has \d+ replicas?\n)+server 1 has no replicas: it can be stopped\n", gone.stdout)
    assert sql(address, WHERE).split() == ["at", "1"]  # KWDB's nodes count from 1
    servers.kill("tablet1")
    assert sql(address, ALL) == before
    sql(address, "CREATE TABLE later (a int PRIMARY KEY); INSERT INTO later VALUES (1)")

    servers.launch("tablet1")
    end = time.monotonic() + 120
    while sql(address, NODES).split() != ["node_id", "1", "2"]:  # it has not yet told the coordinator of itself
        assert time.monotonic() < end
    back = decommission(address, "1", "--undo")
    assert back.returncode == 0 and back.stdout == "server 1 gets replicas again\n", back.stderr
    assert sql(address, ALL) == before
