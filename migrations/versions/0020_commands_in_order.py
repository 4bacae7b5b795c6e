"""When a command was said and at which head, its reaction, and until when it waits"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("commands", sa.Column("head_sha", sa.Text(), server_default="", nullable=False))
    op.add_column("commands", sa.Column("said_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("commands", sa.Column("reaction", sa.Text(), server_default="", nullable=False))
    op.add_column("commands", sa.Column("run_after", sa.DateTime(timezone=True), nullable=True))
