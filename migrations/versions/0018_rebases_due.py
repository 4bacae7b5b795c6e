"""Rebases that are due and were not asked yet; the base that a request was made for"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pull_requests", sa.Column("rebase_due", sa.Text(), server_default="", nullable=False))
    op.add_column("rebase_requests", sa.Column("base_sha", sa.Text(), server_default="", nullable=False))
