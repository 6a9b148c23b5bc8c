"""People, their sanctions, their subscriptions, and the keys of their programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.avatars import NAME_LENGTH
from accounts.duties import NONE, OF_ROLE, Duties, Duty, Role, Sections
from accounts.models.bell import with_bell
from accounts.names import MAX_LENGTH, name_key
from accounts.permissions import allowed, is_allowed_somewhere
from accounts.reasons import Reason
from accounts.sections import in_words
from newsroom.database.columns import LineField, ProseField
from newsroom.database.statements import prepared


class UserManager(BaseUserManager["User"]):
    def get(self, *args: Any, **kwargs: Any) -> User:
        """As always. By number alone it is a statement that is compiled once, since each request of somebody who is
        logged in asks for them so.
        """
        pk = kwargs.get("pk")
        # Managers of relations derive from this class, and give only people of the relation.
        if type(self) is not UserManager or args or len(kwargs) != 1 or not isinstance(pk, int):
            return super().get(*args, **kwargs)
        for person in _person(pk):
            return person
        raise self.model.DoesNotExist

    @transaction.atomic
    def create_user(
        self,
        email: str,
        name: str,
        password: str | None = None,
        *,
        is_confirmed: bool = False,
        role: str = Role.READER,
        duties: Duties | None = None,
        **fields: Any,
    ) -> User:
        """A person with a login; `is_confirmed` vouches for the e-mail address. `role`: give them the duties that the
        role stands for, everywhere. Raises IntegrityError if taken.
        """
        from allauth.account.models import EmailAddress  # it refers to User

        user = self.model(email=email.strip().lower(), name=name, is_confirmed=is_confirmed, **fields)
        user.give(OF_ROLE[role] if duties is None else duties)
        user.name_key = name_key(name)
        user.set_password(password)
        user.save(using=self._db)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_confirmed)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A confirmed administrator, named after the address until they choose another name."""
        name = fields.pop("name", None) or self._free_name(email.partition("@")[0])
        return self.create_user(email, name, password, is_confirmed=True, **{**fields, "role": Role.ADMINISTRATOR})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())

    def _free_name(self, wish: str) -> str:
        wish = (wish or "admin")[: MAX_LENGTH - 4]
        names = [wish, *(f"{wish}-{number}" for number in range(2, 1000))]
        return next(name for name in names if not self.filter(name_key=name_key(name)).exists())


