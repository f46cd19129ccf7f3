from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from envelope.fhir.bundle import read_bundle
from simulator import cli
from simulator.client import Client
from tests.simulator.post import LETTERS, OWN_FHIR, PRACTICE, TOWN, message, xdis91

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: object
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def rules(self) -> list[str]:
        """The rules of its findings."""
        return [finding["rule"] for finding in self.document["findings"]]


Vansim = Callable[..., Ended]


@pytest.fixture
def vansim(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Vansim:
    """Run a command in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("simulator.logs.logs", lambda _: None)  # logging is the process's, and this one is the tests'

    def run(*arguments: object) -> Ended:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ended(ended.value.code, out, err)

    return run


class Process:
    """A `vansim` of its own."""

    def __init__(self, *arguments: object, environment: Mapping[str, str] | None = None) -> None:
        program = Path(sys.executable).with_name("vansim")
        self._process = subprocess.Popen(
            [program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def line(self) -> str:
        """The next line that it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def log(self) -> dict[str, Any]:
        """The next line that it logs."""
        assert self._process.stderr is not None
        entry: dict[str, Any] = json.loads(self._process.stderr.readline())
        return entry

    def end(self, number: signal.Signals | None = signal.SIGTERM) -> Ended:
        """End it, or wait for its end."""
        if number is not None:
            self._process.send_signal(number)
        out, err = self._process.communicate(timeout=SECONDS)
        return Ended(self._process.returncode, out, err)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a network in a process of its own, which ends in good order."""
    process = Process("up", "--port", 0, "--data", tmp_path_factory.mktemp("network"))
    ready = process.line()
    assert ready.startswith("vansim is up: http://127.0.0.1:")
    yield ready.split()[3]
    ended = process.end()
    assert (ended.code, "Traceback" in ended.err) == (0, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_network_ends_with_0_when_it_is_told_to(number: signal.Signals, tmp_path: Path) -> None:
    """Both signals end the network in good order; its ready line is the one JSON document."""
    process = Process("up", "--port", 0, "--data", tmp_path / "new" / "folder", "--json")
    while (line := process.line()).rstrip() != "}":
        assert line
    ended = process.end(number)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert (tmp_path / "new" / "folder" / "vansim.db").exists()


def test_a_network_waits_for_its_broker_and_says_so(tmp_path: Path) -> None:
    """While the broker does not answer, the log says so, nothing is ready, and the network can be ended."""
    process = Process("up", "--port", 0, "--data", tmp_path, "--broker", "amqp://user:secret@127.0.0.1:1")
    entry = process.log()
    assert (entry["event"], entry["what"]) == ("waiting", "broker")
    ended = process.end()
    assert (ended.code, ended.out) == (0, "")
    assert "secret" not in ended.err + str(entry)


@pytest.mark.rabbitmq
def test_a_broker_that_does_not_let_us_in_is_told(amqp_url: str, tmp_path: Path) -> None:
    """Wrong credentials are no reason to wait."""
    wrong = amqp_url.replace("guest:guest", "guest:wrong")
    ended = Process("up", "--port", 0, "--data", tmp_path, "--broker", wrong, "--json").end(None)
    assert (ended.code, ended.rules) == (2, ["VS-604"])
    assert "wrong" not in ended.out


@pytest.mark.rabbitmq
@pytest.mark.parametrize("name", ["router", "worker", "participants", "api"])
def test_each_service_runs_by_itself(name: str, amqp_url: str, tmp_path: Path) -> None:
    """One service says that it is up, and ends with 0."""
    where = ("--port", 0) if name == "api" else ()
    process = Process(name, "--broker", amqp_url, "--data", tmp_path, *where)
    assert " is up" in process.line()
    assert process.end().code == 0


def test_the_demonstration_ends_with_0() -> None:
    """Every letter crosses and is receipted, in a process of its own, as JSON and as a tree alike."""
    as_json = Process("demo", "--json").end(None)
    assert (as_json.code, as_json.document["complete"]) == (0, True)
    people = Process("demo").end(None)
    assert people.code == 0
    assert "4 of 4 letters crossed the network and were receipted." in people.out


def test_the_demonstration_runs_in_a_network_that_is_there(url: str, vansim: Vansim) -> None:
    """Over its API the story is the same as in a network of the demonstration's own, for people and for programs."""
    as_json, people = vansim("demo", "--url", url, "--json"), vansim("demo", "--url", url)
    assert (as_json.code, as_json.document["complete"]) == (0, True)
    assert people.code == 0
    assert "4 of 4 letters crossed the network and were receipted." in people.out
    story = vansim("timeline", as_json.document["letters"][2]["id"], "--url", url, "--json").document["roots"]
    assert as_json.document["letters"][2]["roots"] == story


def test_the_demonstration_needs_its_participants(vansim: Vansim, tmp_path: Path) -> None:
    """In a network without them it is refused, and the first that is missing is named."""
    (tmp_path / "network.yaml").write_text("participants: []")
    process = Process("up", "--port", 0, "--data", tmp_path, "--network", tmp_path / "network.yaml")
    ended = vansim("demo", "--url", process.line().split()[3], "--json")
    process.end()
    assert (ended.code, ended.rules) == (1, ["VS-476"])


def test_a_letter_is_sent_and_its_story_told(url: str, vansim: Vansim, tmp_path: Path) -> None:
    """Send, then the timeline, by the identifier that was given, for people and for programs."""
    (tmp_path / "letter.xml").write_bytes(xdis91(1))
    sent = vansim("send", "letter.xml", "--url", url)
    assert sent.code == 0
    with Client(url) as client:
        assert client.wait_until_idle(SECONDS)
    as_json = vansim("timeline", sent.out.strip(), "--url", url, "--json")
    assert as_json.document["roots"][0]["envelope_id"] == sent.out.strip()
    people = vansim("timeline", "BREV0000000001", "--url", url)
    assert people.out.startswith("Receipts to MedCom XDIS91: ")
    assert vansim("timeline", "nothing", "--url", url).code == 1


def test_a_story_is_told_with_what_became_of_each_value(url: str, vansim: Vansim, tmp_path: Path) -> None:
    """With --record the timeline lists its conversions, as a table or in the document."""
    (tmp_path / "letter.xml").write_bytes(xdis91(77))
    sent = vansim("send", "letter.xml", "--url", url).out.strip()
    with Client(url) as client:
        assert client.wait_until_idle(SECONDS)
    document = vansim("timeline", sent, "--record", "--url", url, "--json").document
    assert {"roots", "conversions", "findings"} == set(document)
    people = vansim("timeline", sent, "--record", "--url", url)
    assert people.code == 0


def test_an_inbox_is_peeked_into_and_taken_from(url: str, vansim: Vansim, tmp_path: Path) -> None:
    """Peeking leaves the envelope; taking writes it and acks it; then the inbox is empty."""
    (tmp_path / "bundle.xml").write_bytes(message(2))
    sent = vansim("send", "bundle.xml", "--from", TOWN, "--to", OWN_FHIR, "--url", url, "--json").document["id"]
    inbox = ("inbox", OWN_FHIR, "--url", url)
    assert vansim(*inbox, "--wait", 30, "--out", "none/file.xml").code == 2  # it goes back
    seen = vansim(*inbox, "--peek", "--json").document
    assert (seen["id"], sent in seen["envelope"]) == (sent, True)
    taken = vansim(*inbox, "--wait", 30, "--out", "taken.xml", "--json").document
    assert (taken["id"], taken["envelope"]) == (sent, None)
    assert sent.encode() in (tmp_path / "taken.xml").read_bytes()
    empty = vansim(*inbox)
    assert (empty.code, empty.out, empty.err) == (0, "", "The inbox is empty.\n")
    assert vansim(*inbox, "--json").document["id"] is None


def test_an_envelope_goes_to_standard_output(url: str, vansim: Vansim, tmp_path: Path) -> None:
    """Without --out the envelope itself is what is printed."""
    (tmp_path / "bundle.xml").write_bytes(message(3))
    vansim("send", "bundle.xml", "--from", TOWN, "--to", OWN_FHIR, "--url", url)
    taken = vansim("inbox", OWN_FHIR, "--wait", 30, "--url", url)
    assert taken.out.startswith("<?xml")
    assert taken.out.rstrip().endswith("VANSEnvelope>")


def test_a_mocks_inbox_is_explained(url: str, vansim: Vansim) -> None:
    """Who looks for letters in a mock's inbox is told why there are none."""
    assert "a mock's" in vansim("inbox", PRACTICE, "--url", url).err
    nobody = vansim("inbox", "123", "--url", url, "--json")
    assert (nobody.code, nobody.rules) == (1, ["VS-476"])


def test_junk_is_refused_with_findings(url: str, vansim: Vansim, tmp_path: Path) -> None:
    """What is no message is refused with 1, with the findings of the network."""
    (tmp_path / "junk").write_bytes(b"junk")
    people, as_json = vansim("send", "junk", "--url", url), vansim("send", "junk", "--url", url, "--json")
    assert (people.code, people.out, "VS-101" in people.err) == (1, "", True)
    assert (as_json.code, as_json.rules, as_json.document["id"]) == (1, ["VS-101"], None)


@pytest.mark.parametrize(
    "arguments",
    [("send", "junk"), ("inbox", OWN_FHIR), ("timeline", "x"), ("demo",)],
    ids=lambda arguments: arguments[0],
)
def test_without_a_network_nothing_runs(arguments: tuple[str, ...], vansim: Vansim, tmp_path: Path) -> None:
    """Where nothing listens, the command could not run."""
    (tmp_path / "junk").write_bytes(b"junk")
    ended = vansim(*arguments, "--url", "http://127.0.0.1:1", "--json")
    assert (ended.code, ended.rules) == (2, ["VS-475"])


def test_a_port_in_use_is_told(vansim: Vansim) -> None:
    """The network does not start where something listens already."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = vansim("up", "--port", other.getsockname()[1], "--json")
    assert (ended.code, ended.rules) == (2, ["VS-485"])


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("--broker", "foo"), "VS-479"),
        (("--port", "99999"), "VS-479"),
        (("--database", "mysql://x"), "VS-479"),
        (("--host", "0.0.0.0"), "VS-484"),  # noqa: S104 (what must be refused)
        (("--host", "127.0.0.1.nowhere.invalid"), "VS-484"),
        (("--network", "missing.yaml"), "VS-430"),
        (("--network", "broken.yaml"), "VS-431"),
        (("--data", "file"), "VS-486"),
        (("--database", "postgresql://user:secret@127.0.0.1/x"), "VS-601"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_network_that_cannot_run_says_why(
    arguments: tuple[str, ...], rule: str, vansim: Vansim, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What a network cannot be made of is told by rule, with 2, for people and for programs."""
    if rule == "VS-601":
        arguments = ("--database", request.getfixturevalue("postgres_url"))
    (tmp_path / "broken.yaml").write_text("participants: [")
    (tmp_path / "file").write_text("")
    as_json, people = vansim("up", "--port", 0, *arguments, "--json"), vansim("up", "--port", 0, *arguments)
    assert (as_json.code, as_json.rules) == (2, [rule])
    assert (people.code, people.out, rule in people.err) == (2, "", True)


@pytest.mark.parametrize("name", ["router", "worker", "participants", "api"])
def test_a_service_alone_needs_a_broker_to_share(name: str, vansim: Vansim) -> None:
    """One service on an embedded broker would talk to nobody."""
    ended = vansim(name, "--json")
    assert (ended.code, ended.rules) == (2, ["VS-491"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("validate",),
        ("validate", "--nonsense", "x"),
        ("validate", "missing.xml"),
        ("validate", "."),
        ("convert", "letter.xml", "--to", "XDIS91"),
        ("convert", "letter.xml", "--to", "Letter", "--out", "."),
        ("convert", "letter.xml", "--to", "XDIS91", "--out", ".", "--format", "pdf"),
        ("convert", "letter.xml", "--to", "XDIS91", "--out", ".", "--at", "soon"),
        ("convert", "letter.xml", "--to", "XDIS91", "--out", "letter.xml"),
        ("convert", "letter.xml", "--to", "XCTL", "--out", ".", "--original", "missing.xml"),
        ("inbox", "1", "--wait", "-1"),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2(arguments: tuple[str, ...], vansim: Vansim, tmp_path: Path) -> None:
    """A command that cannot be understood says so on standard error, or as the one JSON document."""
    (tmp_path / "letter.xml").write_bytes(xdis91())
    people, as_json = vansim(*arguments), vansim(*arguments, "--json")
    assert (people.code, people.out) == (2, "")
    assert people.err
    assert (as_json.code, as_json.rules) == (2, ["VS-480"])


def test_the_version_is_told(vansim: Vansim) -> None:
    """As a program's version is asked for everywhere."""
    ended = vansim("--version")
    assert (ended.code, ended.out.split()[0]) == (0, "vansim")


def test_a_letter_is_converted(vansim: Vansim, tmp_path: Path) -> None:
    """The outputs are listed with file, type and version, and stand in the folder."""
    (tmp_path / "letter.xml").write_bytes(xdis91())
    common = ("convert", "letter.xml", "--to", "CareCommunication")
    ended = vansim(*common, "--format", "json", "--out", "made", "--at", "2024-11-22T12:00", "--json")
    assert ended.code == 0
    expected = {"file": "CareCommunication.json", "type": "CareCommunication", "version": "5.0"}
    assert ended.document["outputs"] == [expected]
    carried = {"source": "/Emessage/Envelope/Sent/Date", "rule": "XC-sent"}
    assert {**carried, "target": "Bundle.timestamp", "what": "kept"} in ended.document["record"]
    people = vansim(*common, "--out", "again", "--record")
    assert "XC-patient-family" in people.out
    assert people.out.rstrip().endswith(" dropped")
    assert "XC-patient-family" not in vansim(*common, "--out", "again").out
    assert read_bundle((tmp_path / "made" / "CareCommunication.json").read_bytes()).format == "json"
    people = vansim(*common, "--out", "made")
    assert people.out.splitlines() == ["made/CareCommunication.xml  CareCommunication 5.0"]


@pytest.mark.parametrize("version", ["5.0", "4.0", "3.0"])
def test_the_version_of_fhir_may_be_chosen(vansim: Vansim, tmp_path: Path, version: str) -> None:
    """Whatever the receiver takes on the day, the version that is asked for is made and told."""
    (tmp_path / "letter.xml").write_bytes(xdis91())
    arguments = ("convert", "letter.xml", "--to", "CareCommunication", "--out", "made", "--fhir-version", version)
    ended = vansim(*arguments, "--json")
    assert (ended.code, ended.document["outputs"][0]["version"]) == (0, version)
    assert read_bundle((tmp_path / "made" / "CareCommunication.xml").read_bytes()).version == version


@pytest.mark.parametrize("version", ["2.0", "5", "", "newest"])
def test_a_version_of_fhir_that_nobody_makes_is_wrong_use(vansim: Vansim, tmp_path: Path, version: str) -> None:
    """It is named beside the versions that there are, and nothing is written."""
    (tmp_path / "letter.xml").write_bytes(xdis91())
    arguments = ("convert", "letter.xml", "--to", "CareCommunication", "--out", "made", "--fhir-version", version)
    ended = vansim(*arguments)
    assert ended.code == 2
    assert repr(version) in ended.err
    assert "5.0, 4.0, 3.0" in ended.err
    assert not (tmp_path / "made").exists()


def test_an_original_may_be_several_files(vansim: Vansim, tmp_path: Path) -> None:
    """`--original A B` takes both."""
    receipt = (LETTERS / "receipt-negative.xml").resolve()
    (tmp_path / "original.xml").write_bytes((LETTERS / "carecommunication-reply.xml").read_bytes())
    arguments = ("convert", receipt, "--original", "original.xml", "original.xml", "--to", "Acknowledgement")
    ended = vansim(*arguments, "--out", ".", "--json")
    assert (ended.code, ended.document["outputs"][0]["file"]) == (0, "Acknowledgement.xml")


def test_a_letter_between_strangers_is_converted_with_what_is_given_of_them(vansim: Vansim, tmp_path: Path) -> None:
    """One option for each party; what is no GLN with a SOR code is wrong use."""
    sender, receiver = "5799999000010", "5799999000027"
    letter = xdis91(1, {PRACTICE: sender, TOWN: receiver, "sorkode": "lokationsnummer"})
    (tmp_path / "letter.xml").write_bytes(letter)
    arguments = ("convert", "letter.xml", "--to", "CareCommunication", "--out", "made", "--json")
    given = [("--participant", f"{gln}={sor}") for gln, sor in ((sender, "99990011000016007"), (receiver, "1" * 11))]
    assert vansim(*arguments).rules == ["VS-503", "VS-503"]
    ended = vansim(*arguments, *given[0], *given[1])
    assert (ended.code, ended.rules) == (0, ["VS-494"])
    for wrong in (sender, f"{sender}=1", f"{sender[1:]}=99990011000016007", f"{'x' * 13}=99990011000016007", "="):
        ended = vansim(*arguments, "--participant", wrong)
        assert (ended.code, ended.rules) == (2, ["VS-480"])
        assert "--participant" in ended.document["findings"][0]["text"]


def test_a_refused_conversion_lists_its_findings(vansim: Vansim, tmp_path: Path) -> None:
    """What cannot be converted gives no outputs, findings, and 1."""
    (tmp_path / "junk").write_bytes(b"{}")
    ended = vansim("convert", "junk", "--to", "XDIS91", "--out", "made", "--json")
    assert (ended.code, ended.document["outputs"], ended.rules) == (1, [], ["VS-471"])
    assert not (tmp_path / "made").exists()


def test_a_file_is_judged(vansim: Vansim, tmp_path: Path) -> None:
    """What it is, whether it is valid, and each finding with rule, severity, place and words."""
    (tmp_path / "letter.xml").write_bytes(xdis91())
    (tmp_path / "empty").write_bytes(b"")
    good = vansim("validate", "letter.xml", "--json")
    assert (good.code, good.document["valid"], good.document["type"]) == (0, True, "XDIS91")
    bad = vansim("validate", "empty", "--json")
    assert (bad.code, bad.document["valid"], bad.document["type"], bad.rules) == (1, False, None, ["VS-108"])
    assert {"rule", "severity", "location", "text"} <= bad.document["findings"][0].keys()
    people = vansim("validate", "empty")
    lines = [line.rstrip() for line in people.out.splitlines()]
    assert lines[0] == "empty: of no known type: not valid"
    assert lines[1].split() == ["rule", "line", "what"]
    assert lines[2].startswith("VS-108     1  ")
    assert any(line.strip().startswith("do: ") for line in lines)
    assert max(map(len, lines)) <= 80


def test_a_finding_is_told_with_its_line_and_never_with_a_patients_values(vansim: Vansim, tmp_path: Path) -> None:
    """The line that is wrong, with the one value that is; the source of the rule; nothing of the patient's."""
    (tmp_path / "bad.xml").write_bytes(xdis91(texts={">nytbrev<": ">gammeltbrev<", ">2512489996<": ">251248999<"}))
    people = vansim("validate", "bad.xml")
    assert people.code == 1
    assert "<StatusCode>gammeltbrev</StatusCode>" in people.out
    assert "source: OIOXML schema of the letter" in people.out
    assert "251248999" not in people.out


def test_several_files_are_one_run(vansim: Vansim, tmp_path: Path) -> None:
    """Names and references are compared across them; the verdict is that of all."""
    for name, body in {"one": xdis91(1), "same": xdis91(1), "other": xdis91(2)}.items():
        (tmp_path / f"{name}.xml").write_bytes(body)
    told = vansim("validate", "one.xml", "other.xml", "same.xml", "--json")
    assert (told.code, told.document["valid"]) == (0, True)
    assert [one["file"] for one in told.document["files"]] == ["one.xml", "other.xml", "same.xml"]
    assert [finding["rule"] for finding in told.document["files"][2]["findings"]][-1] == "VS-163"
    (tmp_path / "empty").write_bytes(b"")
    bad = vansim("validate", "one.xml", "empty")
    assert bad.code == 1
    assert "one.xml: XDIS91 XD9134L: valid" in bad.out
    assert "empty: of no known type: not valid" in bad.out


def test_our_own_errors_are_told_by_their_kind(vansim: Vansim, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error inside vansim shows no stack trace and quotes no text, for it may be a patient's."""

    def fail(**_: object) -> None:
        raise KeyError("Nancy Ann")

    monkeypatch.setattr("simulator.settings.settings_of", fail)
    ended = vansim("up", "--json")
    assert (ended.code, ended.rules) == (2, ["VS-482"])
    assert "Nancy" not in ended.out + ended.err
