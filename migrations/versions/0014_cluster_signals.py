"""What each source last saw of a cluster, which kinds it serves, and who told an observation"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("cluster_observations", "source", server_default="event")
    op.execute("update cluster_observations set source = 'event' where source = ''")
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
