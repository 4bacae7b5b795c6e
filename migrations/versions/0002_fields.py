"""Requirements may be of a field of an API"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both may be null, so replicas of the version before go on writing rows.
    op.add_column("requirements", sa.Column("field", sa.Text(), nullable=True))
    op.add_column("requirements", sa.Column("field_value", sa.Text(), nullable=True))
