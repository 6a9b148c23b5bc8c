"""Imports of comments from the desk: a file that somebody has handed in, how far it is, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.sources import MAX_INSTANCE
from newsroom.database.columns import LineField, ProseField

# Names of formats, as `import_comments` has them.
FORMATS = {
    "artalk": "Artalk",
    "comentario": "Comentario",
    "commento": "Commento",
    "coral": "Coral",
    "discourse": "Discourse",
    "disqus": "Disqus",
    "isso": "Isso",
    "newsroom": "Newsroom",
    "remark42": "Remark42",
    "waline": "Waline, Valine",
    "wordpress": "WordPress",
}
# Why an import ended. Its page says it in words.
SITELESS = "siteless"  # the file does not say where its pages are, and nobody else has
CROSSED = "crossed"  # something else has brought in the same comments at the same moment
MAX_SITES = 1000  # characters


class CommentImport(models.Model):
    """`comments.actions.imports` and the task that works on it alone write these rows."""

    class State(models.TextChoices):
        READING = "reading", _("Being looked through")
        READ = "read", _("Waits for you")
        WRITING = "writing", _("Coming in")
        DONE = "done", _("Done")
        FAILED = "failed", _("Refused")
        STOPPED = "stopped", _("Interrupted")  # its task is given up; it can be tried again

    AT_WORK = frozenset({State.READING, State.WRITING})

    state = models.CharField(_("state"), max_length=7, choices=State, default=State.READING)
    format = models.CharField(_("system"), max_length=20, choices=FORMATS)
    file_name = LineField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"))
    sites = ProseField(
        _("addresses of the site"),
        max_length=MAX_SITES,
        blank=True,
        help_text=_(
            "One a line, the usual first. Pages on other hosts stay out. Empty: ours, and what the file calls its own."
        ),
    )
    instance = LineField(
        _("name of the system there"),
        max_length=MAX_INSTANCE,
        blank=True,
        help_text=_("By it the next import knows what has come in. Empty: the host of the site."),
    )
    zone = LineField(
        _("time zone of times without one"),
        max_length=40,
        blank=True,
        help_text=_("Such as Europe/Berlin. Empty: UTC."),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    report = models.JSONField(default=dict)  # {"numbers": as `import_comments --json` gives them, "lines": [...]}
    error = ProseField(max_length=1000, blank=True)  # why it has ended: SITELESS, CROSSED, or a sentence
    share = models.PositiveSmallIntegerField(default=0)  # per cent that are done
    records = models.PositiveBigIntegerField(default=0)  # that are done
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("import of comments")
        verbose_name_plural = _("imports of comments")

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK


class ImportPart(models.Model):
    """A piece of the file. It is kept until the import is done, so that any machine's worker finds it."""

    job = models.ForeignKey(CommentImport, models.CASCADE, related_name="parts")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.job_id}: {self.pk}"
