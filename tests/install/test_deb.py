"""What scripts/deb makes of the release build: lintian has nothing to say (the script ends otherwise), and its files work."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import psycopg
import pytest

from conftest import BUILD, ROOT, run


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> pathlib.Path:
    output = tmp_path_factory.mktemp("deb")
    run(ROOT / "scripts" / "deb", "--build-dir", BUILD, "--output", output, DEB_LEVEL="0")
    (made,) = output.glob("weir_*_amd64.deb")
    return made


@pytest.fixture(scope="module")
def root(package) -> pathlib.Path:
    """Its files, laid out elsewhere than on this machine."""
    directory = package.parent / "root"
    run("dpkg-deb", "-x", package, directory)
    return directory


def test_it_depends_on_debians_libraries(package):
    needed = run("dpkg-deb", "-f", package, "Depends")
    for library in ("libc6", "librocksdb7.8", "libssl3", "libprotobuf-lite32", "libicu72", "tzdata"):
        assert library in needed
    assert "arrow" not in needed and "duckdb" not in needed
    assert run("dpkg-deb", "-I", package, "conffiles") == "/etc/default/weir\n"


def test_what_debian_lacks_comes_along(root):
    found = dict(re.findall(r"^\t(\S+) => (\S+)", run("ldd", root / "usr/bin/weir"), re.MULTILINE))
    for name in ("libarrow.so.2600", "libparquet.so.2600", "libduckdb.so"):
        assert pathlib.Path(found[name]).resolve() == (root / "usr/lib/weir" / name).resolve()


def test_the_server_runs_from_it(root, tmp_path):
    """As the unit starts it: the options that /etc/default/weir names, but on ports of its own choice."""
    options = dict(re.findall(r'^(\w+)="(.*)"$', (root / "etc/default/weir").read_text(), re.MULTILINE))
    listen = re.sub(r":\d+", ":0", options["WEIR_LISTEN"]).split()
    server = subprocess.Popen([root / "usr/bin/weir", "server", "--data", tmp_path / "data", *listen],
                              stdout=subprocess.PIPE, text=True)
    try:
        lines = [server.stdout.readline() for _ in range(2)]
        (port,) = re.findall(r" on 127\.0\.0\.1:(\d+) for SQL$", "".join(lines), re.MULTILINE)
        with psycopg.connect(host="127.0.0.1", port=port, user="weir", dbname="fluss") as connection:
            assert connection.execute("SELECT 6 * 7").fetchone() == (42,)
    finally:
        server.terminate()
        code = server.wait(60)
        server.stdout.close()
    assert code == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="without systemd-analyze")
def test_the_unit_is_sound(root):
    unit = root / "lib/systemd/system/weir.service"
    text = unit.read_text()
    assert "ExecStart=/usr/bin/weir server --data /var/lib/weir $WEIR_LISTEN $WEIR_OPTIONS\n" in text
    # The program is elsewhere here.
    here = root / "weir.service"
    here.write_text(text.replace("/usr/bin/weir", str(root / "usr/bin/weir")).replace("Documentation=man:weir-server(1)\n", ""))
    assert run("systemd-analyze", "verify", "--man=no", here) == ""
    level = re.search(r"weir\.service: ([0-9.]+) ", run("systemd-analyze", "security", "--offline=true", here))
    assert float(level.group(1)) < 2


def test_the_documents_are_in_it(root):
    assert (root / "usr/share/doc/weir/security.md.gz").is_file()
    assert "/usr/share/doc/weir/security.md.gz" in (root / "etc/default/weir").read_text()


def test_each_command_has_its_page(root):
    pages = {page.name.removesuffix(".gz") for page in (root / "usr/share/man/man1").iterdir()}
    commands = re.findall(r"^  ([a-z]+) ", run(root / "usr/bin/weir", "--help"), re.MULTILINE)
    assert pages == {"weir.1"} | {f"weir-{command}.1" for command in commands}
