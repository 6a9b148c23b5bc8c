"""Articles with their photos and sections; tickers with their items."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import F, Lookup, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Viewer
from accounts.duties import EVERYWHERE, Duty, Sections, within
from accounts.models import User
from newsroom.database.columns import LineField, ProseField

BODY_LENGTH = 200_000
LEAD_LENGTH = 2_000
TEXT_LENGTH = 5_000
NOTE_LENGTH = 500
SITE_TICKER = "newsticker"  # the slug of the whole site's ticker


class State(models.TextChoices):
    """The state of an article or a ticker item. Only actions change it."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")  # published automatically at its time
    PUBLISHED = "published", _("Published")
    RETRACTED = "retracted", _("Retracted")  # taken back by an editor


class Section(models.Model):
    name = LineField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/sections/{self.slug}/"


class Photo(models.Model):
    """A picture that we encoded ourselves. `file` is its JPEG; its `widths` in modern formats are stored beside it."""

    file = models.CharField(_("file"), max_length=100, editable=False)  # "photos/<hash>/<width>.jpg" under MEDIA_ROOT
    width = models.PositiveIntegerField(editable=False)  # pixels, of `file`
    height = models.PositiveIntegerField(editable=False)
    widths = models.JSONField(default=list, editable=False)  # pixels, rising; each as .webp and .avif
    caption = LineField(_("caption"), max_length=500, blank=True)
    alt = LineField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What is to be seen, for those who cannot.")
    )
    credit = LineField(_("credit"), max_length=200, blank=True)
    credit_url = models.URLField(_("link to the image source"), max_length=500, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True, validators=[MaxValueValidator(2200)])
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        indexes = [models.Index(fields=["year", "-id"], name="photo_years")]  # the desk's filter

    def __str__(self) -> str:
        return self.caption or self.alt or f"#{self.pk}"

    @property
    def url(self) -> str:
        return f"{settings.MEDIA_URL}{self.file}"

    def srcset(self, kind: str = "webp") -> str:
        """All widths in one format, "webp" or "avif", as value of the attribute."""
        folder = PurePosixPath(self.file).parent
        return ", ".join(f"{settings.MEDIA_URL}{folder}/{width}.{kind} {width}w" for width in self.widths)


class _NotPublished(Lookup[None]):
    """The condition of the indexes `article_states` and `item_states`, written out: a plan that is made for any values
    cannot use them.
    """

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        state, values = self.process_lhs(compiler, connection)
        return f"{state} IN ('draft', 'scheduled', 'retracted')", values


