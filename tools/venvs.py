"""Virtual environments beside .venv: on another Python, with other versions of what is needed.

uv makes them, because it can take the oldest version that each requirement allows. They are kept
in .matrix, and made again when pyproject.toml has changed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from pulumi_openrouter.internals.sdk_floor import FLOOR
from tools.paths import ROOT

VENVS = ROOT / ".matrix"
UV = [sys.executable, "-m", "uv"]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
"""The versions to look for, oldest first."""


@attrs.frozen
class Versions:
    """Which version of everything an environment has."""

    python: str
    """The interpreter."""
    oldest_packages: bool
    """The oldest of each package that pyproject.toml allows, else the newest."""
    oldest_sdk: bool
    """The same of Pulumi's SDK."""
    extra: str = "tests"
    """The extra whose requirements it has."""

    @property
    def folder(self) -> Path:
        """Where the environment is."""
        packages, sdk = (_age(oldest) for oldest in (self.oldest_packages, self.oldest_sdk))
        return VENVS / f"{version_of(self.python)}-{packages}-sdk-{sdk}-{self.extra}"


def oldest(python: str) -> Versions:
    """The oldest of everything on this Python."""
    return Versions(python, oldest_packages=True, oldest_sdk=True)


def pythons() -> list[str]:
    """The interpreters at hand that can make an environment, oldest first."""
    return [found for version in PYTHONS if (found := _find_python(version))]


def make(wanted: Versions) -> Path:
    """Make the environment unless it is there; returns its interpreter."""
    folder = wanted.folder
    python = folder / "bin" / "python"
    done = folder / ".done"
    recipe = f"{ROOT}\n{(ROOT / 'pyproject.toml').read_text()}"
    with _alone(folder):
        if not (done.exists() and done.read_text() == recipe):
            _run(*UV, "venv", "--quiet", "--clear", "--python", wanted.python, str(folder))
            _install(python, wanted)
            done.write_text(recipe)
    return python


def _install(python: Path, wanted: Versions) -> None:
    install = [*UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    resolution = "lowest-direct" if wanted.oldest_packages else "highest"
    _run(*install, f"--resolution={resolution}", "--editable", f"{ROOT}[{wanted.extra}]")
    # Pulumi asks pip what is installed, and its newer SDKs do not bring it along. Not as a seed of
    # the environment: packages come with it then, newer than the oldest that is to be tried.
    _run(*install, "pip")
    sdk = [f"pulumi=={FLOOR}.0"] if wanted.oldest_sdk else ["--upgrade-package=pulumi", "pulumi"]
    _run(*install, *sdk)


def _age(oldest: bool) -> str:
    return "oldest" if oldest else "newest"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Tests run in several processes, and the first makes what all use."""
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _find_python(version: str) -> str | None:
    """By its name on PATH, then where pyenv keeps it, then where uv does."""
    for look in (_on_path, _of_pyenv, _of_uv):
        found = look(version)
        if found and _works(found, version):
            return found
    return None


def _on_path(version: str) -> str | None:
    return shutil.which(f"python{version}")


def _of_pyenv(version: str) -> str | None:
    prefix = said("pyenv", "prefix", version)
    return f"{prefix}/bin/python" if prefix else None


def _of_uv(version: str) -> str | None:
    return said(*UV, "python", "find", "--no-python-downloads", "--system", version)


def _works(python: str, version: str) -> bool:
    """A shim of pyenv is on PATH for every version, and runs only those that are chosen."""
    return (version_of(python) or "").startswith(f"{version}.")


def version_of(python: str) -> str | None:
    """The version of an interpreter; None where it does not run."""
    return said(python, "-c", "import platform; print(platform.python_version())")


def said(*command: str) -> str | None:
    """What a command prints; None where it does not exist or fails."""
    with contextlib.suppress(OSError):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None
    return None


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")


def environment(python: Path) -> dict[str, str]:
    """The variables of a command in the environment of this interpreter."""
    return {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
