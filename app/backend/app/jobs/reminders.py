"""Reminders that come up."""

from apscheduler.triggers.interval import IntervalTrigger

from app.reminders.repository import deliver_due
from app.scheduler.jobs import Job, JobContext


async def deliver(context: JobContext) -> None:
    """Note of reminders that their time has come."""
    await deliver_due(context.session)


reminders = Job("reminders", IntervalTrigger(seconds=15), deliver)
