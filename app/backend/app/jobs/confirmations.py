"""Links that confirm e-mail addresses."""

import asyncio

from apscheduler.triggers.interval import IntervalTrigger

from app.confirmation.links import Links
from app.confirmation.models import EmailConfirmation
from app.confirmation.repository import links_due, note_sent
from app.mail import Letter, send
from app.scheduler.jobs import Job, JobContext


async def mail(context: JobContext) -> None:
    """Send the links that were asked for; one that was cut off after it was sent is sent again."""
    if context.settings.smtp_host and (due := await links_due(context.session)):
        links = Links(context.settings)
        settled = await asyncio.to_thread(send, context.settings, [(each, _letter(links, each)) for each in due])
        await note_sent(context.session, settled)


def _letter(links: Links, wanted: EmailConfirmation) -> Letter:
    return Letter(
        id=f"{wanted.user_id}.{wanted.requested_at:%Y%m%d%H%M%S}",
        to=wanted.email,
        subject="Confirm your e-mail address",
        text=f"Somebody has an account with this address. If it is you, open this page within a day:\n\n"
        f"{links.make(wanted.user_id, wanted.email)}\n\nIf it is not, there is nothing to do.\n",
    )


confirmations = Job("confirmations", IntervalTrigger(seconds=15), mail)
