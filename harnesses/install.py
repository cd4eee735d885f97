"""Installing a harness from its lock file: the exact versions, checked by their hashes, no install scripts run.

ROOT/NAME/                package.json, package-lock.json, node_modules/
ROOT/NAME/.reins-lock     SHA-256 of the lock file it was installed from
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from harnesses import catalog
from harnesses.errors import InstallError
from harnesses.outside import sentence

TIMEOUT = 1200.0  # seconds for the download of a few hundred megabytes
_MARKER = ".reins-lock"
_FILES = ("package.json", "package-lock.json")
_NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def directory(name: str, root: Path) -> Path:
    """Where the harness ``name`` is, or would be, below ``root``: `Spec.install_dir`."""
    return root / name


def installed(name: str, root: Path) -> bool:
    """Whether exactly what the lock file says is there; true for a harness with nothing to install.
    Raises UnknownHarness."""
    lock = catalog.get(name).lock
    if lock is None:
        return True
    try:
        return (directory(name, root) / _MARKER).read_text(encoding="utf-8") == _digest(lock)
    except (FileNotFoundError, NotADirectoryError):
        return False


async def install(name: str, root: Path) -> None:
    """Install the harness into ``root``/``name``; at once when it is there already. It appears whole or not at all.

    npm runs with the caller's environment, because its registry and proxy settings are there.
    Raises UnknownHarness, InstallError."""
    lock = catalog.get(name).lock
    if lock is None or installed(name, root):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise InstallError(f"{name} is installed with npm, and there is no `npm` in PATH. Install Node.js 20 or newer.")
    fresh = await asyncio.to_thread(_prepare, name, root, lock)
    try:
        await _npm_ci(npm, name, fresh)
        await asyncio.to_thread(_publish, fresh, directory(name, root), _digest(lock))
    finally:
        await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)


def _digest(lock: Path) -> str:
    return hashlib.sha256((lock / "package-lock.json").read_bytes()).hexdigest()


def _prepare(name: str, root: Path, lock: Path) -> Path:
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root))
        for file in _FILES:
            shutil.copy(lock / file, fresh / file)
    except OSError as error:
        raise InstallError(
            f"{name} cannot be installed into {root}: {error.strerror}. Check its permissions."
        ) from error
    return fresh


def _publish(fresh: Path, target: Path, digest: str) -> None:
    (fresh / _MARKER).write_text(digest, encoding="utf-8")
    old = fresh.with_name(fresh.name + "-old")
    try:
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except OSError as error:
        raise InstallError(f"{target} could not be put in place: {error.strerror}. Try again.") from error
    finally:
        shutil.rmtree(old, ignore_errors=True)


async def _npm_ci(npm: str, name: str, where: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        npm,
        *_NPM_CI,
        cwd=where,
        env={**os.environ, "npm_config_update_notifier": "false"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            _, stderr = await process.communicate()
    except TimeoutError:
        raise InstallError(f"npm did not finish installing {name} within {TIMEOUT:g} s. Check the network.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = sentence(stderr.decode("utf-8", "replace").removeprefix("npm error"))
        raise InstallError(f"npm could not install {name} (check the network and npm's registry setting): {said}")
