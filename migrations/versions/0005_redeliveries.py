"""What GitHub was asked to deliver again"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redeliveries",
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inbox_position", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("guid", name="pk_redeliveries"),
    )
