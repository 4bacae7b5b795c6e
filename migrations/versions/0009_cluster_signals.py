"""What each source last saw of a cluster, which kinds it serves, and who told an observation"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cluster_observations", sa.Column("source", sa.Text(), server_default=sa.text("'event'"), nullable=False)
    )
    op.create_index(
        "ix_cluster_observations_cluster_object_observed_at",
        "cluster_observations",
        ["cluster", "object", "observed_at"],
    )
    op.create_table(
        "cluster_signals",
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["cluster"], ["clusters.name"], name="fk_cluster_signals_cluster", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cluster", "source", "part", name="pk_cluster_signals"),
    )
    op.create_table(
        "served_kinds",
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("served", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cluster"], ["clusters.name"], name="fk_served_kinds_cluster", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cluster", "source", "group", "kind", "version", name="pk_served_kinds"),
    )
