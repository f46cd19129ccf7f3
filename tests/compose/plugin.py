"""Docker Compose: the one that is there, or Debian's.

`python3 -m tests.compose.plugin FOLDER` makes sure that there is one, and prints a folder for the PATH in which it is.
Debian 12 has none that is new enough; the `docker-compose` of Debian 13 runs there too, and is taken by apt from the
mirror that this machine uses.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

FIRST_VERSION = (2, 23, 1)
"""A configuration may stand in the file itself."""

DEBIAN = "trixie"
"""The first Debian with such a Compose, with Python 3.13, RabbitMQ 4 and PostgreSQL 17."""

PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"


def found() -> list[str] | None:
    """How Compose is called here; None where there is none, or only an old one."""
    for command in (["docker-compose"], ["docker", "compose"]):
        if shutil.which(command[0]):
            told = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
            version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", told.stdout)
            if told.returncode == 0 and version and tuple(map(int, version.groups())) >= FIRST_VERSION:
                return command
    return None


def fetched(folder: Path) -> Path:
    """Debian's Compose, unpacked in a folder.

    Returns:
        the program.
    """
    lists, archives = folder / "lists", folder / "archives"
    for one in (lists / "partial", archives / "partial"):
        one.mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb {mirror() or _no_mirror()} {DEBIAN} main\n")
    apart = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": lists,
        "Dir::Cache::Archives": archives,
        "Dir::Cache::PkgCache": "",
        "Dir::Cache::SrcPkgCache": "",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "--quiet=2", *(part for name, value in apart.items() for part in ("-o", f"{name}={value}"))]
    subprocess.run([*apt, "update"], check=True, stdout=sys.stderr)
    subprocess.run([*apt, "download", "docker-compose"], check=True, stdout=sys.stderr, cwd=archives)
    [package] = archives.glob("docker-compose_*.deb")
    subprocess.run(["dpkg-deb", "--extract", package, folder / "root"], check=True)
    return folder / "root" / PLUGIN


def mirror() -> str | None:
    """Where apt takes Debian's packages from on this machine; None where it does not."""
    if not shutil.which("apt-get"):
        return None
    listing = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    told = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    return told[0] if told else None


def _no_mirror() -> str:
    raise SystemExit("There is no Docker Compose here, and no apt that could take Debian's: install it.")


if __name__ == "__main__":
    if command := found():
        sys.stdout.write(f"{Path(shutil.which(command[0]) or '').parent}\n")
    else:
        sys.stdout.write(f"{fetched(Path(sys.argv[1]).resolve()).parent}\n")
