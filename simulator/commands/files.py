"""Commands that need no network: convert files, and judge them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from envelope.identities import GLN_DIGITS, sor_is_valid
from simulator import tell
from simulator.commands.options import DONE, REFUSED, JsonOption, NetworkOption, told


def convert(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True, dir_okay=False, help="together they are one sending, such as an XDIS91 and its XBIN01s"
        ),
    ],
    to: Annotated[str, typer.Option(help="XDIS91, CareCommunication, XCTL or Acknowledgement")],
    out: Annotated[Path, typer.Option(file_okay=False, help="the folder to write to; made when missing")],
    output_format: Annotated[str, typer.Option("--format", help="of FHIR: xml or json")] = "xml",
    original: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="what a receipt answers: one file or more")
    ] = None,
    network: NetworkOption = None,
    at: Annotated[str | None, typer.Option(help="network time, instead of now: 2027-03-01T08:30[+01:00]")] = None,
    envelope: Annotated[bool, typer.Option("--envelope", help="write envelopes instead of bare letters")] = False,
    incomplete: Annotated[
        bool,
        typer.Option(
            "--incomplete",
            help="convert a letter without the attachments that are not there, as the network does after 60 minutes: "
            "they are named, without title and content; without this option the letter is refused",
        ),
    ] = False,
    record: Annotated[bool, typer.Option("--record", help="list what became of each value; --json has it")] = False,
    fhir_version: Annotated[
        str | None,
        typer.Option(help="of the CareCommunication: 5.0, 4.0 or 3.0, instead of what the receiver takes on the day"),
    ] = None,
    participant: Annotated[
        list[str] | None,
        typer.Option(
            help="GLN=SOR: the SOR code of a party that the directory does not have, or has otherwise; may be given "
            "for each. Without it, what the documents themselves say is taken, with a warning"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Convert files without a network: envelopes, bare letters and bundles, XML or JSON."""
    moment = _moment(at)
    with told(as_json, outputs=[], record=[]):
        from simulator import files as conversions  # noqa: PLC0415 (what only a conversion needs)

        if to not in conversions.TARGETS:
            raise typer.BadParameter(f"it is {to!r}, not one of {', '.join(conversions.TARGETS)}", param_hint="--to")
        if output_format not in {"xml", "json"}:
            raise typer.BadParameter(f"it is {output_format!r}, neither xml nor json", param_hint="--format")
        if fhir_version is not None and fhir_version not in conversions.FHIR_VERSIONS:
            known = ", ".join(conversions.FHIR_VERSIONS)
            raise typer.BadParameter(f"it is {fhir_version!r}, not one of {known}", param_hint="--fhir-version")
        request = conversions.Request(
            sources=tuple(files),
            to=to,
            output_format="json" if output_format == "json" else "xml",
            originals=tuple(original or ()),
            network=network,
            at=moment,
            envelope=envelope,
            incomplete=incomplete,
            fhir_version=fhir_version,
            record=record or as_json,
            participants=dict(_participant(one) for one in participant or ()),
        )
        result = conversions.convert_files(request)
        written = conversions.write_files(result, out)
        if as_json:
            findings = [finding.as_dict() for finding in result.findings]
            carried = [one.as_dict() for one in result.record]
            tell.as_json({"outputs": written, "record": carried, "findings": findings})
            return
        for one in written:
            typer.echo(f"{out / one['file']}  {one['type']} {one['version']}".rstrip())
        if record:
            tell.record([one.as_dict() for one in result.record], Console())
        tell.findings_list(result.findings, Console(stderr=True))


def _participant(given: str) -> tuple[str, str]:
    """GLN and SOR code of an option; a location number with a wrong check digit is the conversion's to refuse."""
    gln, _, sor = given.partition("=")
    if not (len(gln) == GLN_DIGITS and gln.isascii() and gln.isdigit() and sor_is_valid(sor)):
        raise typer.BadParameter(
            f"it is {given!r}, not a GLN of 13 digits, = and a SOR code of 11 or more", param_hint="--participant"
        )
    return gln, sor


def validate(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="several are one run: names and references are compared"),
    ],
    as_json: JsonOption = False,
) -> None:
    """Say what a file is and everything that is wrong with it: envelope, letter or bundle."""
    with told(as_json, valid=False, type=None, version=None):
        from simulator.judging import judge  # noqa: PLC0415 (what only a judgement needs)

        judged = judge(files)
        valid = all(one.valid for one in judged)
        if as_json:
            several = {"valid": valid, "files": [one.as_dict() for one in judged]}
            tell.as_json(several if len(files) > 1 else judged[0].as_dict())
        else:
            for one in judged:
                typer.echo(one.headline())
                tell.findings_table(one.rows(), Console())
    raise typer.Exit(DONE if valid else REFUSED)


def _moment(at: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(at) if at is not None else None
    except ValueError:
        raise typer.BadParameter(f"{at!r} is no date and time as 2027-03-01T08:30+01:00", param_hint="--at") from None
