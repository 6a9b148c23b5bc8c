"""The model that learns from moderators: what it finds, how it is measured, and what it does not give away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comments.moderation import Outcome, Rule, judge
from comments.moderation.learned import Learned, languages_of
from comments.moderation.learning import HELD_OUT, Lesson, Model, learn, points
from tests.moderation.drafts import draft
from tests.moderation.lessons import lessons

LANGUAGES = ("de", "en", "ru")


@pytest.fixture(scope="module")
def learned():
    """By language: the model after 2,000 decisions, of which three in a hundred were slips, and its figures."""
    return {each: learn(Lesson(*given) for given in lessons(each, 2000)) for each in LANGUAGES}


def in_force(model, figures, version=1):
    thresholds = {percent: point.threshold for percent, point in figures.points.items()}
    return Model.unpacked(model.packed(), version, thresholds)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_finds_forms_of_words_that_it_has_never_seen(learned, language):
    model = in_force(*learned[language])
    least = model.thresholds[90]

    new = list(lessons(language, 1000, seed=2, is_new=True))
    found = [is_bad for text, is_bad in new if model.score(text) >= least]

    assert sum(found) / len(found) >= 0.9  # precision, as promised
    assert sum(found) / sum(is_bad for _text, is_bad in new) >= 0.85  # recall


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_figures_are_those_of_texts_it_was_not_taught(learned, language):
    model, figures = learned[language]

    assert 1990 <= figures.taught + figures.held_out <= 2000  # equal texts count once
    assert abs(figures.held_out - 2000 / HELD_OUT) < 60
    at_90 = figures.points[90]
    others = list(lessons(language, 2000, seed=3))
    found = [is_bad for text, is_bad in others if model.score(text) >= at_90.threshold]
    assert abs(sum(found) / len(found) - at_90.precision) < 0.06
    assert abs(sum(found) / sum(is_bad for _text, is_bad in others) - at_90.recall) < 0.08


def test_the_proposed_threshold_is_the_one_with_the_best_recall():
    scores = [0.99, 0.98, 0.97, 0.96, 0.95, 0.9, 0.6, 0.5, 0.4, 0.1]
    truth = [True, True, True, True, True, True, False, True, False, False]

    found = points(scores, truth)

    assert (found[99].threshold, found[99].precision, found[99].recall) == (pytest.approx(0.75), 1.0, 6 / 7)
    assert (found[85].threshold, found[85].precision, found[85].recall) == (pytest.approx(0.45), 7 / 8, 1.0)
    assert 99 not in points([0.9, 0.8, 0.7, 0.6, 0.5], [False, True, True, True, True])
    assert points([0.9, 0.8], [True, True]) == {}  # of so few texts a precision says nothing


def test_a_hit_names_the_words_of_the_text_that_speak_for_it(learned):
    text = "Mein Nachbar ist auch **Dummk0pf**, aber der Radweg kommt trotzdem."
    rule = Rule(7, "Gelernt", "learned", Learned(), Outcome.HOLD)
    scorers = {"de": in_force(*learned["de"], version=12)}

    (verdict,) = judge(draft(text, scorers=scorers), [rule]).verdicts

    assert verdict.outcome is Outcome.HOLD
    assert any("Dummk0pf" in text[start:end] for start, end in verdict.spans)
    assert verdict.detail.startswith("de 12: ")
    assert 0.5 < verdict.score <= 1


def test_it_says_nothing_without_a_model_of_the_language_or_a_threshold_with_that_precision(learned):
    model = in_force(*learned["de"])
    bad = "Für mich seid ihr Schwachköpfe!"

    def verdicts(settings, **scorers):
        return judge(draft(bad, scorers=scorers), [Rule(1, "G", "learned", settings, Outcome.HOLD)]).verdicts

    assert verdicts(Learned(), de=model)
    assert not verdicts(Learned(), en=model)
    assert not verdicts(Learned(), de=replace(model, thresholds={}))
    assert verdicts(Learned(threshold=50), de=replace(model, thresholds={}))


def test_the_stored_model_scores_the_same_and_holds_no_text(learned):
    model, figures = learned["ru"]
    stored = in_force(model, figures)

    text = "По-моему, вы все подонок!"
    assert stored.score(text) == pytest.approx(model.score(text), abs=0.002)
    assert len(model.packed()) < 100_000
    assert "подонк".encode() not in model.packed()
    assert Model.unpacked(replace(model, weights=model.weights[:-1]).packed(), 1, {}) is None


def test_the_same_decisions_make_the_same_model():
    given = [Lesson(*each) for each in lessons("en", 300)]

    assert learn(given)[0].packed() == learn(given)[0].packed()


def test_hostile_texts_are_scored_and_explained(learned):
    model = in_force(*learned["de"])
    for text in ("", " ", "a", "\U000e0041", "!!", "ﷺ" * 200, "ab" * 2500, "🏳️‍🌈" * 100, "а\u0301" * 300):
        assert 0 <= model.score(text) <= 1
        assert all(0 <= start < end <= len(text) for start, end in model.explain(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das ist doch nicht wahr", ("de",)),
        ("That is not what they said", ("en",)),
        ("Это просто неправда, ok", ("ru",)),
        ("Müßiggänger", ("de",)),
        ("Bravo!", ("de", "en")),
        ("", ("de", "en")),
    ],
)
def test_a_text_tells_its_language(text, expected):
    assert languages_of(text) == expected


def test_languages_of_sentences_are_told_apart():
    for language in LANGUAGES:
        guesses = [languages_of(text) for text, _is_bad in lessons(language, 500)]
        assert sum(language in each for each in guesses) / len(guesses) > 0.98
