"""Nothing that people write is lost: what they mean as a sign is seen, and a mark of Markdown goes round a phrase."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import idna
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsroom.text import render_article, render_comment, visible
from tests.support.directions import directed

RENDERERS = pytest.mark.parametrize("render", [render_comment, render_article])
LATIN = "Leser innen Straße Über Grad Jahr ist café 5 12 1986 2024 3,5"
OTHERS = "Читатели это объём год Αναγνώστες και χρόνια قراء المقال هل עברית שלום हिन्दी वर्ष लेख ٣ १२"
SPACELESS = "新闻 评论 読者 これは 重要 ไทย ข่าว"
WORDS = f"{LATIN} {OTHERS} {SPACELESS}".split()
MARKS = r"* ** *** _ __ ~ ~~ ~~~ ` `` ``` \ \* & &amp; &lt; &#42; &copy < > <b> </b> <!-- --> <div> <x:y> <3"
MARKS += " # ## + - -- --- === | |-| [ ] [] ]: ]( ![ [^1]: 1. 2. 3) - * > #"
MARKS += r" ```py ~~~py --> === |:-:| :-- [x] [^1] [x]: [x]:https://a.bc https://a.bc www.a.bc a@b.de <https://a.bc>"
OTHER_SIGNS = "= : ; ! ? . , ( ) { } ^ $ % %41 @ / ' „ “ » « … – — · 、 。 「 」 ؟ ، € 😀"
SIGNS = f"{MARKS} {OTHER_SIGNS}".split()
ALONE = r"* ** *** --- ___ # ## > >> - + 1. ` `` ``` ~~~ \ [] ![] []() ![]() <b> &nbsp; &#32; | |-| === _"
GAPS = ["", " ", " ", " ", "\n", "\n\n", "\n- ", "\n1. ", "\n> ", "\n    ", "\n\t", "  \n", "\n# ", "\n```\n"]
GAPS += ["\\\n", "\n===\n", "\n---\n", "\n~~~\n", "\n  ```", "\n- ```", "\n> ```", "\n    > ", "\n     "]
TEXTS = st.lists(st.sampled_from([*WORDS, *WORDS, *SIGNS, *GAPS, *GAPS]), min_size=1, max_size=24).map("".join)


class Seen(HTMLParser):
    """What stands on the page: text, the numbers of lists, and how many of each element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        html = re.sub(r'(<a href="([^"]*)"[^>]*>(?:(?!</a>).)*</a>) \(([^)\s]*)\)', without_host, html)
        self.tags: Counter[str] = Counter()
        self.numbers: list[int | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        if tag in {"ol", "ul"}:
            self.numbers.append(int(dict(attrs).get("start", 1)) if tag == "ol" else None)
        if tag == "li" and self.numbers[-1] is not None:
            self.text += str(self.numbers[-1])
            self.numbers[-1] += 1

    def handle_endtag(self, tag):
        if tag in {"ol", "ul"}:
            self.numbers.pop()

    def handle_data(self, data):
        self.text += data


def without_host(found: re.Match[str]) -> str:
    """A link without the host that is said behind it, where what it shows is read otherwise."""
    host = unquote(urlsplit(found[2]).hostname or "").lower().rstrip(".")
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        host = unicodedata.normalize("NFKC", host)
    return found[1] if found[3] == host else found[0]


def is_read(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


def missing(text: str, seen: str) -> list[int]:
    """The places in `text` of what is not seen; what is seen must stand in it, in order."""
    lost, place = [], 0
    for index, sign in enumerate(text):
        if seen[place : place + 1] == sign:
            place += 1
        else:
            lost.append(index)
    assert place == len(seen), "something is seen that nobody wrote"
    return lost


@RENDERERS
@settings(max_examples=1000, deadline=None)
@given(TEXTS)
@example("Liebe Leser*innen und Kolleg*innen")
@example("* inkl. MwSt.\n\n*_* und *.*")
@example("Leser  \n|-|")
@example("https://a.bc)https://a.bc@")
@example("Leser\n    \n    ```Leser")
@example("Leser\n\n    ```ist```12\n- 5")
@example("> ```\n```Leser\nist\n```")
@example("- a\n  ```\n- b\n  ```Leser\n```")
@example("<!--\n> ```-->\n> ```")
@example("Leser\n--\nist|*")
@example("1. Mai\n3. Mai\n\n> 5\n>5\n\n```python\nx\n```")
def test_of_two_thousand_texts_nothing_is_lost(render, text):
    text = unicodedata.normalize("NFC", text).strip()
    seen = Seen(render(text))

    written, shown = ("".join(each.split()) for each in (text, seen.text))
    assert [sign for sign in shown if is_read(sign)] == [sign for sign in written if is_read(sign)]
    places = missing(written, shown)
    lost = [written[index] for index in places if not written.startswith("<https://", index)]
    assert set(lost) <= {*"*_~`-#>", *(".)" if seen.tags["ol"] else ""), *("|:" if seen.tags["table"] else "")}
    assert bool(shown) == bool(text)


@RENDERERS
@settings(max_examples=300, deadline=None)
@example("x *+*+Leser")
@example("x *\\**Leser")
@example("x Leser*、*")
@example("x _+_*Leser")
@example("x ***__**😀ist")
@given(TEXTS.map(lambda text: "x " + re.sub(r"[\s#>`]+", " ", text)))
def test_marks_vanish_only_in_pairs_around_a_phrase(render, text):
    text = unicodedata.normalize("NFC", text).strip()
    html = render(text)
    seen = Seen(html)

    lost = Counter(text[index] for index in missing(text, seen.text))
    assert lost["*"] + lost["_"] == 2 * seen.tags["em"] + 4 * seen.tags["strong"]
    assert lost["~"] == 4 * seen.tags["s"]
    for phrase in re.findall(r"<(?:em|strong|s)>(.*?)</(?:em|strong|s)>", html):
        assert any(is_read(sign) or sign == "😀" for sign in phrase) or re.search(r"\s", phrase)


BETWEEN = st.sampled_from(["*", "_", "~", "~~", "`", "**", "*_", "\\", "\\*", "&amp;", "&"])
SPACED = st.sampled_from(
    [word for word in WORDS if unicodedata.east_asian_width(word[0]) != "W" and word not in "ไทย ข่าว"]
)


@RENDERERS
@settings(deadline=None)
@given(st.lists(st.tuples(SPACED, BETWEEN, SPACED), min_size=1, max_size=6))
def test_a_mark_between_two_letters_is_a_sign(render, pairs):
    text = "  ".join("".join(each) for each in pairs)

    html = render(text)

    assert visible(html) == " ".join(text.split())
    assert set(Seen(html).tags) == {"p"}


@RENDERERS
@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Das ist *wichtig* und **sehr wichtig**", "Das ist <em>wichtig</em> und <strong>sehr wichtig</strong>"),
        ("Das ist ~~falsch~~ richtig", "Das ist <s>falsch</s> richtig"),
        ("*Leser*innen* und __Helfer*innen__", "<em>Leser*innen</em> und <strong>Helfer*innen</strong>"),
        ("(*so*), „*so*“, *„so“*!", "(<em>so</em>), „<em>so</em>“, <em>„so“</em>!"),
        ("これは**「重要」**です", "これは<strong>「重要」</strong>です"),
        ("这是**重要**的，ไทย**ข่าว**ไทย", "这是<strong>重要</strong>的，ไทย<strong>ข่าว</strong>ไทย"),
        ("你好~~今天~~好", "你好~~今天~~好"),
        ("Heute 5~8 Grad, morgen 10~12 Grad", "Heute 5~8 Grad, morgen 10~12 Grad"),
        ("Preis* und Rabatt** (*netto)", "Preis* und Rabatt** (*netto)"),
        ("(a+b)*(c+d)*(e+f)", "(a+b)*(c+d)*(e+f)"),
        ("wie geht`s, was gibt`s, die `80er und `90er", "wie geht`s, was gibt`s, die `80er und `90er"),
        ("der Befehl `ls *.py *.md` und ``a`b``", "der Befehl <code>ls *.py *.md</code> und <code>a`b</code>"),
        ("¯\\_(ツ)_/¯ in C:\\temp\\*neu*", "¯\\_(ツ)_/¯ in C:\\temp\\*neu*"),
        ("[Ironie](haha) [x]: y [^1]: z", "[Ironie](haha) [x]: y [^1]: z"),
        ("*_* und *.* und ^_^ und -_-", "*_* und *.* und ^_^ und -_-"),
    ],
)
def test_signs_are_seen_and_marks_around_a_phrase_mark_it(render, text, html):
    assert render(text) == directed(f"<p>{html}</p>")