class User(AbstractBaseUser):
    """A person with an account. Logs in by e-mail, is shown by `name`."""

    Role = Role

    email = models.EmailField(_("e-mail address"), unique=True)
    name = LineField(_("name"), max_length=MAX_LENGTH)
    name_key = models.CharField(max_length=160, unique=True, editable=False)  # see names.name_key
    duties = models.JSONField(_("duties"), default=dict, db_default={}, editable=False)  # see Duties.stored
    role = models.CharField(_("role"), max_length=13, choices=Role, default=Role.READER)  # set by `give`
    language = models.CharField(_("language"), max_length=2, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)  # "": the site's
    is_hidden = models.BooleanField(default=False, db_default=False, editable=False)  # wants no page for others
    avatar = models.CharField(
        _("picture"), max_length=NAME_LENGTH, blank=True, default="", db_default="", editable=False
    )  # its name, see `accounts.avatars`
    is_active = models.BooleanField(_("active"), default=True)
    is_confirmed = models.BooleanField(_("confirmed"), default=False)  # has proved that the e-mail address is theirs
    # Since when a warning waits to be acknowledged; NULL: none does. See `comments.actions.warnings`.
    warned_at = models.DateTimeField(null=True, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [  # for the filters of the desk's list
            models.Index(fields=["role", "-id"], name="user_roles"),
            models.Index(fields=["is_confirmed", "-id"], name="user_confirmed"),
        ]

    def __str__(self) -> str:
        return self.name

    def give(self, duties: Duties) -> None:
        """Set what the person was given, and the badge that goes with it; the caller saves both."""
        self.duties, self.role = duties.stored(), duties.badge()

    @property
    def given(self) -> Duties:
        """What the person was given, whether they are on duty or not."""
        return Duties.read(self.duties)

    @property
    def in_force(self) -> Duties:
        """The duties that count now: none while the person is not on duty."""
        return self.given if self.duties and self.is_on_duty else NONE

    def may(self, duty: Duty, section: int | None) -> bool:
        """Whether the person has the duty in the section with that id; None is for things that belong to no section,
        which are subject to duties that hold everywhere.
        """
        return self.in_force.include(duty, section)

    def sections(self, *duties: Duty) -> Sections:
        """Where the person has any of these duties: EVERYWHERE, or ids of sections, perhaps none."""
        return self.in_force.sections(*duties)

    @property
    def moderates(self) -> bool:
        """May decide on comments and restrict people, everywhere."""
        return self.may(Duty.MODERATE, None)

    @property
    def edits(self) -> bool:
        """May publish articles and ticker items, everywhere."""
        return self.may(Duty.EDIT, None)

    @property
    def writes(self) -> bool:
        """May draft articles, everywhere."""
        return self.may(Duty.CONTRIBUTE, None)

    @property
    def administrates(self) -> bool:
        """May give duties, everywhere."""
        return self.may(Duty.ADMINISTRATE, None)

    @cached_property
    def is_on_duty(self) -> bool:
        """Whether duties count: the address is confirmed, there is a second factor if staff need one, and no sanction
        bars the person from everything.

        One query, and only for staff; another one where a second factor is required.
        """
        if not (self.is_active and self.is_confirmed) or self.lacks_second_factor:
            return False
        now = timezone.now()
        here = () if self.pk is None else _shut_out(self.pk)
        return not any(each.until is None or each.until > now for each in here)

    @property
    def rank(self) -> int:
        """Only a person of a higher rank may restrict another one."""
        return self.given.rank()

    @cached_property
    def lacks_second_factor(self) -> bool:
        """Whether duties wait until the person has an authenticator or a passkey, as STAFF_2FA=required asks."""
        return settings.STAFF_2FA == "required" and bool(self.duties) and not _second_factors(self.pk or 0)

    @property
    def is_staff(self) -> bool:
        """Has a duty somewhere, and may enter the admin."""
        return bool(self.in_force)

    @property
    def is_superuser(self) -> bool:
        return self.is_staff and self.administrates

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's check for the admin. Depends on the duties only: see permissions.py."""
        return allowed(self.in_force, perm)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return is_allowed_somewhere(self.in_force, app_label)


def display_name(user: User) -> str:
    """The name that allauth shows."""
    return user.name


MAX_WORDS = 1000  # characters of what a moderator writes to the person


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self, now: datetime | None = None) -> Self:
        """Neither lifted nor over."""
        return self.filter(Q(until=None) | Q(until__gt=now or timezone.now()), lifted_at=None)

    def barring(self, user: User, scope: str | None = None, section: int | None = None) -> Self:
        """The sanctions that bar `user` from what `scope` names in that section, None: outside of sections; without a
        scope from anything anywhere. The longest first.
        """
        here = self.in_force().filter(user=user).order_by(F("until").desc(nulls_first=True), "id")
        if scope is None:
            return here
        named = Q(section=None) if section is None else Q(section=None) | Q(section=section)
        return here.filter(named, scope__in={scope, Sanction.Scope.ALL})


