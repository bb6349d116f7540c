"""Everything an operator can set, read once from `CLAIMSPAN_*`."""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Self

PREFIX = "CLAIMSPAN_"
OF_CLIENTS = ("CLAIMSPAN_SERVER", "CLAIMSPAN_TOKEN")
"""No settings of the service: `upload` and `download` read them."""
PUBLIC_URL = re.compile(r"https?://[\w.:\[\]-]+(/[\w.~%-]+)*", re.ASCII)


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
        if faults:
            raise SettingsError("; ".join(faults) + ". `flask --app app settings` lists all settings.")
        return cls(**values)


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
        return value
    least, most = f.metadata["least"], f.metadata["most"]
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ValueError(f"expected a whole number from {least} to {most}, found {value!r}")
    return int(value)
