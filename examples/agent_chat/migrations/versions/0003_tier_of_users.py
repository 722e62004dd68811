"""How much a user may do.

Revision: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("tier", sa.String(16), server_default="free", nullable=False))


def downgrade() -> None:
    """Undo."""
    op.drop_column("users", "tier")
