"""Loads the demo's content once: an invented town with its news, tickers, readers and comments.

It writes like an import: with given times and without events, since nobody can be listening yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import LegalPage, User
from articles import photos, search
from articles.models import Article, Photo, Section, State, Ticker, TickerItem
from comments.actions import start_discussion
from comments.importers import loader
from comments.models import Discussion
from newsroom.database.batches import Batches
from newsroom.demo import files, pictures
from newsroom.pictures import Encoded
from newsroom.text import render_article, render_comment

SOURCE = "demo"
LANGUAGES = {"olga": "ru", "dmitri": "ru", "grace": "en", "ravi": "en"}  # of people who do not read German
MOODS = {"like": 60, "heart": 14, "laugh": 20, "surprise": 4, "dislike": 2}  # relative frequencies of reactions
CHAT_HOURS = 5.0  # the lines of a chat lie within this time before now
CREDIT = {"credit": "Illustration: Newsroom", "credit_url": "https://example.org/bilddatenbank/"}

type Progress = Callable[[str], None]
type Draw = Callable[[list[str]], Mapping[str, Encoded]]


def encoded(names: list[str]) -> dict[str, Encoded]:
    """Draw and encode some pictures at once: Pillow releases the interpreter's lock."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        encoded = pool.map(lambda name: photos.encode(BytesIO(pictures.png(name))), names)
        return dict(zip(names, encoded, strict=True))


def load(progress: Progress = lambda _: None, draw: Draw = encoded) -> bool:
    """Load the content unless it was loaded before. Returns whether it did. All or nothing; takes seconds, mostly
    drawing.
    """
    if Article.objects.filter(source=SOURCE).exists():
        return False
    found = list(files.articles())
    progress("Drawing the pictures …")
    drawn = draw(sorted({each["picture"] for each in found}))
    progress("Writing articles, tickers and comments …")
    with transaction.atomic():
        _write(found, drawn, timezone.now())
    return True


def _write(found: list[dict[str, Any]], drawn: Mapping[str, Encoded], now: datetime) -> None:
    sections = {
        slug: Section.objects.get_or_create(slug=slug, defaults={"name": name, "position": place})[0]
        for place, (slug, name) in enumerate(files.table("sections").items())
    }
    articles = {each["slug"]: _article(each, sections, drawn, now) for each in found}
    for each in found:
        articles[each["slug"]].related.set([articles[slug] for slug in each.get("related", ())])
    for table in files.tickers():
        _ticker(table, articles, now)
    for slug, page in files.table("legal").items():
        _legal_page(slug, page, now)
    people = {key: _person(key, name, now) for key, name in files.table("people").items()}
    for talk in files.talks():
        _discussion(talk, articles.get(talk.slug), people, now)


def _legal_page(slug: str, page: Mapping[str, str], now: datetime) -> None:
    """Does not change a page that has been written already."""
    body = page["body"].strip()
    written = {"title": page["title"], "body": body, "html": render_article(body), "version": 1, "updated_at": now}
    LegalPage.objects.filter(slug=slug, version=0).update(**written)


def _article(
    each: dict[str, Any], sections: Mapping[str, Section], drawn: Mapping[str, Encoded], now: datetime
) -> Article:
    at = now - timedelta(hours=each["hours_ago"])
    return Article.objects.create(
        source=SOURCE,
        source_id=each["slug"],
        slug=each["slug"],
        section=sections[each["section"]],
        kicker=each["kicker"],
        headline=each["headline"],
        lead=each["lead"],
        body=each["body"],
        html=render_article(each["body"]),
        author_line=each["author"],
        photo=_photo(drawn[each["picture"]], each, now.year),
        state=State.PUBLISHED,
        created_at=at,
        published_at=at,
    )


def _photo(encoded: Encoded, each: dict[str, Any], year: int) -> Photo:
    for name, data in encoded.files.items():
        if not default_storage.exists(name):  # the name is a hash of the content
            default_storage.save(name, ContentFile(data))
    return Photo.objects.create(
        file=encoded.file,
        width=encoded.width,
        height=encoded.height,
        widths=encoded.widths,
        caption=each["caption"],
        alt=each["alt"],
        year=year,
        **CREDIT,
    )


def _ticker(table: dict[str, Any], articles: Mapping[str, Article], now: datetime) -> None:
    items = table["items"]
    ticker, _made = Ticker.objects.update_or_create(
        slug=table["slug"],
        defaults={
            "title": table["title"],
            "description": table["description"],
            "article": articles.get(table.get("article", "")),
            "summary": table.get("summary", ""),
            "summary_html": render_article(table.get("summary", "")),
        },
    )
    first = ticker.last_number + 1
    made = TickerItem.objects.bulk_create(
        _item(ticker, number, each, articles, now) for number, each in enumerate(items, first)
    )
    search.ITEMS.learn_rows([item.pk for item in made])
    ticker.last_number += len(items)
    ticker.began_at = ticker.began_at or made[0].published_at
    ticker.ended_at = made[-1].published_at if table.get("is_over") else None
    ticker.save(update_fields=["last_number", "began_at", "ended_at"])


