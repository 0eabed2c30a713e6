"""Every table, so that SQLModel.metadata is complete."""

from app.auth.models import AuthSession
from app.ratelimit import RateLimitCounter
from app.scheduler.models import ScheduledJob
from app.tasks.models import Task
from app.users.models import User

__all__ = ["AuthSession", "RateLimitCounter", "ScheduledJob", "Task", "User"]
