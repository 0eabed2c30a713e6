"""Removes rows that have outlived their use."""

from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import func, tuple_
from sqlmodel import col, delete, select

from app.attachments.repository import remove_discarded
from app.attachments.storage import make_storage
from app.auth.models import AuthSession
from app.chat.ending import close_abandoned
from app.chat.repository import TurnRepository
from app.chat.service import EVENTS_LIFE
from app.fields import utcnow
from app.idempotency import LIFE, IdempotencyKey
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


async def remove_answered(context: JobContext) -> None:
    """Delete the answers of requests that nobody may repeat any more."""
    own_key = tuple_(col(IdempotencyKey.user_id), col(IdempotencyKey.key))
    over = select(IdempotencyKey.user_id, IdempotencyKey.key).where(col(IdempotencyKey.created_at) < func.now() - LIFE)
    statement = delete(IdempotencyKey).where(own_key.in_(over.limit(_BATCH).with_for_update(skip_locked=True)))
    await context.session.exec(statement)


async def remove_files(context: JobContext) -> None:
    """Remove the files of attachments that are gone, where there is a storage."""
    if storage := make_storage(context.settings):
        await remove_discarded(context.session, storage)


async def remove_answers(context: JobContext) -> None:
    """End answers whose process died while nobody looked, and forget the events of old ones."""
    turns = TurnRepository(context.session)
    for turn_id in await turns.abandoned(_BATCH):
        await close_abandoned(context.session, turn_id)
    await turns.forget_events(utcnow() - EVENTS_LIFE, _BATCH)


cleanup = Job("cleanup", IntervalTrigger(minutes=1), remove_expired)
answers = Job("answers", IntervalTrigger(minutes=10), remove_answered)
chat = Job("chat", IntervalTrigger(minutes=1), remove_answers)
files = Job("files", IntervalTrigger(minutes=1), remove_files)
