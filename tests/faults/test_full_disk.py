"""Opening a database on a full disk is an error, with the process alive and the data whole."""
from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import BINARY, DATABASE, LIMIT_S, read
from database import EXPECTED

DISK_MB = 8

# In a mount namespace of its own: a small disk with the database on it, filled up but for some bytes.
SCRIPT = """
set -e
mount -t tmpfs -o size={disk}m none "$1"
cp -r "$2" "$1/db"
free=$(df --output=avail -B1 "$1" | tail -n 1)
head -c $((free - {left} > 0 ? free - {left} : 0)) /dev/zero > "$1/fill"
status=0
place=$1; original=$2; shift 2
"$@" || status=$?
rm "$place/fill"
cp -r "$place/db" "$original.after"
exit $status
"""


def in_small_disk(directory, place, left, command):
    place.mkdir()
    return subprocess.run(["unshare", "-rm", "sh", "-c", SCRIPT.format(disk=DISK_MB, left=left), "sh", str(place),
                           str(directory), *command], capture_output=True, text=True, timeout=LIMIT_S)


def can_mount(place):
    place.mkdir()
    mounted = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(place)], capture_output=True)
    return mounted.returncode == 0


@pytest.mark.parametrize("left", [0, 4096, 50_000, 500_000])
@pytest.mark.parametrize("client", ["binary", "python"])
def test_opening_on_a_full_disk_is_an_error(copy_of, tmp_path, client, left):
    if not can_mount(tmp_path / "probe"):
        pytest.skip("this user may not mount a small disk")
    directory = copy_of("kill", "db")
    on_disk = str(tmp_path / "disk" / "db")
    command = ([BINARY, "sql", "--data", on_disk, "-c", "SELECT count(*) FROM events"] if client == "binary"
               else [sys.executable, DATABASE, "read", on_disk])
    done = in_small_disk(directory, tmp_path / "disk", left, command)
    assert done.returncode == (1 if client == "binary" else 0), done.stderr
    assert "No space left on device" in done.stdout + done.stderr
    assert "weir repair" not in done.stdout + done.stderr  # nothing is damaged
    found = read(tmp_path / "db.after")
    assert not isinstance(found, str), found
    assert found == EXPECTED
