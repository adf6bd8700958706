"""The weir binary under test: $WEIR_BINARY, or the release build."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "release" / "weir")).resolve())


class Weir:
    """Runs the binary in a directory of its own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def run(self, *arguments, code=0, **options):
        done = subprocess.run([BINARY, *map(str, arguments)], cwd=self.directory, capture_output=True, text=True,
                              timeout=300, **options)
        assert done.returncode == code, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *arguments, **options):
        return subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.directory, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **options)

    def json(self, *arguments, code=0):
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def error(self, *arguments, code=1):
        done = self.run(*arguments, code=code)
        assert done.stderr.startswith("weir: "), done.stderr
        return done.stderr

    def export(self, database, table, *arguments):
        """The rows of a table as an Arrow table."""
        import pyarrow as pa
        done = subprocess.run([BINARY, "export", str(database), table, "-", "--format", "arrows", *arguments],
                              cwd=self.directory, capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        return pa.ipc.open_stream(done.stdout).read_all()


@pytest.fixture
def weir(tmp_path):
    return Weir(tmp_path)
