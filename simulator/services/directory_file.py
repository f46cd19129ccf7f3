"""The network file as it stands on disk: edits take effect while the network runs, broken ones do not.

Looked at, not watched: before each batch the router calls `check`, which asks the file system for the file's stamp at
most every 0.2 s and reads the file only when the stamp has changed. The stylesheets that it names are looked at and
read with it, and one that cannot be used refuses the file as a whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from conversion.replaced import Replacement, findings_of
from envelope.findings import Finding, Refused
from routing import errors
from routing.directory import Directory, StylesheetFile
from routing.network_file import DEFAULT_NETWORK, load

_LOG = structlog.get_logger(__name__)
_PAUSE = 0.2  # seconds between two looks: an edit is not missed by anybody who has just left an editor

Stamp = tuple[int, int, int]
"""Modification time in nanoseconds, size, inode (editors that save by renaming keep neither)."""


class DirectoryFile:
    """A network file and the last good directory in it.

    Args:
        path: the file; None for the network in the package.
        monotonic: seconds of a clock that never goes back.

    Raises:
        Refused: when the file is broken or missing from the start, for there is no good one to go on with.

    Attributes:
        path: the file.
        current: the directory in force.
        findings: what is wrong with the last edit while it is broken; empty when the file and `current` agree.
    """

    def __init__(self, path: Path | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = DEFAULT_NETWORK if path is None else path
        self.findings: tuple[Finding, ...] = ()
        self._monotonic = monotonic
        self._looked = monotonic()
        self._stamps = {self.path: _stamp(self.path)}
        self.current: Directory = self._load()
        self._log_warnings()

    def check(self) -> bool:
        """Look at the file and take over a good edit; whether `current` is another than before."""
        now = self._monotonic()
        if now - self._looked < _PAUSE:
            return False
        self._looked = now
        if all(_stamp(path) == stamp for path, stamp in self._stamps.items()):
            return False
        self._stamps[self.path] = _stamp(self.path)
        try:
            edited = self._load()
        except Refused as refused:
            self.findings = refused.findings
            _LOG.error("network file refused", file=self.path.name, findings=[str(one) for one in refused.findings])
            return False
        self.findings = ()
        changed = _said(edited) != _said(self.current)
        self.current = edited
        _LOG.info("network file read", file=self.path.name, participants=len(edited), changed=changed)
        self._log_warnings()
        return changed

    def _load(self) -> Directory:
        # A stamp is always taken before the text: an edit in between shows as a new stamp the next time.
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise Refused(errors.NETWORK_UNREADABLE.at(self.path.name, reason=reason)) from error
        read = load(text, self.path.name)
        paths = {one: self.path.parent / one.path for one in read.stylesheets}
        self._stamps = {self.path: self._stamps[self.path]} | {path: _stamp(path) for path in paths.values()}
        findings: list[Finding] = []
        sheets = [_sheet(one, path, findings) for one, path in paths.items()]
        if findings:
            raise Refused(findings)
        return replace(read, stylesheets=tuple(sheets))

    def _log_warnings(self) -> None:
        if self.current.warnings:
            findings = [str(one) for one in self.current.warnings]
            _LOG.warning("network file has warnings", file=self.path.name, findings=findings)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _said(directory: Directory) -> tuple[object, ...]:
    return directory.participants, directory.settings, [(one.target, one.data) for one in directory.stylesheets]


def _sheet(named: StylesheetFile, path: Path, findings: list[Finding]) -> StylesheetFile:
    """The stylesheet with what stands in its file, and findings of what is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.append(errors.STYLESHEET_UNREADABLE.at(named.place, path=named.path, reason=error.strerror))
        return named
    findings += findings_of(Replacement(named.path, data))
    return replace(named, data=data)
