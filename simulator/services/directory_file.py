"""The network file as it stands on disk: edits take effect while the network runs, broken ones do not.

Looked at, not watched: before each batch the router calls `check`, which asks the file system for the file's stamp at
most every 0.2 s and reads the file only when the stamp has changed. The stylesheets that it names are looked at and
read with it, and one that cannot be used refuses the file as a whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog

from conversion.replaced import Replacement, findings_of
from envelope.findings import Finding, Refused
from routing import errors
from routing.directory import Directory, StylesheetFile
from routing.network_file import DEFAULT_NETWORK, load
from simulator.errors import NO_FILE

_LOG = structlog.get_logger(__name__)
_PAUSE = 0.2  # seconds between two looks: an edit is not missed by anybody who has just left an editor

Stamp = tuple[int, int, int]
"""Modification time in nanoseconds, size, inode (editors that save by renaming keep neither)."""


class DirectoryFile:
    """A network file and the last good directory in it.

    Args:
        path: the file; None for the network in the package.
        monotonic: seconds of a clock that never goes back.
        copy: where a directory that is put in place is written when `path` is not to be: the one in the package, or one
            that is another's too; None for `path` itself.

    Raises:
        Refused: when the file is broken or missing from the start, for there is no good one to go on with.

    Attributes:
        path: the file.
        current: the directory in force.
        findings: what is wrong with the last edit while it is broken; empty when the file and `current` agree.
    """

    def __init__(
        self,
        path: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        copy: Path | None = None,
    ) -> None:
        self.path = DEFAULT_NETWORK if path is None else path
        self._copy = copy
        self.findings: tuple[Finding, ...] = ()
        self._monotonic = monotonic
        self._looked = monotonic()
        self._stamps = {self.path: _stamp(self.path)}
        self.current: Directory = self._load()
        self._log_warnings()

    def put(self, text: str) -> None:
        """Write a directory in place of the one in force, which it is from now on.

        Args:
            text: of a network file; the stylesheets that it names are looked for beside the file that is written.

        Raises:
            Refused: it is broken (nothing is written then), or the file cannot be written (VS-486).
        """
        path = self._copy or self.path
        load(text, path.name)  # before anything is touched
        before = (self.path, self._stamps, self.current)
        kept = path.with_name(f".{path.name}.new")
        try:
            kept.write_text(text, encoding="utf-8")
            self.path, self._stamps = kept, {kept: _stamp(kept)}
            self.current = replace(self._load(), source=path.name)
            kept.replace(path)
        except OSError as error:
            self.path, self._stamps, self.current = before
            raise Refused(NO_FILE.at("", path=path.name, reason=error.strerror)) from None
        except Refused:
            self.path, self._stamps, self.current = before
            raise
        finally:
            with suppress(OSError):
                kept.unlink(missing_ok=True)
        self._stamps = {path: _stamp(path)} | {one: stamp for one, stamp in self._stamps.items() if one != kept}
        self.path, self._copy, self.findings = path, None, ()
        _LOG.info("network file written", file=path.name, participants=len(self.current))

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

    def text(self) -> str:
        """The file as it is written.

        Raises:
            Refused: it cannot be read.
        """
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise Refused(errors.NETWORK_UNREADABLE.at(self.path.name, reason=reason)) from error

    def _load(self) -> Directory:
        # A stamp is always taken before the text: an edit in between shows as a new stamp the next time.
        read = load(self.text(), self.path.name)
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
