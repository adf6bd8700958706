"""Transfers between accounts, while processes of the cluster and SQL servers die."""
import os
import random
import subprocess
import threading
import time

import psycopg
import pytest

from conftest import ADDRESS, BINARY

ACCOUNTS = 40
SECONDS = float(os.environ.get("CLUSTER_SECONDS", "10"))
SEED = int(os.environ.get("CLUSTER_SEED", "1"))


class Transfers:
    """Clients of both servers that move money, write down each transfer, and look at the sum."""

    def __init__(self, servers, database: str) -> None:
        self._servers, self._database = servers, database
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged: set[str] = set()
        self.unknown: set[str] = set()
        self.torn: list[tuple] = []
        self.unexpected: list[str] = []
        self._threads = [threading.Thread(target=self._move, args=(number,)) for number in range(6)]
        self._threads += [threading.Thread(target=self._look, args=(number,)) for number in range(2)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _connection(self, number: int):
        return self._servers[number % 2].connect(self._database)

    def _move(self, number: int) -> None:
        choose = random.Random(1000 * SEED + number)
        connection = None
        for count in range(1 << 30):
            if self._stop.is_set():
                break
            name, committing = f"{number}-{count}", False
            try:
                connection = connection or self._connection(number)
                one, other = choose.sample(range(ACCOUNTS), 2)
                amount = choose.randint(1, 9)
                connection.execute("UPDATE account SET v = v - %s WHERE id = %s", (amount, one))
                connection.execute("UPDATE account SET v = v + %s WHERE id = %s", (amount, other))
                connection.execute("INSERT INTO transfer VALUES (%s, %s, %s, %s)", (name, one, other, amount))
                committing = True
                connection.commit()
                with self._lock:
                    self.acknowledged.add(name)
            except psycopg.Error as error:
                connection = self._after(error, connection, name if committing else None)

    def _after(self, error, connection, name):
        if error.sqlstate in ("40001", "40P01"):
            connection.rollback()
            return connection
        with self._lock:
            if name:
                self.unknown.add(name)
            # A tablet server that has just started does not know its buckets yet.
            away = "Unknown table or bucket" in str(error) or (error.sqlstate or "08")[:2] in ("08", "57", "58", "XX")
            if not away:
                self.unexpected.append(str(error))
        if connection:
            connection.close()
        time.sleep(0.1)
        return None

    def _look(self, number: int) -> None:
        connection = None
        while not self._stop.is_set():
            try:
                connection = connection or self._connection(number)
                found = connection.execute("SELECT sum(v), count(*) FROM account").fetchone()
                connection.commit()
                if found != (100 * ACCOUNTS, ACCOUNTS):
                    self.torn.append(found)
            except psycopg.Error as error:
                connection = self._after(error, connection, None)


def make_tables(server, database: str) -> None:
    with server.connect(database) as connection:
        connection.execute("CREATE TABLE account (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)")
        connection.execute("CREATE TABLE transfer (name text, one int, other int, amount int) PARTITION BY RANGE (one)")
        for first in range(0, ACCOUNTS, 10):
            for table in ("account", "transfer"):
                connection.execute(f"CREATE TABLE {table}_{first} PARTITION OF {table} "
                                   f"FOR VALUES FROM ({first}) TO ({first + 10})")
        connection.execute(f"INSERT INTO account SELECT g, 100 FROM generate_series(0, {ACCOUNTS - 1}) g")


def wait_for_cluster(server, database: str, query: str = "SELECT count(*) FROM account, transfer") -> None:
    """Until every bucket has a leader again."""
    for attempt in range(60):
        try:
            with server.connect(database) as connection:
                connection.execute(query)
                return
        except psycopg.Error:
            assert attempt < 59
            time.sleep(1)


def hold(server, database: str, transfers: Transfers) -> None:
    """What was acknowledged is there, once; balances are what the transfers make them."""
    with server.connect(database) as connection:
        found = connection.execute("SELECT name, one, other, amount FROM transfer").fetchall()
        names = [row[0] for row in found]
        assert len(names) == len(set(names))
        assert not transfers.acknowledged - set(names)
        assert not set(names) - transfers.acknowledged - transfers.unknown
        want = dict.fromkeys(range(ACCOUNTS), 100)
        for _, one, other, amount in found:
            want[one] -= amount
            want[other] += amount
        assert dict(connection.execute("SELECT id, v FROM account").fetchall()) == want
    assert not transfers.torn
    assert not transfers.unexpected
    assert transfers.acknowledged


def run(servers, database: str, strike) -> None:
    make_tables(servers[0], database)
    transfers = Transfers(servers, database)
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            strike()
    finally:
        transfers.finish()
    for server in servers:
        wait_for_cluster(server, database)
        hold(server, database, transfers)


def test_sql_servers_die(servers, database):
    choose = random.Random(SEED)

    def strike():
        time.sleep(choose.uniform(0.2, 2))
        server = choose.choice(servers)
        server.kill()
        server.start()

    run(servers, database, strike)


def test_tablet_servers_die(servers, database, fluss):
    tablets = [name for name in fluss.names() if name.startswith("tablet")]
    if len(tablets) < 3:
        pytest.skip("wants three tablet servers, of which one may die")
    choose = random.Random(SEED)

    def strike():
        time.sleep(choose.uniform(1, 3))
        name = choose.choice(tablets)
        fluss.kill(name)
        time.sleep(choose.uniform(1, 3))
        fluss.launch(name)
        time.sleep(3)

    run(servers, database, strike)


def test_the_coordinator_dies(servers, database, fluss):
    """Rows are committed without it; what needs it is done when it is back."""
    choose = random.Random(SEED)

    def strike():
        time.sleep(choose.uniform(0.5, 1))
        fluss.kill("coordinator")
        time.sleep(choose.uniform(1, 2))
        fluss.launch("coordinator")
        time.sleep(1)

    run(servers, database, strike)
    deadline = time.monotonic() + 60
    with servers[1].connect(database, autocommit=True) as connection:
        while True:  # it is back when the tablet servers have found it
            try:
                connection.execute("CREATE TABLE after (a int)")
                break
            except psycopg.errors.InvalidParameterValue as error:
                assert "available tablet servers" in str(error) and time.monotonic() < deadline
                time.sleep(0.2)
        connection.execute("INSERT INTO after VALUES (1)")


def test_an_address_without_a_cluster_is_said(fluss):
    done = subprocess.run([BINARY, "server", "--sql", "127.0.0.1:0", "--connect", "127.0.0.1:1"], timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stdout


def test_weir_sql_is_a_server_of_its_own(servers, database):
    make_tables(servers[0], database)
    command = [BINARY, "sql", "--connect", ADDRESS, "--database", database, "--format", "csv", "-c"]
    subprocess.run([*command, "UPDATE account SET v = v + 1"], check=True, timeout=120, stdout=subprocess.DEVNULL)
    with servers[1].connect(database) as connection:
        assert connection.execute("SELECT sum(v) FROM account").fetchone() == (101 * ACCOUNTS,)
