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
        ("PORTT", "1", "CLAIMSPAN_PORTT is not a setting (did you mean CLAIMSPAN_PORT?)"),
        ("FAVOURITE_COLOUR", "1", "CLAIMSPAN_FAVOURITE_COLOUR is not a setting."),
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
        ("OIDC_ISSUER", "sign-in.example", "OIDC_ISSUER: expected https://"),
        ("OIDC_ISSUER", "http://sign-in.example", "OIDC_ISSUER: expected https://"),
        ("OIDC_JWKS", "http://sign-in.example/keys", "OIDC_JWKS: expected a file, https://"),
        ("OIDC_JWKS", "http://127.0.0.1.example/keys", "OIDC_JWKS: expected a file, https://"),
        ("OIDC_JWKS", "https://me@sign-in.example/keys", "OIDC_JWKS: expected a file, https://"),
        ("OIDC_JWKS", "file:///etc/keys", "OIDC_JWKS: expected a file, https://"),
        ("OIDC_ROLE_MAP", "editors=default:admin", "OIDC_ROLE_MAP: expected NAME=PROJECT:ROLE"),
        ("OIDC_NEW_USERS", "yes", "OIDC_NEW_USERS: expected a whole number from 0 to 1"),
        ("OIDC_LEEWAY_SECONDS", "601", "from 0 to 600"),
        ("OIDC_AUDIENCE", "claimspan", "OIDC_ISSUER: expected with CLAIMSPAN_OIDC_AUDIENCE"),
        ("OIDC_ISSUER", "https://sign-in.example", "OIDC_AUDIENCE: expected with CLAIMSPAN_OIDC_ISSUER"),
        ("OIDC_NEW_USERS", "0", "OIDC_ISSUER: expected with CLAIMSPAN_OIDC_NEW_USERS"),
        ("OIDC_ROLE_MAP", "editors=default:editor", "OIDC_ROLES_CLAIM: expected with CLAIMSPAN_OIDC_ROLE_MAP"),
    ],
)
def test_what_does_not_fit_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=r"docs/settings\.md lists all settings") as refused:
        Settings.from_environment({f"CLAIMSPAN_{name}": value})
    assert says in str(refused.value)


def test_a_whole_sign_in_is_taken() -> None:
    environ = {
        "CLAIMSPAN_OIDC_ISSUER": "https://sign-in.example/realms/desk",
        "CLAIMSPAN_OIDC_AUDIENCE": "claimspan",
        "CLAIMSPAN_OIDC_JWKS": "http://127.0.0.1:8080/keys?x=1",
        "CLAIMSPAN_OIDC_ROLES_CLAIM": "groups",
        "CLAIMSPAN_OIDC_ROLE_MAP": "/desk/editors=default:editor;b1946ac9=elections-2026:reader",
    }
    assert Settings.from_environment(environ).oidc_issuer == "https://sign-in.example/realms/desk"


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"CLAIMSPAN_PORT": "x", "CLAIMSPAN_WORKERS": "y", "CLAIMSPAN_Z": ""})
    assert all(name in str(refused.value) for name in ("PORT", "WORKERS", "CLAIMSPAN_Z"))


def test_the_start_stops_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMSPAN_PORT", "x")
    with pytest.raises(SystemExit, match="claimspan: CLAIMSPAN_PORT"):
        create_app()


@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "null",
        "https://a.example/",
        "https://A.example",
        "https://a.example:443",
        "http://a.example:80",
        "a.example",
        "https://a.example/x",
        "https://user@a.example",
        "file:///x",
        "https://a.example,,",
        "https://a.example;b",
        "http://",
    ],
)
def test_origins_that_no_browser_would_send_are_refused(origins: str) -> None:
    with pytest.raises(SettingsError, match="CLAIMSPAN_CORS_ORIGINS: expected origins as a browser writes them"):
        Settings.from_environment({"CLAIMSPAN_CORS_ORIGINS": origins})


def test_origins_are_a_list() -> None:
    given = "https://a.example, http://localhost:3000,http://[::1]:8080,moz-extension://1b4-c,http://a.example:443"
    settings = Settings.from_environment({"CLAIMSPAN_CORS_ORIGINS": given})
    assert settings.origins == {
        "https://a.example",
        "http://localhost:3000",
        "http://[::1]:8080",
        "moz-extension://1b4-c",
        "http://a.example:443",
    }
    assert Settings.from_environment({"CLAIMSPAN_CORS_ORIGINS": ""}).origins == frozenset()


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1", "rediss://:secret@cache.example:6380/2", "redis://[::1]:6379/0?x=1"]
)
def test_a_place_to_count_at_is_a_redis(url: str) -> None:
    assert Settings.from_environment({"CLAIMSPAN_RATE_LIMIT_URL": url}).rate_limit_url == url
    for wrong in ("memcached://x", "redis://", "redis://a b", f"x{url}", "redis://h:port"):
        with pytest.raises(SettingsError, match=r"expected redis://… or rediss://…"):
            Settings.from_environment({"CLAIMSPAN_RATE_LIMIT_URL": wrong})
