from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.database.columns import LineField, ProseField


class Limit(models.Model):
    """The recent hits of a key under a limit, if Redis does not count them: see newsroom.limits.

    `hits` are times in microseconds since 1970, oldest first. From `until` on none of them counts any more.
    """

    key = models.CharField(max_length=150, primary_key=True)
    hits = models.JSONField(default=list)
    until = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "newsroom_limit"

    def __str__(self) -> str:
        return self.key


class Worker(models.Model):
    """A process that runs background tasks, and its last sign of life."""

    name = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "newsroom_worker"

    def __str__(self) -> str:
        return self.name


class ChoreQuerySet(models.QuerySet["Chore"]):
    def begin(self: Self, name: str, every: timedelta) -> bool:
        """Claim the chore if it is due. Returns whether the caller has it; then nobody else gets it until `every` has
        passed.

        A row and no advisory lock: that would be lost behind a PgBouncer, and SQLite has none.
        """
        now: datetime = timezone.now()
        if self.get_or_create(name=name, defaults={"begun_at": now})[1]:
            return True
        return self.filter(name=name, begun_at__lte=now - every).update(begun_at=now) == 1


class Chore(models.Model):
    """A chore for one of all workers at a time, and when a worker last began it."""

    name = models.CharField(max_length=64, primary_key=True)
    begun_at = models.DateTimeField()

    objects = ChoreQuerySet.as_manager()

    class Meta:
        db_table = "newsroom_chore"

    def __str__(self) -> str:
        return self.name


class FigureQuerySet(models.QuerySet["Figure"]):
    def rise(self: Self, family: str, label: str) -> None:
        """Count one more. Not in a transaction that goes on for long: all others that count this wait for its end."""
        mine = self.filter(family=family, label=label)
        if (
            not mine.update(value=F("value") + 1)
            and not self.get_or_create(family=family, label=label, defaults={"value": 1})[1]
        ):
            mine.update(value=F("value") + 1)

    def of(self: Self, family: str) -> dict[str, float]:
        """The counter for each label."""
        return {label: float(value) for label, value in self.filter(family=family).values_list("label", "value")}


class Figure(models.Model):
    """A counter that all processes keep together, such as mails that were sent: for `/metrics`."""

    family = models.CharField(max_length=64)
    label = models.CharField(max_length=32)
    value = models.BigIntegerField(default=0)

    objects = FigureQuerySet.as_manager()

    class Meta:
        db_table = "newsroom_figure"
        constraints = [models.UniqueConstraint(fields=["family", "label"], name="one_figure")]

    def __str__(self) -> str:
        return f"{self.family} {self.label}"


class Appearance(models.Model):
    """The publisher's face, in one row; what is empty is as it is without the row. See newsroom.face."""

    ONLY = 1  # the row's key

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = LineField(_("name of the site"), max_length=80, blank=True, default="")
    logo = models.CharField(_("logo"), max_length=120, blank=True, default="", editable=False)  # under MEDIA_ROOT
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_dark = models.CharField(_("logo for the dark scheme"), max_length=120, blank=True, default="", editable=False)
    logo_dark_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_dark_height = models.PositiveSmallIntegerField(default=0, editable=False)
    accent_light = LineField(_("links and accents, light"), max_length=7, blank=True, default="")
    accent_dark = LineField(_("links and accents, dark"), max_length=7, blank=True, default="")
    masthead_light = LineField(_("ground of the masthead, light"), max_length=7, blank=True, default="")
    masthead_dark = LineField(_("ground of the masthead, dark"), max_length=7, blank=True, default="")
    masthead_text_light = LineField(_("text of the masthead, light"), max_length=7, blank=True, default="")
    masthead_text_dark = LineField(_("text of the masthead, dark"), max_length=7, blank=True, default="")
    footer_links = ProseField(_("links in the footer"), max_length=5000, blank=True, default="")
    welcome = ProseField(_("welcome text"), max_length=5000, blank=True, default="")  # Markdown
    welcome_html = models.TextField(editable=False, default="")
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)  # raised with every change

    class Meta:
        db_table = "newsroom_appearance"
        verbose_name = _("appearance")
        verbose_name_plural = _("appearance")

    def __str__(self) -> str:
        return str(_("Appearance"))
