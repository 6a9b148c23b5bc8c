"""Reasons for reports, removals and sanctions: codes that programs may rely on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    SPAM = "spam", _("Spam or advertising")
    INSULT = "insult", _("Insult")
    HATE = "hate", _("Hatred against people")
    VIOLENCE = "violence", _("Threat or glorification of violence")
    ILLEGAL = "illegal", _("Illegal content")
    PRIVACY = "privacy", _("Private data of others")
    MISINFORMATION = "misinformation", _("False claims of fact")
    OFF_TOPIC = "off_topic", _("Off topic")
    LANGUAGE = "language", _("Coarse language")
    OTHER = "other", _("Something else")
