"""How a network is run: settings from the command line, the environment (VANSIM_...) and defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One network's settings.

    Attributes:
        broker: `embedded`, or the address of a RabbitMQ: `amqp://user:password@host/vhost`.
        data: the folder of the ledger's SQLite file; made when missing.
        database: another ledger than the SQLite file in `data`: `postgresql+asyncpg://...`.
        network: a network.yaml of your own; the packaged default network when there is none.
        host: where the API listens; loopback unless told otherwise.
        port: of the API.
        token: when set, the API demands it as `Authorization: Bearer`.
        log_level: debug, info, warning or error; logs are JSON on standard error.
    """

    model_config = SettingsConfigDict(env_prefix="VANSIM_", extra="ignore")

    broker: str = "embedded"
    data: Path = Path("data")
    database: str | None = None
    network: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8180
    token: str | None = None
    log_level: str = "info"

    @property
    def database_url(self) -> str:
        """The ledger's database."""
        return self.database or f"sqlite+aiosqlite:///{(self.data / 'vansim.db').resolve()}"
