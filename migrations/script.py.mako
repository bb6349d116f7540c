"""${message}"""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Json, Moment, When

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
