"""Messages of native code reach Python's logger `fluss`, and nothing else is printed."""

import logging
import subprocess
import sys
import time

import pyarrow as pa
import pytest

import fluss
import fluss.sync

TORN_TAIL = "cut off a torn tail"

REOPEN = """
import logging, sys
{setup}
import fluss, fluss.sync
connection = fluss.sync.FlussConnection.open(sys.argv[1])
admin = connection.get_admin()
print(admin.list_offsets(fluss.TablePath("fluss", "t"), [0], fluss.OffsetSpec.latest()))
connection.close()
"""


@pytest.fixture
def torn(tmp_path):
    """A database whose log ends in half a batch, as after lost power."""
    directory = tmp_path / "db"
    connection = fluss.sync.FlussConnection.open(str(directory))
    path = fluss.TablePath("fluss", "t")
    schema = fluss.Schema(pa.schema([("id", pa.int64())]))
    connection.get_admin().create_table(path, fluss.TableDescriptor(schema, bucket_count=1))
    writer = connection.get_table(path).new_append().create_writer()
    writer.append({"id": 1})
    writer.flush()
    connection.close()
    (segment,) = directory.rglob("0" * 20 + ".log")
    content = segment.read_bytes()
    segment.write_bytes(content + content[: len(content) // 2])
    return directory


def reopen(directory, setup: str = "") -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", REOPEN.format(setup=setup), str(directory)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def test_go_to_the_logger(torn):
    finished = reopen(torn, "logging.basicConfig(format='%(name)s|%(levelname)s|%(message)s')")
    assert finished.stdout == "{0: 1}\n"
    lines = finished.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("fluss|WARNING|log segment ") and TORN_TAIL in lines[0]


def test_are_warnings_on_stderr_without_a_handler(torn):
    finished = reopen(torn)
    assert finished.stdout == "{0: 1}\n"
    assert TORN_TAIL in finished.stderr


def test_are_silenced_as_any_logger(torn):
    finished = reopen(torn, "logging.getLogger('fluss').setLevel(logging.ERROR)")
    assert (finished.stdout, finished.stderr) == ("{0: 1}\n", "")


def test_a_handler_that_fails_harms_nothing(torn):
    finished = reopen(
        torn,
        "class Bad(logging.Handler):\n    def emit(self, record): raise ValueError('handler')\n"
        "logging.getLogger('fluss').addHandler(Bad())",
    )
    assert finished.stdout == "{0: 1}\n"
    assert "ValueError: handler" in finished.stderr


def test_reach_handlers_of_this_process(torn, caplog):
    with caplog.at_level(logging.WARNING, "fluss"):
        connection = fluss.sync.FlussConnection.open(str(torn))
        connection.get_admin().list_offsets(fluss.TablePath("fluss", "t"), [0], fluss.OffsetSpec.latest())
        connection.close()
        deadline = time.monotonic() + 30
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.01)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("fluss", logging.WARNING)
    assert TORN_TAIL in record.getMessage()
