"""How rollouts are known, how they stand, and what commits contain"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cluster_observations", sa.Column("source", sa.Text(), server_default="", nullable=False), if_not_exists=True
    )
    op.create_index("ix_cluster_observations_cluster_observed_at", "cluster_observations", ["cluster", "observed_at"])
    op.add_column("rollouts", sa.Column("proof", sa.Text(), server_default="", nullable=False))
    op.add_column("rollouts", sa.Column("health", sa.Text(), server_default="pending", nullable=False))
    op.add_column("rollouts", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.execute("update rollouts set health = 'rolled-out' where state = 'rolled-out'")
    op.create_table(
        "commit_ancestries",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("ancestor", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_commit_ancestries_repository_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repository_id", "ancestor", "commit", name="pk_commit_ancestries"),
    )
    op.create_table(
        "status_reads",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_status_reads_repository_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repository_id", name="pk_status_reads"),
    )
