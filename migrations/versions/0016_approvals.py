"""More than one approval of a pull request, each with the permission of the person"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pull_requests",
        sa.Column("approvals", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    # Who could approve could write, unless the configuration asked for more: the least that is sure.
    op.execute(
        """
        UPDATE pull_requests
        SET approvals = jsonb_build_array(
            jsonb_build_object('by', approved_by, 'permission', 'write', 'sha', approved_sha)
        )
        WHERE approved_by IS NOT NULL AND approved_sha IS NOT NULL AND status = 'open'
        """
    )
