"""Everything an operator can set, read once from `CLAIMSPAN_*`."""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Self

PREFIX = "CLAIMSPAN_"
OF_CLIENTS = ("CLAIMSPAN_SERVER", "CLAIMSPAN_TOKEN")
"""No settings of the service: `upload` and `download` read them."""
PUBLIC_URL = re.compile(r"https?://[\w.:\[\]-]+(/[\w.~%-]+)*", re.ASCII)
SAFE_URL = re.compile(r"(https://[\w.-]+|http://(127\.0\.0\.1|localhost|\[::1\]))(:\d+)?(/[!-~]*)?", re.ASCII)
ROLE_MAP = re.compile(
    r"[^=;]+=[a-z0-9][a-z0-9-]{0,62}:(reader|reviewer|editor|owner)"
    r"(;[^=;]+=[a-z0-9][a-z0-9-]{0,62}:(reader|reviewer|editor|owner))*"
)


class SettingsError(Exception):
    """The environment holds settings that can't be used; the message lists every one."""


def setting(default: Any, help: str, least: int | None = None, most: int | None = None, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help, "least": least, "most": most, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """One field a setting; `CLAIMSPAN_` and the upper-case name is its variable."""

    database_url: str = setting("sqlite:///var/claimspan.db", "The database, as sqlite:///FILE or postgresql://….")
    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8000, "Port to listen on.", 1, 65535)
    workers: int = setting(2, "Server processes.", 1, 256)
    threads: int = setting(2, "Threads in each process: more wait better, fewer run faster.", 1, 64)
    public_url: str = setting("", "Address of the service in exports, as https://…; that the client used if empty.")
    admin_token: str = setting("", "The first admin's token; made and kept in ADMIN_TOKEN_FILE if empty.", secret=True)
    admin_token_file: str = setting("var/admin-token", "Where the first start leaves the admin's token (mode 0600).")
    max_body_bytes: int = setting(32 * 1024**2, "Largest request body, in bytes.", 1024, 1024**3)
    max_import_line_bytes: int = setting(16 * 1024**2, "Longest line of an import, in bytes.", 1024, 1024**3)
    max_json_depth: int = setting(32, "Deepest nesting of a JSON body.", 8, 200)
    max_text_code_points: int = setting(2_000_000, "Longest article text, in code points.", 1, 100_000_000)
    busy_timeout_ms: int = setting(10_000, "How long a write on SQLite waits for its turn, in ms.", 0, 600_000)
    pool_size: int = setting(8, "Database connections each process keeps.", 1, 1000)
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

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The settings that `environ` gives, defaults for the rest.

        Raises:
            SettingsError: a name is unknown or a value does not fit; all of them are listed.
        """
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and name not in OF_CLIENTS}
        values: dict[str, Any] = {}
        faults = [f"{name} is not a setting" for name in sorted(given.keys() - known.keys())]
        for name in sorted(given.keys() & known.keys()):
            try:
                values[known[name].name] = _read(known[name], given[name])
            except ValueError as error:
                faults.append(f"{name}: {error}")
        if values.get("replica_url") and not values.get("database_url", "").startswith("postgresql:"):
            faults.append("CLAIMSPAN_REPLICA_URL: expected a CLAIMSPAN_DATABASE_URL that is postgresql://… too")
        faults += _halves(values)
        if faults:
            raise SettingsError("; ".join(faults) + ". `flask --app app settings` lists all settings.")
        return cls(**values)


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
        if f.name == "database_url" and not re.fullmatch(r"sqlite:///(?!:memory:).+|postgresql://.+", value):
            raise ValueError("expected sqlite:///FILE or postgresql://…")
        if f.name == "replica_url" and value and not value.startswith("postgresql://"):
            raise ValueError("expected postgresql://…")
        if f.name == "application_name" and not re.fullmatch(r"[ -~]{1,63}", value):
            raise ValueError("expected 1 to 63 printable ASCII characters")
        if f.name == "admin_token" and value and not (value.startswith("cs_") and len(value) >= 35):
            raise ValueError("expected cs_ and at least 32 more characters")
        if f.name == "public_url" and value and not PUBLIC_URL.fullmatch(value):
            raise ValueError("expected http:// or https://, a host, and no / at the end")
        _check_sign_in(f.name, value)
        return value
    least, most = f.metadata["least"], f.metadata["most"]
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ValueError(f"expected a whole number from {least} to {most}, found {value!r}")
    return int(value)


def _check_sign_in(name: str, value: str) -> None:
    if name == "oidc_issuer" and value and not SAFE_URL.fullmatch(value):
        raise ValueError("expected https://…, or http:// of this machine")
    if name == "oidc_jwks" and "://" in value and not SAFE_URL.fullmatch(value):
        raise ValueError("expected a file, https://…, or http:// of this machine")
    if name == "oidc_role_map" and value and not ROLE_MAP.fullmatch(value):
        raise ValueError("expected NAME=PROJECT:ROLE, several with ; between them")
