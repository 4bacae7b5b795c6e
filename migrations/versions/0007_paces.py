"""How fast we may write for an installation"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("installation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_write_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("budget", sa.Float(), nullable=False),
        sa.Column("budget_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("installation_id", name="pk_paces"),
    )
