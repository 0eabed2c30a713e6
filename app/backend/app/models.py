"""Every table, so that SQLModel.metadata is complete."""

from app.auth.models import AuthSession
from app.ratelimit import RateLimitCounter
from app.tasks.models import Task
from app.users.models import User

__all__ = ["AuthSession", "RateLimitCounter", "Task", "User"]
