"""Reminders that come up."""

import asyncio

from apscheduler.triggers.interval import IntervalTrigger

from app.reminders.mail import send
from app.reminders.repository import deliver_due, mails_due, note_mailed
from app.scheduler.jobs import Job, JobContext


async def deliver(context: JobContext) -> None:
    """Note of reminders that their time has come."""
    await deliver_due(context.session)


async def mail(context: JobContext) -> None:
    """Send them by e-mail, where there is a server; one that was cut off after it was sent is sent again."""
    if context.settings.smtp_host and (due := await mails_due(context.session)):
        settled = await asyncio.to_thread(send, context.settings, due)
        await note_mailed(context.session, [each.id for each in settled])


reminders = Job("reminders", IntervalTrigger(seconds=15), deliver)
reminder_mails = Job("reminder_mails", IntervalTrigger(seconds=15), mail)
