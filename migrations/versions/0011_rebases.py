"""What the rebase broker knows, and the history of one pull request by an index"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pull_requests",
        sa.Column("head_times", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("pull_requests", sa.Column("stacked", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("rebase_requests", sa.Column("kicked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rebase_requests", sa.Column("silent", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("branches", sa.Column("state", sa.Text(), server_default="unknown", nullable=False))
    op.add_column("branches", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("branches", sa.Column("base_sha", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_history_repository_id_number_id", "history", ["repository_id", "number", "id"])
