"""RabbitMQ's management API: virtual hosts are made and removed there, AMQP itself has no word for them."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

import httpx

SECONDS = 30.0


class Management:
    """Calls the management API of one RabbitMQ; every call raises `httpx.HTTPError` when it cannot be answered.

    Args:
        address: `http://user:password@host:port`.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        self._url = f"{parts.scheme}://{host}{parts.path.rstrip('/')}/api/"
        self._user, self._password = parts.username or "guest", parts.password or "guest"

    async def make_host(self, name: str, user: str) -> None:
        """Make a virtual host in which this user may do everything; one that is there stays as it is."""
        await self._call("PUT", f"vhosts/{_part(name)}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        await self._call("PUT", f"permissions/{_part(name)}/{_part(user)}", everything)

    async def remove_host(self, name: str) -> None:
        """Remove a virtual host and all that is in it."""
        await self._call("DELETE", f"vhosts/{_part(name)}")

    async def _call(self, method: str, path: str, content: object = None) -> None:
        async with httpx.AsyncClient(auth=(self._user, self._password), timeout=SECONDS) as http:
            (await http.request(method, self._url + path, json=content)).raise_for_status()


def at_host(address: str, name: str) -> str:
    """The address of another virtual host on the same RabbitMQ."""
    return urlunsplit(urlsplit(address)._replace(path=f"/{_part(name)}"))


def _part(text: str) -> str:
    return quote(text, safe="")
