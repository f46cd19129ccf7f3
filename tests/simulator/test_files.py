from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversion.facts import OutputFormat
from envelope.fhir.bundle import read_bundle
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from envelope.pieces import Pieces
from envelope.reading import payload, read
from routing.errors import NETWORK_UNREADABLE
from simulator.errors import NO_ORIGINAL, NO_TYPE, CouldNotRun
from simulator.files import Made, Request, Result, convert_files, write_files
from tests.simulator.post import LETTERS, PRACTICE, TOWN, message, wrapped, xdis91

NOON = datetime(2024, 11, 22, 12, tzinfo=UTC)


def test_a_letter_becomes_a_bundle_in_either_form() -> None:
    """XML and JSON, as asked for."""
    [xml] = convert_files(Request((xdis91(),), "CareCommunication", "xml", at=NOON)).made
    [as_json] = convert_files(Request((xdis91(),), "CareCommunication", "json", at=NOON)).made
    assert (xml.type, xml.version, xml.extension, as_json.extension) == ("CareCommunication", "5.0", "xml", "json")
    assert json.loads(as_json.data)["resourceType"] == "Bundle"
    assert read_bundle(xml.data).format == "xml"


def test_a_bundle_becomes_a_letter() -> None:
    """What is made is a valid letter, whatever format FHIR was asked in."""
    [made] = convert_files(Request((message(),), "XDIS91", "json", at=NOON)).made
    assert (made.type, made.extension) == ("XDIS91", "xml")
    assert not any(finding.is_error for finding in validate(read_letter(made.data)))


def test_an_envelope_is_opened_first() -> None:
    """An enveloped letter gives the same bundle as the bare one."""
    bare = convert_files(Request((xdis91(),), "CareCommunication", "xml", at=NOON))
    assert convert_files(Request((wrapped(xdis91()).body,), "CareCommunication", "xml", at=NOON)) == bare


@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_envelopes_are_written_on_demand(output_format: OutputFormat) -> None:
    """Wrapped, the file is an envelope between the letter's own parties, in XML whatever it carries."""
    [made] = convert_files(Request((xdis91(),), "CareCommunication", output_format, at=NOON, envelope=True)).made
    head = read(made.data).head
    assert made.extension == "xml"
    assert (head.sender.id, head.receiver.id, head.sent) == (PRACTICE, TOWN, "2024-11-22T13:00:00+01:00")
    assert head.message is not None
    assert head.message.tag("MCM:MIME") == f"application/fhir+{output_format}"
    assert read_bundle(payload(made.data)).format == output_format


def test_the_same_files_give_the_same_bytes() -> None:
    """At the same network time, a conversion done again is the same, identifiers and all; a local time is Danish."""
    request = Request((xdis91(),), "CareCommunication", "xml", at=NOON, envelope=True)
    local = Request((xdis91(),), "CareCommunication", "xml", at=NOON.replace(hour=13, tzinfo=None), envelope=True)
    assert convert_files(request) == convert_files(request) == convert_files(local)


@pytest.mark.parametrize("junk", [b"", b"x", b"{}", b"<a/>", b"\xff\xfe"], ids=repr)
def test_what_is_no_letter_is_refused(junk: bytes) -> None:
    """Junk is refused with words."""
    with pytest.raises(Refused) as refused:
        convert_files(Request((junk,), "XDIS91", "xml"))
    assert refused.value.findings[0].rule is NO_TYPE


def test_a_network_file_that_is_not_there_is_no_fault_of_the_letter(tmp_path: Path) -> None:
    """The command could not run, and says which file."""
    with pytest.raises(CouldNotRun) as refused:
        convert_files(Request((xdis91(),), "CareCommunication", "xml", network=tmp_path / "none.yaml"))
    assert refused.value.findings[0].rule is NETWORK_UNREADABLE


def test_a_receipt_needs_what_it_answers() -> None:
    """Without the original a receipt is refused with words."""
    receipt = (LETTERS / "acknowledgement-ok.xml").read_bytes()
    with pytest.raises(Refused) as refused:
        convert_files(Request((receipt,), "XCTL", "xml"))
    assert refused.value.findings[0].rule is NO_ORIGINAL


def test_files_are_named_by_type_and_numbered_where_there_are_several(tmp_path: Path) -> None:
    """One of a type has its plain name; several are numbered in order."""
    made = (
        Made("XCTL03", "XC0330Q", "xml", Pieces((b"1",))),
        Made("CareCommunication", "5.0", "json", Pieces((b"2",))),
        Made("XCTL03", "XC0330Q", "xml", Pieces((b"3",))),
    )
    written = write_files(Result(made, ()), tmp_path / "new" / "folder")
    names = [one["file"] for one in written]
    assert names == ["XCTL03-1.xml", "CareCommunication.json", "XCTL03-2.xml"]
    assert [(tmp_path / "new" / "folder" / name).read_bytes() for name in names] == [b"1", b"2", b"3"]
    assert written[1] == {"file": "CareCommunication.json", "type": "CareCommunication", "version": "5.0"}
