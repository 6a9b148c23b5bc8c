"""What is kept, for whom, and how it is answered."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest

from articles import actions as article_actions
from comments import actions
from newsroom import metrics
from tests.live.sockets import session_of

from .conftest import Reader, how

CLOSED = 'class="breaking-bar" role="status" hidden>'


def test_the_second_reader_is_answered_from_memory_with_the_same_bytes(article, reader: Reader):
    first, second = reader.get("/api/v1/articles/"), reader.get("/api/v1/articles/")

    assert (how(first), how(second)) == ("miss", "hit")
    assert first.content == second.content
    assert second.json()["results"][0]["slug"] == article.slug
    assert first.headers["etag"] == second.headers["etag"]


def test_django_and_the_cache_agree_on_bytes_and_etag(article, discussion, reader: Reader, visit):
    at_django = visit(Cookie="sessionid=unknown")
    for path in (f"/articles/{article.slug}/", "/api/v1/articles/", f"/api/v1/discussions/{discussion.pk}/comments/"):
        plain, kept = at_django.get(path), (reader.get(path), reader.get(path))[1]

        assert (how(plain), how(kept)) == ("passed", "hit")
        assert kept.content == plain.content
        assert kept.headers["etag"] == plain.headers["etag"]
        for name in ("content-type", "content-language", "content-security-policy", "x-content-type-options"):
            assert kept.headers.get(name) == plain.headers.get(name), name


def test_a_browser_that_has_these_bytes_hears_so(article, reader: Reader, visit):
    etag = reader.get(f"/articles/{article.slug}/").headers["etag"]

    for tags in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        same = visit(If_None_Match=tags).get(f"/articles/{article.slug}/")
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        assert same.headers["cache-control"] == "no-cache"
        assert "Cookie" in same.headers["vary"]
    other = visit(If_None_Match='"other"').get(f"/articles/{article.slug}/")
    assert (other.status_code, len(other.content) > 0) == (200, True)


def test_a_changed_page_is_sent_whole_to_who_has_the_old_one(article, eddy, reader: Reader, visit):
    etag = reader.get(f"/articles/{article.slug}/").headers["etag"]

    article_actions.correct_article(article.pk, actor=eddy, headline="Die Fähre fährt wieder")

    answer = visit(If_None_Match=etag).get(f"/articles/{article.slug}/")
    assert answer.status_code == 200
    assert "Die Fähre fährt wieder" in answer.text


def test_gzip_goes_to_who_takes_it_with_an_etag_of_its_own(article, reader: Reader, visit):
    plain = reader.get(f"/articles/{article.slug}/")
    taker = visit(Accept_Encoding="br, gzip;q=0.8")
    packed = taker.get(f"/articles/{article.slug}/")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]
    taker.headers["If-None-Match"] = packed.headers["etag"]
    assert taker.get(f"/articles/{article.slug}/").status_code == 304


def test_a_page_is_compressed_once_somebody_takes_it_so(article, reader: Reader, visit):
    path = f"/articles/{article.slug}/"
    reader.get(path)
    before = kept_bytes()
    assert how(reader.get(path)) == "hit"
    assert kept_bytes() == before

    takers = [visit(Accept_Encoding="gzip") for _ in range(8)]
    with ThreadPoolExecutor(8) as together:
        answers = list(together.map(lambda taker: taker.get(path), takers))

    assert {how(each) for each in answers} == {"hit"}
    (size,) = {int(each.headers["content-length"]) for each in answers}
    assert kept_bytes() == before + size
    (etag,) = {each.headers["etag"] for each in answers}
    assert visit(If_None_Match=etag).get(path).status_code == 304


def kept_bytes() -> int:
    name = "newsroom_edge_kept_bytes "
    return int(float(next(line.split()[-1] for line in metrics.text().decode().splitlines() if line.startswith(name))))


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "*;q=0", "br", "gzip; q=0.000"])
def test_gzip_goes_to_nobody_else(article, reader: Reader, visit, accepted):
    answer = visit(Accept_Encoding=accepted).get(f"/articles/{article.slug}/")

    assert "content-encoding" not in answer.headers
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(answer.content)


def test_head_says_what_get_would_say_without_the_body(article, reader: Reader):
    head, whole = reader.head(f"/articles/{article.slug}/"), reader.get(f"/articles/{article.slug}/")

    assert (how(head), how(whole)) == ("miss", "hit")
    assert head.content == b""
    own = {"cache-status": "", "date": "", "x-request-id": ""}
    assert {**head.headers, **own} == {**whole.headers, **own}
    assert reader.head("/articles/nowhere/").status_code == 404


def test_a_range_is_answered_whole_and_a_failed_condition_by_412(article, reader: Reader, visit):
    ranged = visit(Range="bytes=0-10").get(f"/articles/{article.slug}/")
    etag = ranged.headers["etag"]

    assert (ranged.status_code, ranged.content) == (200, reader.get(f"/articles/{article.slug}/").content)
    assert visit(If_Match='"old"').get(f"/articles/{article.slug}/").status_code == 412
    assert visit(If_Match=f'"old", {etag}').get(f"/articles/{article.slug}/").status_code == 200
    assert visit(If_Match=f"W/{etag}").get(f"/articles/{article.slug}/").status_code == 412


def test_each_language_has_its_own_bytes(article, reader: Reader, visit):
    english = visit(Cookie="language=en")
    german, first, second = reader.get("/chats/"), english.get("/chats/"), english.get("/chats/")

    assert '<html lang="de"' in german.text
    assert '<html lang="en"' in first.text
    assert (how(second), second.content) == ("hit", first.content)
    assert second.headers["content-language"] == "en"
    for cookie in ("language=xx", "language=", "LANGUAGE=en", "language=en; language=de"):
        assert visit(Cookie=cookie).get("/chats/").content == german.content, cookie
    assert visit(Accept_Language="ru").get("/chats/").content == german.content


def test_who_has_closed_the_breaking_bar_has_bytes_of_their_own_whatever_their_cookie_says(
    article, ticker, eddy, reader: Reader, visit
):
    path = f"/articles/{article.slug}/"
    reader.get(path)
    item = article_actions.publish_item(ticker, actor=eddy, headline="Sturmflut", level="breaking")
    opened = reader.get(path)
    closed = [visit(Cookie=f"breaking={number}").get(path) for number in (item.number, item.number + 7)]

    assert "Sturmflut" in opened.text
    assert CLOSED not in opened.text
    assert [CLOSED in each.text for each in closed] == [True, True]
    assert [how(each) for each in (opened, *closed)] == ["miss", "miss", "hit"]
    for cookie in ("breaking=0", "breaking=", "breaking=x", "breaking=" + "9" * 99):
        assert (how(answer := visit(Cookie=cookie).get(path)), answer.content) == ("hit", opened.content), cookie
    normal = article_actions.publish_item(ticker, actor=eddy, headline="Markt verlegt")
    assert how(reader.get(path)) == "hit"
    article_actions.correct_item(normal.pk, actor=eddy, level="breaking")
    assert "Markt verlegt" in visit(Cookie=f"breaking={item.number}").get(path).text
    article_actions.retract_item(normal.pk, actor=eddy)
    article_actions.retract_item(item.pk, actor=eddy)
    assert CLOSED in reader.get(path).text


def test_junk_parameters_neither_enter_nor_defeat_the_cache(article, discussion, reader: Reader):
    path = f"/api/v1/discussions/{discussion.pk}/comments/"
    first = reader.get(f"{path}?limit=2&sort=oldest")

    for query in ("sort=oldest&limit=2", "utm_source=x&sort=oldest&limit=2&fbclid=1", "limit=9&limit=2&sort=oldest"):
        same = reader.get(f"{path}?{query}")
        assert (how(same), same.content) == ("hit", first.content), query
    assert "utm_source" not in reader.get("/?utm_source=x").text
    assert how(reader.get("/robots.txt?a=b&c[]=d")) == "hit"


def test_known_parameters_have_answers_of_their_own(article, discussion, alice, bob, reader: Reader):
    for author in (alice, bob):
        actions.post(discussion.pk, author=author, text=f"Von {author.name}")
    path = f"/api/v1/discussions/{discussion.pk}/comments/"

    newest, oldest = (reader.get(f"{path}?sort={sort}").json()["results"] for sort in ("newest", "oldest"))

    assert [row["id"] for row in newest] == [row["id"] for row in oldest][::-1]
    assert len(reader.get(f"{path}?limit=1").json()["results"]) == 1
    assert how(reader.get("/api/v1/articles/?q=Fähre")) == "passed"
    assert reader.get(f"{path}?sort=nonsense").json()["code"] == "unknown_sort"
    assert reader.get(f"{path}?cursor=nonsense").json()["code"] == "unknown_cursor"


def test_several_articles_in_one_question_are_all_counted(article, eddy, section, reader: Reader):
    other = article_actions.draft_article(actor=eddy, section=section, headline="Noch einer")
    other = article_actions.publish_article(other.pk, actor=eddy)

    answer = reader.get(f"/api/v1/discussions/?article={article.slug}&article={other.slug}&article=nowhere")

    assert {row["article"] for row in answer.json()["results"]} == {article.slug, other.slug}


def test_whoever_is_somebody_gets_django(article, alice, reader: Reader, visit):
    path = f"/articles/{article.slug}/"
    reader.get(path)
    known = visit(Cookie=f"_ga=1; sessionid={session_of(alice)}").get(path)

    assert how(known) == "passed"
    assert alice.name in known.text
    assert known.headers["cache-control"] == "private, no-cache"
    for headers in ({"Authorization": "Bearer nr_wrong"}, {"X_Session_Token": "wrong"}, {"Cookie": "messages=x"}):
        assert how(visit(**headers).get(path)) == "passed", headers
    stranger = reader.get(path)
    assert how(stranger) == "hit"
    assert alice.name not in stranger.text


def test_foreign_cookies_do_not_defeat_the_cache(article, reader: Reader, visit):
    path = f"/articles/{article.slug}/"
    first = reader.get(path)

    for cookie in ("_ga=GA1.2; _pk_id.1=a", "csrftoken=abc", "xsessionid=1; a=sessionid=2", "novalue", ";;="):
        answer = visit(Cookie=cookie).get(path)
        assert (how(answer), answer.content) == ("hit", first.content), cookie


def test_only_whole_answers_are_kept(article, chat, reader: Reader):
    for path in ("/articles/nowhere/", "/api/v1/articles/nowhere/", "/comments/1/replies/", "/chats/999999/"):
        answers = [reader.get(path), reader.get(path)]
        assert [(each.status_code, how(each)) for each in answers] == [(404, "miss")] * 2
    for path in ("/health/live", "/accounts/login/", "/api/v1/me/", "/api/v1/schema/", "/live/sse", "/admin/"):
        assert how(reader.get(path)) == "passed", path


def test_a_cdn_may_keep_answers_only_where_the_publisher_says_so(article, discussion, reader: Reader, settings):
    kept = reader.get(f"/articles/{article.slug}/")
    assert kept.headers["cache-control"] == "no-cache"

    settings.EDGE_S_MAXAGE = 30

    assert reader.get(f"/articles/{article.slug}/").headers["cache-control"] == "public, max-age=0, s-maxage=30"
