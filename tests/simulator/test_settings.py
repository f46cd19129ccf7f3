from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import OPEN_TO_ALL, SETTING, CouldNotRun
from simulator.settings import Settings, must_have_token, settings_of


@pytest.mark.parametrize(
    "broker", ["embedded", "amqp://localhost", "amqp://user:pass@host:5672/vhost", "amqps://host/%2f", "amqp://[::1]:1"]
)
def test_brokers_that_can_be_named(broker: str) -> None:
    """The embedded broker and any RabbitMQ's address are taken."""
    assert settings_of(broker=broker).broker == broker


@pytest.mark.parametrize(
    "broker", ["", "rabbit", "http://host", "amqp:", "amqp://", "amqp:///vhost", "amqp://host:x", "amqp://host:99999"]
)
def test_brokers_that_cannot(broker: str) -> None:
    """Anything else is refused by the setting's name, and never taken for the default."""
    with pytest.raises(CouldNotRun) as refused:
        settings_of(broker=broker)
    [finding] = refused.value.findings
    assert finding.rule is SETTING
    assert "broker" in finding.text


def test_a_password_is_never_told() -> None:
    """Neither a refusal nor the ready line repeats what may hold a password."""
    with pytest.raises(CouldNotRun) as refused:
        settings_of(broker="amqp:/user:secret@host/")
    assert "secret" not in str(refused.value)
    assert settings_of(broker="amqp://user:secret@host:5/x").broker_name == "amqp://host:5/x"
    assert settings_of().broker_name == "embedded"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 65536),
        ("log_level", "loud"),
        ("largest_upload", 0),
        ("database", "mysql://host/name"),
        ("database", "sqlite://"),
        ("database", ""),
    ],
)
def test_values_out_of_range_are_named(name: str, value: object) -> None:
    """A value that cannot be used is refused with the setting's name."""
    with pytest.raises(CouldNotRun, match=rf"VS-479.* {name} "):
        settings_of(**{name: value})


def test_the_environment_counts_where_no_option_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option goes before VANSIM_..., which goes before the default; an empty variable says nothing."""
    monkeypatch.setenv("VANSIM_PORT", "1234")
    monkeypatch.setenv("VANSIM_TOKEN", "")
    assert settings_of(port=None).port == 1234
    assert settings_of(port=80).port == 80
    assert settings_of().token is None


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says is held to the same rules."""
    monkeypatch.setenv("VANSIM_PORT", "eighty")
    with pytest.raises(CouldNotRun, match="port"):
        settings_of()


def test_the_ledger_is_a_file_in_the_folder_unless_told_otherwise(tmp_path: Path) -> None:
    """Without a database of its own, the ledger is vansim.db in the data folder."""
    assert Settings(data=tmp_path).database_url == f"sqlite+aiosqlite:///{tmp_path / 'vansim.db'}"
    address = "postgresql+asyncpg://user:password@host/name"
    assert settings_of(database=address).database_url == address


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    """On its own machine the network is open."""
    must_have_token(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104 (what must be refused)
def test_beyond_loopback_a_token_is_demanded(host: str) -> None:
    """A network that others can reach does not start without a token, and starts with one."""
    with pytest.raises(CouldNotRun) as refused:
        must_have_token(Settings(host=host))
    assert refused.value.findings[0].rule is OPEN_TO_ALL
    must_have_token(Settings(host=host, token="secret"))  # noqa: S106 (no secret)