@RENDERERS
@pytest.mark.parametrize(
    "text",
    [
        *ALONE.split(),
        *("- - -", "> >", "` `", "[x]: y", "[^1]: z", "<!-- nur das -->"),
    ],
)
def test_a_text_of_marks_alone_is_not_empty(render, text):
    assert "".join(visible(render(text)).split()) == "".join(text.split())


@RENDERERS
@pytest.mark.parametrize(
    "text",
    [
        *("1986. Ein Jahr", "- 5 Grad", "* inkl. MwSt.", "+ 5\n+ 6", "1. a\n1. b", "1. a\n3. b", "01. Mai\n02. Mai"),
        *(">5 Grad", "```\noffen", "# C #", "~~~\na\n~~~", "a ```py\nb\n```", "a\n==="),
        "| a | b |\n|-|-|\n| 1 | 2 | 3 |",
        "Viele Grüße\n--\nMia",
    ],
)
def test_what_is_no_list_quote_or_code_stands_as_it_was_written(render, text):
    assert visible(render(text)) == " ".join(text.removeprefix("# ").split())


def test_lists_keep_the_numbers_that_they_were_given():
    assert render_comment("9. neun\n10. zehn") == directed('<ol start="9">\n<li>neun</li>\n<li>zehn</li>\n</ol>')
    assert Seen(render_article("1. a\n   - b\n   - c\n2. d\n\nText\n\n- e\n- f")).tags["ul"] == 2


def test_indented_lines_are_a_paragraph_and_the_name_of_a_language_stays_with_its_code():
    assert render_comment("Er sagt:\n\n    „*Nein*“\n") == directed("<p>Er sagt:</p>\n<p>„<em>Nein</em>“</p>")
    code = render_comment("```python\n1*2*3\n    \\n\n```")
    assert code == directed("<pre><code>python\n1*2*3\n    \\n\n</code></pre>")


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://a.bc/x*y*z", "https://a.bc/x*y*z"),
        ("https://a.bc/~mia/?a=1&copy;=2", "https://a.bc/~mia/?a=1&amp;copy;=2"),
        ("https://a.bc/a_b_c", "https://a.bc/a_b_c"),
        ("https://a.bc/%EE%80%AA", "https://a.bc/%EE%80%AA"),
        ("https://a.bc/a\\b", "https://a.bc/a%5Cb"),
    ],
)
def test_signs_in_addresses_stay_in_them(address, href):
    assert f'<a href="{href}"' in render_comment(f"siehe {address} dort")
    assert f'<a href="{href}"' in render_comment(f"[siehe]({address})")