def _item(
    ticker: Ticker, number: int, each: dict[str, Any], articles: Mapping[str, Article], now: datetime
) -> TickerItem:
    at = now - timedelta(minutes=each["minutes_ago"])
    text, correction = each.get("text", "").strip(), each.get("correction", "")
    return TickerItem(
        ticker=ticker,
        number=number,
        headline=each["headline"],
        text=text,
        html=render_article(text),
        article=articles.get(each.get("article", "")),
        level=each.get("level", TickerItem.Level.NORMAL),
        pinned=each.get("pinned", False),
        key_event=each.get("key_event", False),
        state=State.PUBLISHED,
        version=2 if correction else 1,
        created_at=at,
        published_at=at,
        correction=correction,
        corrected_at=at + timedelta(minutes=7) if correction else None,
    )


def _person(key: str, name: str, now: datetime) -> User:
    """A reader who cannot log in: without a password, at an address that cannot exist."""
    email = f"{key}@leser.example"
    joined = now - timedelta(days=_dice(key).randint(20, 1400))
    language = LANGUAGES.get(key, "")
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, name, is_confirmed=True, date_joined=joined, language=language)


def _discussion(talk: files.Talk, article: Article | None, people: Mapping[str, User], now: datetime) -> None:
    is_chat = bool(talk.title)
    began = now - timedelta(hours=CHAT_HOURS) if is_chat or article is None else article.created_at
    discussion = start_discussion(
        talk.title or (article.headline if article else ""),
        mode=Discussion.Mode.CHAT if is_chat else Discussion.Mode.THREAD,
        article=article,
        closes_at=None,
        created_at=began,
    )
    name = f"chat {talk.title}" if is_chat else talk.slug
    spread = _chat_times if is_chat else _thread_times
    said = [
        loader.Import(
            source_id=f"{name}:{place}",
            parent=None if line.parent is None else f"{name}:{line.parent}",
            at=at,
            author=people[line.person],
            text=line.text,
            html=render_comment(line.text),
            reactions=_reactions(line, f"{name}:{place}", people),
        )
        for place, (line, at) in enumerate(zip(talk.lines, spread(talk.lines, name, began, now), strict=True))
    ]
    loader.load(discussion, said, source=SOURCE, batches=Batches(rests=False), is_new=True)


def _reactions(line: files.Line, name: str, people: Mapping[str, User]) -> dict[str, list[User]]:
    """Which people react how: most to nothing, some to what many like."""
    dice = _dice(name)
    others = [person for key, person in people.items() if key != line.person]
    found: dict[str, list[User]] = {}
    for person in dice.sample(others, k=min(len(others), int(dice.paretovariate(1.1)) - 1)):
        kind = dice.choices(list(MOODS), weights=list(MOODS.values()))[0]
        if kind in settings.REACTIONS:
            found.setdefault(kind, []).append(person)
    return found


def _thread_times(lines: list[files.Line], name: str, began: datetime, now: datetime) -> Iterator[datetime]:
    """Many at first, then fewer. An answer comes some minutes after what it answers. Never later than a minute ago."""
    dice, end = _dice(name), now - timedelta(minutes=1)
    tops = sum(line.parent is None for line in lines)
    starts = iter(sorted(began + (end - began) * (0.02 + 0.9 * dice.random() ** 1.6) for _ in range(tops)))
    times: list[datetime] = []
    for line in lines:
        if line.parent is None:
            at = next(starts)
        else:
            before = max(times[line.parent], times[-1])
            at = before + min(timedelta(minutes=dice.uniform(2, 45)), (end - before) * dice.uniform(0.2, 0.6))
        times.append(at)
        yield at


def _chat_times(lines: list[files.Line], name: str, began: datetime, now: datetime) -> Iterator[datetime]:
    """One after the other, in bursts and pauses."""
    dice = _dice(name)
    gaps = [dice.uniform(0.2, 2) if dice.random() < 0.75 else dice.uniform(6, 22) for _ in lines]
    scale = (now - timedelta(minutes=4) - began) / sum(gaps)
    at = began
    for gap in gaps:
        at += gap * scale
        yield at


def _dice(name: str) -> Random:
    return Random(name)  # noqa: S311 - the same spread at every loading
