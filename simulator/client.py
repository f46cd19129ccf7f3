"""A participant's client of a running network, over HTTP: what the command line uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from envelope.findings import Fault, Finding, Refused, Rule, Severity
from simulator.errors import NO_NETWORK

_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One envelope from an inbox; no lease when it was only looked at."""

    id: str
    lease: str | None
    body: bytes


class Client:
    """Talks to one network.

    Args:
        url: where its API is.
        token: bearer token, where it demands one.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_GRACE)
        self._url = url

    def send(self, body: bytes, sender: str | None, receiver: str | None) -> str:
        """Hand in an envelope or a bare letter; gives the EnvelopeIdentifier."""
        query = {name: value for name, value in (("from", sender), ("to", receiver)) if value}
        answer = self._call("POST", "/api/messages", params=query, content=body)
        return str(answer.json()["id"])

    def take(self, gln: str, wait: float, *, peek: bool = False) -> Taken | None:
        """The next envelope of an inbox, or None."""
        query: dict[str, str] = {"wait": str(wait)} | ({"peek": "true"} if peek else {})
        answer = self._call("GET", f"/api/participants/{gln}/inbox", params=query, timeout=wait + _GRACE)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return None
        return Taken(answer.headers["X-Vans-Id"], answer.headers.get("X-Vans-Lease"), answer.content)

    def ack(self, gln: str, lease: str) -> None:
        """Keep what was taken."""
        self._call("POST", f"/api/participants/{gln}/inbox/{lease}/ack")

    def timeline(self, identifier: str) -> list[dict[str, Any]]:
        """The story of a letter."""
        roots: list[dict[str, Any]] = self._call("GET", f"/api/messages/{identifier}/timeline").json()["roots"]
        return roots

    def names(self) -> dict[str, str]:
        """The participants' names by GLN."""
        directory = self._call("GET", "/api/participants").json()
        return {one["gln"]: one["name"] for one in directory["participants"]}

    def _call(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **how)
        except httpx.HTTPError as error:
            raise Refused(NO_NETWORK.at("", address=self._url, reason=type(error).__name__)) from error
        if answer.is_success:
            return answer
        raise Refused(_findings(answer, self._url))


def _findings(answer: httpx.Response, url: str) -> list[Finding]:
    """The findings of an answer that refuses."""
    try:
        listed = answer.json()["findings"]
    except (ValueError, KeyError, TypeError):
        return [NO_NETWORK.at("", address=url, reason=f"HTTP {answer.status_code}")]
    return [
        Finding(
            Rule(
                one["rule"], Fault(one["fault"]), one["text"], one["action"], one["source"], Severity(one["severity"])
            ),
            one["location"],
            one["text"],
        )
        for one in listed
    ]
