"""Everything an operator can set, read once from `CLAIMSPAN_*`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Self

PREFIX = "CLAIMSPAN_"
OF_CLIENTS = ("CLAIMSPAN_SERVER", "CLAIMSPAN_TOKEN")
"""No settings of the service: `upload` and `download` read them."""
PUBLIC_URL = re.compile(r"https?://[\w.:\[\]-]+(/[\w.~%-]+)*", re.ASCII)
SAFE_URL = r"(https://[\w.-]+|http://(127\.0\.0\.1|localhost|\[::1\]))(:\d+)?(/[!-~]*)?"
ROLE = r"[^=;]+=[a-z0-9][a-z0-9-]{0,62}:(reader|reviewer|editor|owner)"
ORIGIN = re.compile(
    r"(?!file:)[a-z][a-z0-9+.-]*://([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?", re.ASCII
)
DEFAULT_PORT = re.compile(r"http:.*:80|https:.*:443")
EXPECTED: dict[str, tuple[re.Pattern[str], str]] = {
    "database_url": (re.compile(r"sqlite:///(?!:memory:).+|postgresql://.+"), "sqlite:///FILE or postgresql://…"),
    "replica_url": (re.compile(r"(postgresql://.+)?"), "postgresql://…"),
    "application_name": (re.compile(r"[ -~]{1,63}"), "1 to 63 printable ASCII characters"),
    "admin_token": (re.compile(r"(cs_.{32,})?", re.DOTALL), "cs_ and at least 32 more characters"),
    "public_url": (
        re.compile(f"({PUBLIC_URL.pattern})?", re.ASCII),
        "http:// or https://, a host, and no / at the end",
    ),
    "rate_limit_url": (
        re.compile(r"(rediss?://([^\s@/]*@)?([\w.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/[0-9]{1,4})?(\?\S*)?)?"),
        "redis://… or rediss://…",
    ),
    "oidc_issuer": (re.compile(f"({SAFE_URL})?", re.ASCII), "https://…, or http:// of this machine"),
    "oidc_jwks": (
        re.compile(f"(?!.*://).*|{SAFE_URL}", re.ASCII),
        "a file, https://…, or http:// of this machine",
    ),
    "oidc_role_map": (
        re.compile(f"({ROLE}(;{ROLE})*)?", re.ASCII),
        "NAME=PROJECT:ROLE, several with ; between them",
    ),
    "metrics_token": (re.compile(r"([!-~]{32,})?"), "at least 32 printable ASCII characters without spaces"),
}
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("json", "text")


class SettingsError(Exception):
    """The environment holds settings that can't be used; the message lists every one."""


def setting(
    default: Any,
    help: str,
    least: int | None = None,
    most: int | None = None,
    secret: bool = False,
    choices: tuple[str, ...] = (),
) -> Any:
    limits = {"least": least, "most": most, "choices": choices}
    return field(default=default, metadata={"help": help, "secret": secret, **limits})


