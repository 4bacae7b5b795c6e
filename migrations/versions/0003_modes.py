"""What the mode of a repository keeps from being written"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plans", sa.Column("withheld", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False))
