"""A command may come from a button below a check, which has no comment"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A replica of the version before that meets such a row reacts to no comment, and goes on.
    op.add_column("commands", sa.Column("delivery", sa.Text(), nullable=True))
    op.create_unique_constraint("uq_commands_delivery", "commands", ["delivery"])
    op.alter_column("commands", "comment_id", existing_type=sa.BigInteger(), nullable=True)
