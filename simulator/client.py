"""A participant's client of a running network, over HTTP: what the command line uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx

from envelope.findings import Fault, Finding, Refused, Rule, Severity
from simulator.errors import NO_NETWORK, NO_TOKEN, NOT_READY, CouldNotRun
from simulator.web.errors import NOT_IDLE

_GRACE = 10.0
_AT_A_TIME = 60.0
_UPLOAD_SECONDS = 300.0
_NOT_RUNNING = {NO_TOKEN.id, NOT_READY.id}


@dataclass(frozen=True, slots=True)
class Taken:
    """One envelope from an inbox; no lease when it was only looked at."""

    id: str
    lease: str | None
    body: bytes


class Client:
    """Talks to one network, as a context manager that closes its connections.

    Every call raises `CouldNotRun` (VS-475) when no network answers, and `Refused` with the network's findings.

    Args:
        url: where its API is.
        token: bearer token, where it demands one.
        transport: another way than the network's own address.
    """

    def __init__(self, url: str, token: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        headers = {b"Authorization": f"Bearer {token}".encode()} if token else {}
        self._url = url
        try:
            self._http = httpx.Client(base_url=url, headers=headers, timeout=_GRACE, transport=transport)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise self._absent(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, body: bytes, sender: str | None, receiver: str | None) -> str:
        """Hand in an envelope or a bare letter; gives the EnvelopeIdentifier."""
        query = {name: value for name, value in (("from", sender), ("to", receiver)) if value}
        timeout = httpx.Timeout(_UPLOAD_SECONDS, connect=_GRACE)
        answer = self._call("POST", "/api/messages", params=query, content=body, timeout=timeout)
        return str(answer.json()["id"])

    def take(self, gln: str, wait: float, *, peek: bool = False) -> Taken | None:
        """The next envelope of an inbox, or None when none came within so many seconds."""
        while True:
            # The network waits a minute at the most; whoever wants to wait longer asks again.
            part = min(wait, _AT_A_TIME)
            query: dict[str, str] = {"wait": str(part)} | ({"peek": "true"} if peek else {})
            answer = self._call("GET", f"{_inbox(gln)}", params=query, timeout=part + _GRACE)
            if answer.status_code != httpx.codes.NO_CONTENT:
                return Taken(answer.headers["X-Vans-Id"], answer.headers.get("X-Vans-Lease"), answer.content)
            wait -= part
            if wait <= 0:
                return None

    def ack(self, gln: str, lease: str) -> None:
        """Keep what was taken."""
        self._call("POST", f"{_inbox(gln)}/{lease}/ack")

    def give_back(self, gln: str, lease: str) -> None:
        """Put back what was taken."""
        self._call("POST", f"{_inbox(gln)}/{lease}/return")

    def timeline(self, identifier: str) -> list[dict[str, Any]]:
        """The story of a letter."""
        path = f"/api/messages/{quote(identifier, safe='')}/timeline"
        roots: list[dict[str, Any]] = self._call("GET", path).json()["roots"]
        return roots

    def records(self, identifier: str) -> list[dict[str, Any]]:
        """What the conversions in the story of a letter did with each value."""
        path = f"/api/messages/{quote(identifier, safe='')}/record"
        told: list[dict[str, Any]] = self._call("GET", path, timeout=_UPLOAD_SECONDS).json()["conversions"]
        return told

    def directory(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """What the network says of its directory at a path of the API."""
        answer: dict[str, Any] = self._call("GET", path, params=parameters).json()
        return answer

    def clock(self) -> dict[str, Any]:
        """How the network clock stands."""
        return self._clock("GET", "")

    def move_clock(self, way: str, **how: str | bool) -> dict[str, Any]:
        """Have the clock moved: `advance` by, `set` at, `freeze`, `resume`; returns when all that fell due is done."""
        return self._clock("POST", f"/{way}", json=how, timeout=None)

    def _clock(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        told: dict[str, Any] = self._call(method, f"/api/clock{path}", **how).json()
        return told

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether the network comes to rest in so many seconds: nothing queued, converted or waiting for a mock."""
        try:
            self._call("GET", "/api/idle", params={"timeout": str(seconds)}, timeout=seconds + _GRACE)
        except Refused as refused:
            if refused.findings[0].rule.id != NOT_IDLE.id:
                raise
            return False
        return True

    def participants(self) -> list[dict[str, Any]]:
        """The directory."""
        listed: list[dict[str, Any]] = self._call("GET", "/api/participants").json()["participants"]
        return listed

    def _call(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **how)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._absent(error) from error
        if answer.is_success:
            return answer
        findings = _findings(answer)
        if not findings:
            raise CouldNotRun(NO_NETWORK.at("", address=self._url, reason=f"what is there says {answer.status_code}"))
        raise (CouldNotRun if findings[0].rule.id in _NOT_RUNNING else Refused)(findings)

    def _absent(self, error: Exception) -> CouldNotRun:
        reason = (
            "nothing listens there" if isinstance(error, httpx.ConnectError) else str(error) or type(error).__name__
        )
        return CouldNotRun(NO_NETWORK.at("", address=self._url, reason=reason))


def _inbox(gln: str) -> str:
    return f"/api/participants/{quote(gln, safe='')}/inbox"


def _findings(answer: httpx.Response) -> list[Finding]:
    """The findings of an answer that refuses; none when it is no answer of a network."""
    try:
        return [
            Finding(
                Rule(
                    one["rule"],
                    Fault(one["fault"]),
                    one["text"],
                    one["action"],
                    one["source"],
                    Severity(one["severity"]),
                ),
                one["location"],
                one["text"],
                one["action"],
                one.get("value"),
            )
            for one in answer.json()["findings"]
        ]
    except (ValueError, KeyError, TypeError):
        return []
