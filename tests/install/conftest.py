from __future__ import annotations

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "release" / "weir")).resolve().parent
# What is installed is used, not the package or the libraries of a build folder.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LD_LIBRARY_PATH")}


def run(*command: object, cwd: pathlib.Path = ROOT, **environment: str) -> str:
    """What a command prints, errors among it, when it has succeeded."""
    done = subprocess.run([*map(str, command)], cwd=cwd, env={**ENVIRONMENT, **environment}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def readme_program() -> str:
    return re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL).group(1)