class Sanction(models.Model):
    """A restriction of a person, until a time or for good. It bars exactly what its scope names; with a section only in
    the discussions of that section, and then everything is all taking part there, no duty.
    """

    class Scope(models.TextChoices):
        COMMENT = "comment", _("Commenting")  # under articles
        CHAT = "chat", _("Writing in chats")
        REACT = "react", _("Reacting to comments")
        REPORT = "report", _("Reporting comments")
        ALL = "all", _("Everything, duties included")

    user = models.ForeignKey(User, models.CASCADE, related_name="sanctions", verbose_name=_("person"))
    scope = models.CharField(_("scope"), max_length=10, choices=Scope)
    section = models.IntegerField(_("section"), null=True, blank=True)  # an id of `accounts.sections`; None: everywhere
    until = models.DateTimeField(_("until"), null=True, blank=True)  # None: for good
    reason = models.CharField(_("reason"), max_length=15, choices=Reason)
    note = ProseField(_("note"), max_length=2000, blank=True, default="")  # for moderators only
    text = ProseField(_("words to the person"), max_length=MAX_WORDS, blank=True, default="", db_default="")
    imposed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="sanctions_imposed", verbose_name=_("imposed by")
    )
    created_at = models.DateTimeField(_("imposed"), default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(_("ended"), null=True, editable=False)  # by a moderator, or when its time was over
    lifted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="sanctions_lifted", verbose_name=_("lifted by")
    )

    objects: ClassVar[models.Manager[Sanction]] = SanctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        indexes: ClassVar[list[models.Index]] = [
            models.Index("user", "until", name="sanction_in_force", condition=Q(lifted_at=None)),
            models.Index("until", name="sanction_due", condition=Q(lifted_at=None, until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.what}, {self.get_reason_display()}"

    @property
    def what(self) -> str:
        """What it bars from, in words: “Commenting (Sport)”."""
        if self.section is None:
            return self.get_scope_display()
        scope = gettext("Taking part") if self.scope == self.Scope.ALL else self.get_scope_display()
        return f"{scope} ({in_words(frozenset([self.section]))})"

    @classmethod
    def over(cls, now: datetime) -> models.QuerySet[Sanction]:
        """Those in force whose time is over."""
        return cls.objects.filter(lifted_at=None, until__lte=now)


@prepared(int)
def _person(pk: int) -> models.QuerySet[User]:
    """The person, with what each page's header shows of them: as a statement of its own it would take longer."""
    return User.objects.filter(pk=pk).annotate(**with_bell())


@prepared(int)
def _second_factors(person: int) -> models.QuerySet[Any, int]:
    """Recovery codes alone are none."""
    from allauth.mfa.models import Authenticator  # it refers to User

    factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    found: models.QuerySet[Any, int] = Authenticator.objects.filter(user=person, type__in=factors)
    return found.values_list("pk", flat=True)[:1]


@prepared(int)
def _shut_out(person: int) -> models.QuerySet[Sanction]:
    """Compiled, since every request of staff runs it."""
    return Sanction.objects.filter(user=person, lifted_at=None, scope=Sanction.Scope.ALL, section=None)


class Subscription(models.Model):
    """A wish to be notified: `kind` and `target` are those of subscriptions.register()."""

    user = models.ForeignKey(User, models.CASCADE, related_name="subscriptions")
    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("user", "kind", "target", name="subscription_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index("kind", "target", name="subscription_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


class ApiToken(models.Model):
    """A key for a program that acts for a person. Only its hash is stored; `hint` is its beginning."""

    class Scope(models.TextChoices):
        READ = "read", _("Read my account")
        COMMENT = "comment", _("Comment in my name")
        TICKER = "ticker", _("Publish to tickers")
        MODERATE = "moderate", _("Moderate")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = LineField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256, hex
    hint = models.CharField(max_length=12, editable=False)
    scopes = models.JSONField(default=list)  # of Scope
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)  # to the hour

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class LegalPageQuerySet(models.QuerySet["LegalPage"]):
    def current(self, slug: str) -> LegalPage:
        """The page, or an empty one of version 0 if it has not been written yet."""
        return self.filter(slug=slug).first() or LegalPage(slug=slug, version=0)


class LegalPage(models.Model):
    """Imprint, privacy and terms: Markdown, and the HTML made from it once."""

    class Slug(models.TextChoices):
        IMPRINT = "imprint", _("Imprint")
        PRIVACY = "privacy", _("Privacy")
        TERMS = "terms", _("Terms of use")

    slug = models.SlugField(_("slug"), primary_key=True, max_length=10, choices=Slug)
    title = LineField(_("title"), max_length=120, blank=True, default="")  # empty: the usual one
    body = ProseField(_("text"), max_length=200_000, blank=True, default="")
    html = models.TextField(editable=False, default="")
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)  # raised with every change
    updated_at = models.DateTimeField(_("updated"), null=True, editable=False)

    objects: ClassVar[models.Manager[LegalPage]] = LegalPageQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal page")
        verbose_name_plural = _("legal pages")

    def __str__(self) -> str:
        return self.title or str(self.Slug(self.slug).label)


class Consent(models.Model):
    """A person's agreement to a version of a legal page."""

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    page = models.CharField(max_length=10, choices=LegalPage.Slug)
    version = models.PositiveIntegerField()
    given_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("user", "page", "version", name="consent_once")
        ]

    def __str__(self) -> str:
        return f"{self.page} v{self.version}"
