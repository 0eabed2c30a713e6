"""Removes rows that have outlived their use."""

from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import func
from sqlmodel import col, delete, select

from app.auth.models import AuthSession
from app.ratelimit import RateLimitCounter
from app.scheduler.jobs import Job, JobContext

# Few enough not to hold anybody up; the rest waits for the next time.
_BATCH = 5000


async def remove_expired(context: JobContext) -> None:
    """Delete sessions and counters whose time is over."""
    for table, key in ((AuthSession, col(AuthSession.id)), (RateLimitCounter, col(RateLimitCounter.key))):
        over = col(table.expires_at) <= func.now()
        expired = select(key).where(over).limit(_BATCH).with_for_update(skip_locked=True)
        await context.session.exec(delete(table).where(key.in_(expired)))


cleanup = Job("cleanup", IntervalTrigger(minutes=1), remove_expired)
