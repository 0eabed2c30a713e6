"""Reminders that come up."""

import asyncio
from datetime import UTC

from apscheduler.triggers.interval import IntervalTrigger

from app.mail import Letter, send
from app.reminders.repository import DueMail, deliver_due, mails_due, note_mailed
from app.scheduler.jobs import Job, JobContext


async def deliver(context: JobContext) -> None:
    """Note of reminders that their time has come."""
    await deliver_due(context.session)


async def mail(context: JobContext) -> None:
    """Send them by e-mail, where there is a server; one that was cut off after it was sent is sent again."""
    if context.settings.smtp_host and (due := await mails_due(context.session)):
        settled = await asyncio.to_thread(send, context.settings, [(each.id, _letter(each)) for each in due])
        await note_mailed(context.session, settled)


def _letter(mail: DueMail) -> Letter:
    title = " ".join(mail.title.split())
    due = f"It is due on {mail.due_date.astimezone(UTC):%Y-%m-%d at %H:%M} UTC.\n" if mail.due_date else ""
    return Letter(
        id=f"{mail.id}.{mail.remind_at:%Y%m%d%H%M%S}",
        to=mail.email,
        subject=f"Reminder: {title}",
        text=f"You asked to be reminded of: {title}\n{due}",
    )


reminders = Job("reminders", IntervalTrigger(seconds=15), deliver)
reminder_mails = Job("reminder_mails", IntervalTrigger(seconds=15), mail)
