"""What the last poll of a repository saw"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("repository_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pulls_etag", sa.Text(), server_default="", nullable=False),
        sa.Column("base_etag", sa.Text(), server_default="", nullable=False),
        sa.Column("comments_etag", sa.Text(), server_default="", nullable=False),
        sa.Column("comments_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_comment", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_polls_repository_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repository_id", name="pk_polls"),
    )