@dataclass(frozen=True)
class Settings:
    """One field a setting; `CLAIMSPAN_` and the upper-case name is its variable."""

    database_url: str = setting("sqlite:///var/claimspan.db", "The database, as sqlite:///FILE or postgresql://….")
    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8000, "Port to listen on.", 1, 65535)
    workers: int = setting(2, "Server processes.", 1, 256)
    threads: int = setting(
        2,
        "Threads in each process: more wait better, fewer run faster. One is held up by a slow reader.",
        1,
        64,
    )
    waiting_threads: int = setting(
        0, "Further threads in each process, that only wait for slow clients: for a service without a proxy.", 0, 1000
    )
    public_url: str = setting("", "Address of the service in exports, as https://…; that the client used if empty.")
    admin_token: str = setting("", "The first admin's token; made and kept in ADMIN_TOKEN_FILE if empty.", secret=True)
    admin_token_file: str = setting("var/admin-token", "Where the first start leaves the admin's token (mode 0600).")
    metrics_token: str = setting("", "Opens /metrics, also while the database is away.", secret=True)
    log_level: str = setting("info", "debug, info, warning or error; a request is info.", choices=LOG_LEVELS)
    log_format: str = setting("json", "json or text: log lines on standard error.", choices=LOG_FORMATS)
    stop_seconds: int = setting(10, "How long requests may take to finish after SIGTERM, in s.", 1, 3600)
    max_body_bytes: int = setting(32 * 1024**2, "Largest request body, in bytes.", 1024, 1024**3)
    max_import_line_bytes: int = setting(16 * 1024**2, "Longest line of an import, in bytes.", 1024, 1024**3)
    max_json_depth: int = setting(32, "Deepest nesting of a JSON body.", 8, 200)
    max_text_code_points: int = setting(2_000_000, "Longest article text, in code points.", 1, 100_000_000)
    max_page_items: int = setting(200, "Most items of a list on one page.", 1, 200)
    header_timeout_s: int = setting(30, "How long a client may take to send the head of a request, in s.", 1, 3600)
    rate_limit_per_minute: int = setting(6000, "Requests a token may make a minute; 0: any number.", 0, 1_000_000)
    rate_limit_burst: int = setting(0, "How many of them at once; 0: all of a minute.", 0, 1_000_000)
    rate_limit_url: str = setting(
        "", "Where they are counted, as redis://… or rediss://…; in or beside the database if empty.", secret=True
    )
    cors_origins: str = setting("", "Origins whose scripts may read answers, as https://a.example,https://b.example.")
    busy_timeout_ms: int = setting(10_000, "How long a write on SQLite waits for its turn, in ms.", 0, 600_000)
    pool_size: int = setting(
        8, "Database connections each process keeps (on PostgreSQL one a thread more, to count requests).", 1, 1000
    )
    pool_timeout_ms: int = setting(10_000, "How long a request waits for a free connection, in ms.", 1, 600_000)
    connect_timeout_s: int = setting(5, "How long connecting to PostgreSQL may take, in seconds.", 2, 600)
    statement_timeout_ms: int = setting(
        30_000,
        "How long a statement on PostgreSQL may take, in ms (exports: any time). 0: any time.",
        0,
        86_400_000,
    )
    lock_timeout_ms: int = setting(
        10_000, "How long a statement on PostgreSQL waits for locks of others, in ms. 0: any time.", 0, 86_400_000
    )
    idle_timeout_ms: int = setting(
        60_000, "How long PostgreSQL keeps a transaction of which nothing is heard, in ms. 0: any time.", 0, 86_400_000
    )
    application_name: str = setting("claimspan", "What the service is called in PostgreSQL's own views and logs.")
    replica_url: str = setting("", "A read replica of the database, as postgresql://…; none if empty.")
    oidc_issuer: str = setting("", "Sign-in by OpenID Connect: the issuer, as its tokens name it; off if empty.")
    oidc_audience: str = setting("", "The audience that its tokens must be for.")
    oidc_jwks: str = setting("", "Its public keys: a file, or an https:// address (http:// only of this machine).")
    oidc_leeway_seconds: int = setting(60, "How far its clock and ours may be apart, in seconds.", 0, 600)
    oidc_keys_seconds: int = setting(600, "How old keys from an address get before they are fetched again.", 1, 86400)
    oidc_refetch_seconds: int = setting(30, "Least time between two fetches because of an unknown key.", 1, 3600)
    oidc_user_claim: str = setting("preferred_username", "The claim that a new user's name is made from.")
    oidc_new_users: int = setting(1, "1: who signs in for the first time becomes a user; 0: only who is linked.", 0, 1)
    oidc_roles_claim: str = setting("", "The claim with roles in projects, as PROJECT:ROLE; none gives any if empty.")
    oidc_role_map: str = setting("", "Names in it that stand for roles, as NAME=PROJECT:ROLE;…; only these count then.")
    oidc_scope_prefix: str = setting("claimspan:", "Scopes read, write, admin with this before them narrow a token.")

    @property
    def origins(self) -> frozenset[str]:
        return frozenset(_listed(self.cors_origins))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The settings that `environ` gives, defaults for the rest.

        Raises:
            SettingsError: a name is unknown or a value does not fit; all of them are listed.
        """
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and name not in OF_CLIENTS}
        values: dict[str, Any] = {}
        faults = [f"{name} is not a setting{_meant(name, known)}" for name in sorted(given.keys() - known.keys())]
        for name in sorted(given.keys() & known.keys()):
            try:
                values[known[name].name] = _read(known[name], given[name])
            except ValueError as error:
                faults.append(f"{name}: {error}")
        if values.get("replica_url") and not values.get("database_url", "").startswith("postgresql:"):
            faults.append("CLAIMSPAN_REPLICA_URL: expected a CLAIMSPAN_DATABASE_URL that is postgresql://… too")
        faults += _halves(values)
        if faults:
            raise SettingsError("; ".join(faults) + ". docs/settings.md lists all settings.")
        return cls(**values)


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.upper(), known, 1, 0.8)
    return f" (did you mean {near[0]}?)" if near else ""


def _halves(values: Mapping[str, Any]) -> list[str]:
    """What is missing for sign-in to work, or is there without it."""
    given = {name for name, value in values.items() if name.startswith("oidc_") and value != ""}
    if not given:
        return []
    missing = [name for name in ("oidc_issuer", "oidc_audience", "oidc_jwks") if name not in given]
    faults = [f"{PREFIX}{name.upper()}: expected with {PREFIX}{min(given).upper()}" for name in missing]
    if "oidc_role_map" in given and "oidc_roles_claim" not in given:
        faults.append(f"{PREFIX}OIDC_ROLES_CLAIM: expected with {PREFIX}OIDC_ROLE_MAP")
    return faults


def _read(f: Field[Any], value: str) -> str | int:
    if f.type is not int:
        pattern, expected = EXPECTED.get(f.name, (None, ""))
        if pattern and not pattern.fullmatch(value):
            raise ValueError(f"expected {expected}")
        if f.metadata["choices"] and value not in f.metadata["choices"]:
            raise ValueError(f"expected {' or '.join(f.metadata['choices'])}, found {value!r}")
        if f.name == "cors_origins":
            _check_origins(value)
        return value
    least, most = f.metadata["least"], f.metadata["most"]
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ValueError(f"expected a whole number from {least} to {most}, found {value!r}")
    return int(value)


def _check_origins(value: str) -> None:
    for origin in _listed(value):
        if not ORIGIN.fullmatch(origin) or DEFAULT_PORT.fullmatch(origin):
            raise ValueError(
                "expected origins as a browser writes them, as https://a.example,http://localhost:3000: in lower case, "
                f"no path, no / at the end, no :80 and :443 that go without saying; found {origin!r}"
            )


def _listed(value: str) -> list[str]:
    return [each.strip() for each in value.split(",")] if value else []
