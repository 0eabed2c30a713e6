"""Every table, so that SQLModel.metadata is complete."""

from app.activity.models import TaskActivity
from app.attachments.models import Attachment, DiscardedFile
from app.auth.models import AuthSession
from app.calendar.models import CalendarFeed
from app.categories.models import Category
from app.chat.models import ChatEvent, ChatTurn
from app.confirmation.models import EmailConfirmation
from app.conversations.models import Conversation, Message
from app.filters.models import SavedFilter
from app.idempotency import IdempotencyKey
from app.ratelimit import RateLimitCounter
from app.reminders.models import Reminder
from app.scheduler.models import ScheduledJob
from app.subtasks.models import Subtask
from app.tags.models import Tag, TaskTag
from app.tasks.models import Task
from app.users.models import User

__all__ = [
    "Attachment",
    "AuthSession",
    "CalendarFeed",
    "Category",
    "ChatEvent",
    "ChatTurn",
    "Conversation",
    "DiscardedFile",
    "EmailConfirmation",
    "IdempotencyKey",
    "Message",
    "RateLimitCounter",
    "Reminder",
    "SavedFilter",
    "ScheduledJob",
    "Subtask",
    "Tag",
    "Task",
    "TaskActivity",
    "TaskTag",
    "User",
]
