"""What a driver's error is taken for, by the drivers' own errors."""

from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.engines import sqlite
from api.errors import Conflict
from api.models import users
from api.models.columns import now

ROW = {"name": "nina", "display_name": "Nina", "admin": False}


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"name": "rita", "created_at": now()}, Conflict),
        ({"created_at": None}, (sa.exc.IntegrityError, sqlite.IntegrityError)),
    ],
)
def test_only_what_others_can_have_caused_is_a_conflict(database: Database, row: dict[str, object], error: Any) -> None:
    with pytest.raises(error):
        database.write(lambda tx: tx.execute(sa.insert(users), {**ROW, **row}))
