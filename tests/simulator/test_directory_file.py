"""The network file on disk: good edits take effect, broken ones leave the last good one in force."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from envelope.findings import Refused
from routing import errors
from simulator.services.directory_file import DirectoryFile

GOOD = (
    "participants:\n- {gln: 5799900000016, sor: 99000011000016003, name: x, kind: hospital, takes: [{type: XDIS91}]}\n"
)
OTHER = "participants:\n- {gln: 5799900000023, sor: 99000021000016007, name: y, kind: hospital}\n"
DOUBTFUL = GOOD.replace("XDIS91", "CareComunication")


class Watch:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        """What it shows."""
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    """The clock that the file is looked at by."""
    return Watch()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good network file."""
    path = tmp_path / "network.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def file(path: Path, watch: Watch) -> DirectoryFile:
    """The file as the network holds it, and already time for the next look."""
    file = DirectoryFile(path, watch)
    watch.seconds += 1
    return file


def glns(file: DirectoryFile) -> list[str]:
    """Who is in the directory in force."""
    return [one.gln for one in file.current]


def test_without_a_path_the_packaged_network_is_in_force() -> None:
    """The network that ships in the package needs no file of one's own, and no argument at all."""
    file = DirectoryFile()
    assert file.current.participant("5790000120314") is not None
    assert not file.check()


def test_an_edit_takes_effect(file: DirectoryFile, path: Path) -> None:
    """After a good edit the next look changes the directory and says so, in the log too."""
    path.write_text(OTHER, encoding="utf-8")
    with capture_logs() as logs:
        assert file.check()
    assert glns(file) == ["5799900000023"]
    assert [(one["event"], one["participants"], one["changed"]) for one in logs] == [("network file read", 1, True)]


def test_nothing_is_read_while_nothing_changes(file: DirectoryFile, watch: Watch) -> None:
    """An untouched file keeps the very same directory in force, without a word in the log."""
    before = file.current
    with capture_logs() as logs:
        for _ in range(3):
            assert not file.check()
            watch.seconds += 1
    assert file.current is before
    assert logs == []


def test_looks_are_a_fifth_of_a_second_apart(file: DirectoryFile, path: Path, watch: Watch) -> None:
    """Between two looks the file system is left alone, so an edit takes effect at the next one."""
    assert not file.check()
    path.write_text(OTHER, encoding="utf-8")
    watch.seconds += 0.1
    assert not file.check()
    assert glns(file) == ["5799900000016"]
    watch.seconds += 0.15
    assert file.check()


def test_a_broken_edit_leaves_the_last_good_one_in_force(file: DirectoryFile, path: Path, watch: Watch) -> None:
    """What is wrong with the edit is kept and logged once, with line and reason, until the file is good again."""
    path.write_text(GOOD.replace("0016,", "0017,"), encoding="utf-8")
    with capture_logs() as logs:
        assert not file.check()
        watch.seconds += 1
        assert not file.check()
    assert glns(file) == ["5799900000016"]
    assert [finding.rule for finding in file.findings] == [errors.PARTICIPANT_GLN_CHECK_DIGIT]
    assert file.findings[0].location == "network.yaml, line 2, column 9"
    assert [(one["event"], one["log_level"]) for one in logs] == [("network file refused", "error")]
    assert "line 2, column 9" in logs[0]["findings"][0]

    path.write_text(OTHER, encoding="utf-8")
    watch.seconds += 1
    assert file.check()
    assert file.findings == ()


def test_a_rewrite_that_says_the_same_changes_nothing(file: DirectoryFile, path: Path) -> None:
    """A new comment is read and is no change; what was in force stays in force, with new line numbers."""
    path.write_text("# a comment\n" + GOOD, encoding="utf-8")
    assert not file.check()
    assert glns(file) == ["5799900000016"]


def test_the_same_size_is_noticed(file: DirectoryFile, path: Path) -> None:
    """An edit that keeps the size is noticed by its time, and one that keeps both by the file being another."""
    status = path.stat()
    path.write_text(GOOD.replace("name: x", "name: z"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert file.check()


def test_saving_by_renaming_is_noticed(file: DirectoryFile, path: Path) -> None:
    """A file put in the other's place with the same time and size is read."""
    status = path.stat()
    other = path.with_suffix(".new")
    other.write_text(GOOD.replace("name: x", "name: z"), encoding="utf-8")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    assert file.check()


def test_a_file_that_is_gone_leaves_the_last_good_one_in_force(file: DirectoryFile, path: Path, watch: Watch) -> None:
    """A removed file is a finding, and when it is there again it is read again."""
    path.unlink()
    assert not file.check()
    assert [finding.rule for finding in file.findings] == [errors.NETWORK_UNREADABLE]
    assert glns(file) == ["5799900000016"]
    path.write_text(OTHER, encoding="utf-8")
    watch.seconds += 1
    assert file.check()


def test_other_bytes_than_utf8_are_named(file: DirectoryFile, path: Path) -> None:
    """A file in Latin-1 is refused for its encoding; one with a byte order mark is read."""
    path.write_bytes(GOOD.replace("name: x", "name: Læge").encode("latin-1"))
    assert not file.check()
    assert "it is not UTF-8" in file.findings[0].text


def test_a_byte_order_mark_is_skipped(file: DirectoryFile, path: Path) -> None:
    """Editors that begin UTF-8 with a mark do no harm."""
    path.write_text(OTHER, encoding="utf-8-sig")
    assert file.check()


@pytest.mark.parametrize("text", [None, "participants: ["], ids=["missing", "broken"])
def test_a_network_does_not_start_on_a_bad_file(tmp_path: Path, text: str | None) -> None:
    """At the start there is no good directory to go on with, so a missing or broken file is refused."""
    path = tmp_path / "network.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"network\.yaml"):
        DirectoryFile(path)


def test_warnings_are_logged_and_kept(path: Path, watch: Watch) -> None:
    """A file with a doubtful type is taken, with a warning in the log and in the directory."""
    path.write_text(DOUBTFUL, encoding="utf-8")
    with capture_logs() as logs:
        file = DirectoryFile(path, watch)
    assert [one["log_level"] for one in logs] == ["warning"]
    assert [finding.rule for finding in file.current.warnings] == [errors.TYPE_DOUBTFUL]
    assert file.findings == ()
