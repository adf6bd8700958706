"""A Fluss client that logs in by SASL: python pyfluss_login.py HOST:PORT

The server knows the user alice, who may make databases, and asks everybody for a password. Exits 1 when something else
comes out than should. The package is pyfluss 1.0.0 or Weir's: whichever the interpreter finds.
"""
from __future__ import annotations

import asyncio
import os
import sys

import fluss

AUTHENTICATION = 46


async def connect(address: str, **properties: str):
    settings = {"bootstrap.servers": address} | {f"security.{name}": value for name, value in properties.items()}
    return await fluss.FlussConnection.create(fluss.Config({name.replace("_", "."): value for name, value in settings.items()}))


async def refused(address: str, **properties: str) -> None:
    try:
        await connect(address, **properties)
    except fluss.FlussError as error:
        assert error.error_code == AUTHENTICATION, error
    else:
        raise AssertionError(f"{properties} were enough")


async def main(address: str) -> None:
    sasl = {"protocol": "sasl", "sasl_mechanism": "PLAIN", "sasl_username": "alice"}
    connection = await connect(address, **sasl, sasl_password="alice-secret")
    admin = connection.get_admin()
    await admin.create_database("of_alice", ignore_if_exists=False)
    assert await admin.database_exists("of_alice")
    await admin.drop_database("of_alice", ignore_if_not_exists=False, cascade=True)
    await refused(address, **sasl, sasl_password="wrong")
    await refused(address, **sasl | {"sasl_username": "nobody"}, sasl_password="alice-secret")
    await refused(address)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)  # pyfluss's own threads outlive the interpreter now and then