class ArticleQuerySet(models.QuerySet["Article"]):
    def listed(self) -> Self:
        """What public lists show: the published ones."""
        return self.filter(state=State.PUBLISHED)

    def taken_back(self) -> Self:
        """The retracted ones, of which readers see only that they were retracted, and the note."""
        return self.filter(state=State.RETRACTED)

    def unpublished(self) -> Self:
        """The others, by an index."""
        return self.filter(_NotPublished(F("state"), None))

    def visible_to(self, viewer: Viewer) -> Self:
        """What `viewer` may read: the published ones, their own, and all of the sections for which they write."""
        if not viewer.is_authenticated:
            return self.listed()
        here = viewer.sections(Duty.WRITE)
        if here == EVERYWHERE:
            return self.all()
        readable = Q(state=State.PUBLISHED) | Q(created_by=viewer)
        return self.filter(readable | Q(section__in=here) if here else readable)

    def for_teaser(self) -> Self:
        """With everything that a teaser shows, without the body."""
        return self.select_related("section", "photo").defer("body", "html", "photo__created_at")

    def for_page(self) -> Self:
        """With everything that `article_json` reads from the row itself; see `reads.complete` for the rest."""
        return self.select_related("section", "photo", "ticker").defer("body")

    def for_list(self) -> Self:
        """With everything that `listed_json` reads from the row itself."""
        return self.for_page().defer("body", "html")

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class Article(models.Model):
    # What its authors write, in the order of the desk's form and of the history. A change of these is a correction.
    WORDS = ("kicker", "headline", "lead", "body", "author_line")

    class Format(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        HTML = "html", "HTML"  # imported

    State = State

    slug = models.SlugField(_("slug"), max_length=200, unique=True)
    section = models.ForeignKey(Section, models.PROTECT, related_name="articles", verbose_name=_("section"))
    kicker = LineField(_("kicker"), max_length=80, blank=True, help_text=_("The short line above the headline."))
    headline = LineField(_("headline"), max_length=300)
    lead = ProseField(_("lead"), blank=True, validators=[MaxLengthValidator(LEAD_LENGTH)])
    body = ProseField(_("body"), blank=True, validators=[MaxLengthValidator(BODY_LENGTH)])
    body_format = models.CharField(max_length=8, choices=Format, default=Format.MARKDOWN, editable=False)
    html = models.TextField(blank=True, editable=False)  # made from `body` by actions
    author_line = LineField(_("author line"), max_length=200, blank=True)
    # Whose comments below it are marked as the author's.
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account of the author"),
    )
    language = models.CharField(_("language"), max_length=10, default="de", help_text=_("Code such as de, en, ru."))
    photo = models.ForeignKey(
        Photo, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("photo")
    )
    related = models.ManyToManyField("self", symmetrical=False, blank=True, verbose_name=_("related articles"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(_("corrected at"), null=True, blank=True, editable=False)
    correction = LineField(_("correction note"), max_length=NOTE_LENGTH, blank=True, editable=False)
    retraction = LineField(
        _("retraction note"), max_length=NOTE_LENGTH, blank=True, editable=False, default="", db_default=""
    )
    source = models.CharField(max_length=40, blank=True, editable=False)  # the name of the importer
    source_id = LineField(max_length=200, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ArticleQuerySet.as_manager()

    teasers: list[Article]  # both are set by `reads.complete`
    discussion_id: int | None = None

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "scheduled"], published_at=None)
                | Q(state__in=["published", "retracted"], published_at__isnull=False),
                name="article_published_at_with_its_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False), name="article_scheduled_has_a_time"
            ),
            models.CheckConstraint(condition=~Q(headline="") & ~Q(slug=""), name="article_has_headline_and_slug"),
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~Q(source=""), name="article_imported_once"
            ),
        ]
        indexes = [
            models.Index(fields=["published_at", "id"], condition=Q(state="published"), name="article_listed"),
            models.Index(
                fields=["section", "published_at", "id"], condition=Q(state="published"), name="article_of_section"
            ),
            models.Index(fields=["publish_at"], condition=Q(state="scheduled"), name="article_due"),
            models.Index(fields=["created_at"], name="article_written"),  # the desk's list, and its sort by time
            models.Index(fields=["published_at"], name="article_times"),
            # The desk's lists of a state, but for the published, of a section, and of a language
            models.Index(
                fields=["state", "-created_at", "-id"],
                condition=Q(state__in=["draft", "scheduled", "retracted"]),
                name="article_states",
            ),
            models.Index(fields=["section", "-created_at", "-id"], name="article_section_written"),
            models.Index(fields=["language", "-created_at", "-id"], name="article_language_written"),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return f"/articles/{self.slug}/"


def _edited_by(viewer: Viewer) -> Sections:
    return viewer.sections(Duty.EDIT) if viewer.is_authenticated else frozenset()


def _at_desk(viewer: User, path: str, public: Q) -> Q:
    """What is public, and all in the sections where `viewer` has any duty; `path` leads to the section."""
    here = viewer.in_force.anywhere()
    return Q() if here == EVERYWHERE else public | within(here, path)


class TickerQuerySet(models.QuerySet["Ticker"]):
    def listed(self) -> Self:
        """The tickers of the site and the live blogs of published articles."""
        return self.filter(Q(article=None) | Q(article__state=State.PUBLISHED))

    def visible_to(self, viewer: Viewer) -> Self:
        """What `viewer` may follow: the listed ones, and all of the sections that they edit."""
        here = _edited_by(viewer)
        if here == EVERYWHERE:
            return self.all()
        return self.listed() | self.filter(article__section__in=here) if here else self.listed()

    def on_the_desk_of(self, viewer: User) -> Self:
        """What the desk lists for `viewer`: the listed ones, and all of the sections where they have any duty."""
        return self.filter(_at_desk(viewer, "article__section", Q(article=None) | Q(article__state=State.PUBLISHED)))


class Coverage(models.TextChoices):
    """The state of a live blog. Its first item begins it, and editors end it."""

    BEFORE = "before", _("Has not begun")
    LIVE = "live", _("Under way")
    OVER = "over", _("Over")


class Ticker(models.Model):
    slug = models.SlugField(_("slug"), max_length=70, unique=True)  # its stream's name has room for no more
    title = LineField(_("title"), max_length=120)
    description = LineField(_("description"), max_length=500, blank=True)
    article = models.OneToOneField(  # then it is that article's live blog
        Article, models.PROTECT, null=True, blank=True, related_name="ticker", verbose_name=_("article")
    )
    last_number = models.PositiveIntegerField(_("last number"), default=0, editable=False)  # of the newest item
    summary = ProseField(
        _("summary"),
        blank=True,
        default="",
        db_default="",
        validators=[MaxLengthValidator(TEXT_LENGTH)],
        help_text=_("Markdown. What has happened so far: on top of a live blog."),
    )
    summary_html = models.TextField(blank=True, default="", db_default="", editable=False)  # made by actions
    began_at = models.DateTimeField(null=True, blank=True, editable=False)  # when its first item was published
    ended_at = models.DateTimeField(_("over since"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TickerQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticker")
        verbose_name_plural = _("tickers")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return "/newsticker/" if self.slug == SITE_TICKER else f"/newsticker/{self.slug}/"

    @property
    def stream(self) -> str:
        return f"ticker.{self.slug}"

    @property
    def section_id(self) -> int | None:
        """Of a live blog the section of its article."""
        return self.article.section_id if self.article else None

    @property
    def coverage(self) -> Coverage:
        if self.ended_at:
            return Coverage.OVER
        return Coverage.LIVE if self.last_number else Coverage.BEFORE


class TickerItemQuerySet(models.QuerySet["TickerItem"]):
    def listed(self) -> Self:
        """What everybody may read: the published ones."""
        return self.filter(state=State.PUBLISHED)

    def placed(self) -> Self:
        """What public lists show: the published ones, and the places of retracted ones."""
        return self.filter(state__in=[State.PUBLISHED, State.RETRACTED], number__isnull=False)

    def in_state(self, state: str) -> Self:
        """Those in this state: by an index, unless it is `published`."""
        found = self.filter(state=state)
        return found if state == State.PUBLISHED else found.filter(_NotPublished(F("state"), None))

    def visible_to(self, viewer: Viewer) -> Self:
        """What `viewer` may read: the published ones of listed tickers, and all of the sections that they edit."""
        here = _edited_by(viewer)
        if here == EVERYWHERE:
            return self.all()
        public = Q(state=State.PUBLISHED, ticker__in=Ticker.objects.listed())
        return self.filter(public | Q(ticker__article__section__in=here) if here else public)

    def on_the_desk_of(self, viewer: User) -> Self:
        """Like TickerQuerySet.on_the_desk_of."""
        public = Q(state=State.PUBLISHED, ticker__in=Ticker.objects.listed())
        return self.filter(_at_desk(viewer, "ticker__article__section", public))

    def for_list(self) -> Self:
        """With everything that `item_json` reads."""
        return self.select_related("ticker", "article").defer("article__body", "article__html", "article__lead")


class TickerItem(models.Model):
    WORDS = ("headline", "text")  # a change of these is a correction

    class Level(models.TextChoices):
        NORMAL = "normal", _("Normal")
        BREAKING = "breaking", _("Breaking")

    State = State

    ticker = models.ForeignKey(Ticker, models.PROTECT, related_name="items", db_index=False, verbose_name=_("ticker"))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)  # given at publication
    headline = LineField(_("headline"), max_length=200)
    text = ProseField(_("text"), blank=True, validators=[MaxLengthValidator(TEXT_LENGTH)])
    html = models.TextField(blank=True, editable=False)  # made from `text` by actions
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="items", verbose_name=_("article")
    )
    level = models.CharField(_("level"), max_length=8, choices=Level, default=Level.NORMAL)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT, editable=False)
    pinned = models.BooleanField(_("pinned"), default=False)
    key_event = models.BooleanField(_("key event"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    corrected_at = models.DateTimeField(_("corrected at"), null=True, blank=True, editable=False)
    correction = LineField(_("correction note"), max_length=NOTE_LENGTH, blank=True, editable=False)
    retraction = LineField(
        _("retraction note"), max_length=NOTE_LENGTH, blank=True, editable=False, default="", db_default=""
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = TickerItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticker item")
        verbose_name_plural = _("ticker items")
        constraints = [
            models.UniqueConstraint(fields=["ticker", "number"], name="item_number_once_in_its_ticker"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "scheduled"], number=None, published_at=None)
                | Q(state__in=["published", "retracted"], number__isnull=False, published_at__isnull=False)
                | Q(state="retracted", number=None, published_at=None),
                name="item_number_and_time_with_its_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False), name="item_scheduled_has_a_time"
            ),
            models.CheckConstraint(condition=~Q(headline=""), name="item_has_a_headline"),
        ]
        indexes = [
            models.Index(fields=["ticker", "number"], condition=Q(state="published"), name="item_listed"),
            models.Index(fields=["publish_at"], condition=Q(state="scheduled"), name="item_due"),
            models.Index(fields=["published_at"], name="item_times"),  # the desk's sort by time
            # Without the published ones: SQLite would take them, and the retracted ones, from here and sort them.
            models.Index(
                fields=["ticker", "state", "id"],
                condition=Q(state__in=["draft", "scheduled", "retracted"]),
                name="item_states",
            ),
            models.Index(fields=["ticker", "pinned", "number"], name="item_pinned"),
            models.Index(fields=["ticker", "key_event", "number"], name="item_key_events"),
            models.Index(fields=["ticker", "-id"], name="item_written"),  # the desk's list of one ticker
        ]

    def __str__(self) -> str:
        return self.headline


def item_address(ticker: str, number: int | None) -> str:
    """The page of the item with this number in the ticker with this slug."""
    return f"/newsticker/{ticker}/{number}/"


class SeenMark(models.Model):
    """How far a person has read a ticker: the highest number they saw."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    ticker = models.ForeignKey(Ticker, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticker"], name="one_seen_mark_a_ticker")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.ticker_id} → {self.number}"


class Revision(models.Model):
    """A former version of an article or an item: its history, for the newsroom only."""

    class Deed(models.TextChoices):
        EDITED = "edited", _("edited")
        SCHEDULED = "scheduled", _("planned")
        UNSCHEDULED = "unscheduled", _("no longer planned")
        PUBLISHED = "published", _("published")
        CORRECTED = "corrected", _("corrected")
        RETRACTED = "retracted", _("retracted")
        PINNED = "pinned", _("pinned")
        UNPINNED = "unpinned", _("no longer pinned")

    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="revisions")
    item = models.ForeignKey(TickerItem, models.CASCADE, null=True, blank=True, related_name="revisions")
    version = models.PositiveIntegerField()  # the version that had these values
    fields = models.JSONField(default=dict)  # name → value as text
    deed = models.CharField(_("action"), max_length=11, choices=Deed)
    note = LineField(_("note"), max_length=NOTE_LENGTH, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False, item=None) | Q(article=None, item__isnull=False),
                name="revision_of_one_thing",
            ),
            models.UniqueConstraint(fields=["article", "version"], name="revision_once_a_version_of_an_article"),
            models.UniqueConstraint(fields=["item", "version"], name="revision_once_a_version_of_an_item"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id or self.item_id}: {self.version}, {self.deed}"


class OldAddress(models.Model):
    """An address of an imported article on its former site. Looked up only for requests that would be a 404. See
    `articles.old_addresses`.
    """

    LENGTH = 500

    path = LineField(max_length=LENGTH, unique=True)  # decoded, perhaps with "?p=" and a number
    article = models.ForeignKey(Article, models.CASCADE, related_name="old_addresses")

    def __str__(self) -> str:
        return self.path
