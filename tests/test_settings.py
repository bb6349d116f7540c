"""Settings come from the environment, or the start stops with a clear word."""

import pytest

from api.settings import Settings, SettingsError
from app import create_app


def test_each_is_read_from_its_variable() -> None:
    settings = Settings.from_environment({"CLAIMSPAN_PORT": "9000", "CLAIMSPAN_HOST": "::1", "HOME": "/root"})
    assert (settings.port, settings.host, settings.workers) == (9000, "::1", 2)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORTT", "1", "CLAIMSPAN_PORTT is not a setting"),
        ("port", "1", "CLAIMSPAN_port is not a setting"),
        ("PORT", "0", "CLAIMSPAN_PORT: expected a whole number from 1 to 65535, found '0'"),
        ("PORT", "80 ", "found '80 '"),
        ("PORT", "٨٠", "found '٨٠'"),
        ("PORT", "", "found ''"),
        ("WORKERS", "-1", "from 1 to 256"),
        ("PUBLIC_URL", "facts.example", "expected http:// or https://, a host"),
        ("PUBLIC_URL", "https://facts.example/", "no / at the end"),
        ("DATABASE_URL", "mysql://x", "expected sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite:///", "expected sqlite:///FILE"),
        ("DATABASE_URL", "sqlite:///:memory:", "expected sqlite:///FILE"),
        ("REPLICA_URL", "sqlite:///x.db", "expected postgresql://"),
        ("REPLICA_URL", "postgresql://replica/x", "a CLAIMSPAN_DATABASE_URL that is postgresql://… too"),
        ("APPLICATION_NAME", "", "expected 1 to 63 printable ASCII characters"),
        ("APPLICATION_NAME", "café", "expected 1 to 63 printable ASCII characters"),
        ("CONNECT_TIMEOUT_S", "1", "from 2 to 600"),
        ("ADMIN_TOKEN", "short", "expected cs_ and at least 32 more characters"),
    ],
)
def test_what_does_not_fit_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match="settings` lists all settings") as refused:
        Settings.from_environment({f"CLAIMSPAN_{name}": value})
    assert says in str(refused.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"CLAIMSPAN_PORT": "x", "CLAIMSPAN_WORKERS": "y", "CLAIMSPAN_Z": ""})
    assert all(name in str(refused.value) for name in ("PORT", "WORKERS", "CLAIMSPAN_Z"))


def test_the_start_stops_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMSPAN_PORT", "x")
    with pytest.raises(SystemExit, match="claimspan: CLAIMSPAN_PORT"):
        create_app()
