"""Images that cannot be pulled, made of Debian's packages: stand-ins under the names that our files use.

Each folder of `stand-ins/` is one, and its compose.yml says for which. They behave as the official images do as far as
our files rely on it: the same folders, users, volumes, variables and defaults. How this machine reaches Debian and a
package index is known to the stand-ins alone, and stays on this machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.compose.engine import Engine
from tests.compose.plugin import DEBIAN, mirror

FOLDER = Path(__file__).with_name("stand-ins")
_DEBIAN_IMAGE = "vansim-stand-in:debian"  # as the Dockerfiles name it
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_OF_PIP = {"index-url", "trusted-host"}


def make(engine: Engine) -> None:
    """Make all of them, in an engine of our own."""
    with tempfile.TemporaryDirectory(prefix="vansim-stand-ins-") as name:
        folder = Path(name)
        root = folder / "debian"
        bootstrap = ["debootstrap", "--variant=minbase", "--include=ca-certificates", DEBIAN, str(root)]
        subprocess.run([*bootstrap, *filter(None, [mirror()])], check=True, stdout=subprocess.DEVNULL)
        packed = folder / "debian.tar"
        subprocess.run(["tar", "-C", root, "--exclude=./var/cache/apt/archives/*.deb", "-cf", packed, "."], check=True)
        told(engine, "docker", "import", packed, _DEBIAN_IMAGE)
        made = shutil.copytree(FOLDER, folder / "stand-ins")
        _reach_the_index(made / "python")
        told(engine, *engine.compose, "--file", made / "compose.yml", "build")


def told(engine: Engine, *command: str | Path, **variables: str) -> str:
    """Run a command and give what it printed; its failure is told and ends everything."""
    ended = engine.command(*command, **variables)
    if ended.returncode != 0:
        words = " ".join(map(str, command))
        raise SystemExit(f"{words}\n{ended.stdout[-4000:]}{ended.stderr[-4000:]}exit code {ended.returncode}")
    return ended.stdout


def _reach_the_index(context: Path) -> None:
    """Let pip in the stand-in find its index and trust it as pip on this machine does."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = {
        name.rpartition(".")[2]: value
        for name, _, value in (line.partition("=") for line in listed.stdout.splitlines())
    }
    lines = [f"{name} = {settings[name].strip(chr(39))}" for name in sorted(_OF_PIP & settings.keys())]
    (context / "pip.conf").write_text("\n".join(["[global]", f"cert = {_CERTIFICATES}", *lines, ""]))
    shutil.copy(_CERTIFICATES, context)
