"""What an incident was judged by, so that it is judged again when more is known"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("good_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incidents", sa.Column("between", postgresql.JSONB(), nullable=True))
    op.add_column("incidents", sa.Column("judged", sa.Text(), server_default="", nullable=False))
