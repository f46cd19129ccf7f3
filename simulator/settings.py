"""How a network is run: settings from the command line, the environment (VANSIM_...) and defaults."""

from __future__ import annotations

import re
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from broker.silence import ANSWER_SECONDS
from envelope.findings import Finding
from simulator.errors import OPEN_TO_ALL, SETTING, CouldNotRun

EMBEDDED = "embedded"
_LARGEST_UPLOAD = 256 * 1024 * 1024
_SQLITE = re.compile(r"sqlite(\+aiosqlite)?:///.+")
_POSTGRESQL = re.compile(r"postgres(ql)?(\+asyncpg)?://.+")


class Settings(BaseSettings):
    """One network's settings.

    Attributes:
        broker: `embedded`, or the address of a RabbitMQ: `amqp://user:password@host/vhost`.
        answer_seconds: how long RabbitMQ may take to confirm or to declare before `/health` tells of it.
        data: the folder of the ledger's SQLite file; made when missing.
        database: another ledger than the SQLite file in `data`: `postgresql+asyncpg://...`.
        network: a network.yaml of your own; the packaged default network when there is none.
        management: where the RabbitMQ's management API is, for isolated networks: `http://user:password@host:15672`.
        mailbox: a folder in which participants that talk by files have one each (`simulator.folders`).
        host: where the API listens; loopback unless told otherwise.
        port: of the API; 0 for any that is free.
        token: when set, the API demands it as `Authorization: Bearer`; it has to be set beyond loopback.
        probe: a socket, made in the file system, that tells whether the network can be used (`simulator.probe`).
        largest_upload: bytes that the API takes in one body.
        log_level: logs are JSON on standard error.
    """

    model_config = SettingsConfigDict(env_prefix="VANSIM_", extra="ignore", env_ignore_empty=True)

    broker: str = EMBEDDED
    answer_seconds: Annotated[float, Field(gt=0)] = ANSWER_SECONDS
    data: Path = Path("data")
    database: str | None = None
    network: Path | None = None
    management: str | None = None
    mailbox: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8180
    token: str | None = None
    probe: Path | None = None
    largest_upload: Annotated[int, Field(gt=0)] = _LARGEST_UPLOAD
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def database_url(self) -> str:
        """The ledger's database."""
        return self.database or f"sqlite+aiosqlite:///{(self.data / 'vansim.db').resolve()}"

    @property
    def broker_name(self) -> str:
        """The broker as it may be told: without its user and password."""
        parts = urlsplit(self.broker)
        return self.broker if self.broker == EMBEDDED else f"{parts.scheme}://{parts.netloc.split('@')[-1]}{parts.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether the API is out of reach for other machines."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @field_validator("broker")
    @classmethod
    def _broker_is_known(cls, broker: str) -> str:
        if broker != EMBEDDED:
            parts = urlsplit(broker)
            if parts.scheme not in {"amqp", "amqps"} or not parts.hostname or parts.port == 0:
                # The value itself is not told again: it may hold a password.
                raise ValueError("it is neither embedded nor amqp://user:password@host/vhost (or amqps://)")
        return broker

    @field_validator("database")
    @classmethod
    def _database_is_known(cls, database: str | None) -> str | None:
        if database is None or _SQLITE.fullmatch(database):
            return database
        if not _POSTGRESQL.fullmatch(database):
            raise ValueError("it is neither postgresql+asyncpg://user:password@host/name nor sqlite+aiosqlite:///FILE")
        if find_spec("asyncpg") is None:  # pragma: no cover (it is there where the tests run)
            raise ValueError("PostgreSQL needs the extra: install vansim[postgres]")
        return database


def settings_of(**given: Any) -> Settings:
    """Settings from what was given (None: not given), the environment and the defaults.

    Raises:
        CouldNotRun: VS-479, a value cannot be used.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise CouldNotRun([_unusable(one) for one in error.errors()]) from None


def must_have_token(settings: Settings) -> None:
    """Hold a network that others can reach to having a token.

    Raises:
        CouldNotRun: VS-484, it has none.
    """
    if not settings.is_loopback and settings.token is None:
        raise CouldNotRun(OPEN_TO_ALL.at("", host=settings.host))


def _unusable(error: Any) -> Finding:
    reason = str(error["msg"]).removeprefix("Value error, ")
    return SETTING.at("", name=".".join(map(str, error["loc"])), reason=reason[:1].lower() + reason[1:])
