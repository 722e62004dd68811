"""Runs, and what agents keep between them.

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(36)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "runs",
        sa.Column("id", ID, primary_key=True),
        sa.Column("thread_id", ID, sa.ForeignKey("threads.id", ondelete="CASCADE"), nullable=False),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("tools", JSONB, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("started_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("finished_at", MOMENT),
    )
    op.create_index("ix_runs_thread_id", "runs", ["thread_id"])
    op.create_table(
        "agent_state",
        sa.Column("user_id", ID, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("agent", sa.String(64), primary_key=True),
        sa.Column("state", JSONB, nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.func.now(), nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("agent_state")
    op.drop_table("runs")
