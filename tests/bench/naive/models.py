# ruff: noqa: DJ008  nobody sees these rows
from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Person(AbstractBaseUser):
    last_login = None  # type: ignore[assignment]  # a column that the table lacks
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField()

    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "accounts_user"


class Section(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField()
    position = models.IntegerField()

    class Meta:
        managed = False
        db_table = "articles_section"
        ordering = ["position"]


class Photo(models.Model):
    file = models.CharField(max_length=100)
    caption = models.CharField(max_length=500)
    alt = models.CharField(max_length=300)
    credit = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "articles_photo"


class Article(models.Model):
    slug = models.SlugField()
    section = models.ForeignKey(Section, models.PROTECT)
    photo = models.ForeignKey(Photo, models.PROTECT, null=True)
    kicker = models.CharField(max_length=80)
    headline = models.CharField(max_length=300)
    lead = models.TextField()
    html = models.TextField()
    author_line = models.CharField(max_length=200)
    state = models.CharField(max_length=9)
    published_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "articles_article"


class Discussion(models.Model):
    article = models.ForeignKey(Article, models.CASCADE, null=True)
    mode = models.CharField(max_length=6)

    class Meta:
        managed = False
        db_table = "comments_discussion"


class Tally(models.Model):
    discussion = models.OneToOneField(Discussion, models.CASCADE, primary_key=True)
    comment_count = models.IntegerField()

    class Meta:
        managed = False
        db_table = "comments_discussiontally"


class Comment(models.Model):
    discussion = models.ForeignKey(Discussion, models.CASCADE)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")
    root = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")
    author = models.ForeignKey(Person, models.SET_NULL, null=True)
    html = models.TextField()
    order = models.BigIntegerField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "comments_comment"


class Reaction(models.Model):
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reactions")
    person = models.ForeignKey(Person, models.CASCADE)
    name = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "comments_reaction"


class Subscription(models.Model):
    user = models.ForeignKey(Person, models.CASCADE)
    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "accounts_subscription"
