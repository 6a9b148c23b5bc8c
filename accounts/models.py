"""People."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. Logs in by e-mail, is seen by `name`."""

    class Role(models.TextChoices):
        READER = "reader", _("Reader")
        JOURNALIST = "journalist", _("Journalist")
        MODERATOR = "moderator", _("Moderator")
        EDITOR = "editor", _("Editor")
        ADMINISTRATOR = "administrator", _("Administrator")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=40)
    name_key = models.CharField(max_length=120, unique=True, editable=False)
    role = models.CharField(max_length=13, choices=Role, default=Role.READER)
    language = models.CharField(max_length=2, blank=True, default="")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    @property
    def moderates(self) -> bool:
        """May decide on comments and restrict people."""
        return self.role in {self.Role.MODERATOR, self.Role.ADMINISTRATOR}

    @property
    def edits(self) -> bool:
        """May publish articles and ticker items."""
        return self.role in {self.Role.EDITOR, self.Role.ADMINISTRATOR}
