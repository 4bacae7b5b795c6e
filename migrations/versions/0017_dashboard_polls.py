"""What the last poll saw of the dashboard issue"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("polls", sa.Column("dashboard_etag", sa.Text(), server_default="", nullable=False))
