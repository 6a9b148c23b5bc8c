"""All verdicts are kept, the harshest decides, and the order of the rules plays no part."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from comments.moderation import Author, Outcome, Rule, censored, check_of, judge, why_it_waits, why_refused
from comments.moderation.kinds import KINDS
from tests.moderation.drafts import draft

ACTIONS = [Outcome.FLAG, Outcome.CENSOR, Outcome.HOLD, Outcome.REFUSE]


def rule(name, words="Idiot", action=Outcome.HOLD, **more):
    return Rule(more.pop("id", None), name, "words", check_of("words", {"words": words.split()}), action, **more)


def outcomes(judgement):
    return [(verdict.rule, verdict.outcome.name.lower()) for verdict in judgement.verdicts]


def test_every_verdict_is_kept_and_the_harshest_decides():
    rules = [rule("b", action=Outcome.HOLD), rule("a", action=Outcome.FLAG), rule("c", "nichts")]

    judgement = judge(draft("Du Idiot", premoderated=True), rules)

    assert outcomes(judgement) == [("a", "flag"), ("b", "hold"), ("premoderated", "hold")]
    assert (judgement.decisive.rule, judgement.is_public) == ("b", False)
    assert judgement.decisive.spans == ((3, 8),)


RULES = st.lists(
    st.builds(
        lambda name, word, action, is_shadow: rule(name, word, action, is_shadow=is_shadow),
        st.sampled_from("abcdef"),
        st.sampled_from(["rot", "gelb", "blau"]),
        st.sampled_from(ACTIONS),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each.name,
)


@given(RULES, st.sampled_from(["rot gelb", "blau", "R O T", "weiß", "g3lb " * 3]), st.integers())
def test_the_order_of_the_rules_plays_no_part(rules, text, seed):
    mixed = random.Random(seed).sample(rules, len(rules))

    assert judge(draft(text), rules) == judge(draft(text), mixed)


def test_a_rule_in_shadow_says_what_it_would_have_done_and_does_nothing():
    judgement = judge(draft("Du Idiot"), [rule("neu", action=Outcome.REFUSE, is_shadow=True)])

    assert outcomes(judgement) == [("neu", "refuse")]
    assert (judgement.outcome, judgement.censored) == (Outcome.PUBLISH, ())


def test_staff_are_never_held_and_no_list_applies_to_them():
    judgement = judge(draft("Du Idiot", premoderated=True, trusted=True), [rule("a", action=Outcome.REFUSE)])

    assert (judgement.verdicts, judgement.outcome) == ((), Outcome.PUBLISH)


def test_a_rule_of_a_section_leaves_other_sections_alone():
    rules = [rule("hier", section=3)]

    assert not judge(draft("Idiot", section=3), rules).is_public
    assert judge(draft("Idiot", section=4), rules).is_public
    assert judge(draft("Idiot"), rules).is_public


def test_a_rule_for_links_takes_the_place_of_the_default():
    text = " ".join(f"https://{name}.example" for name in "abcde")
    wide = Rule(None, "weit", "links", check_of("links", {"most": 9}), Outcome.HOLD)

    assert outcomes(judge(draft(text))) == [("too_many_links", "hold")]
    assert outcomes(judge(draft(text), [wide])) == []
    shadow = Rule(None, "weit", "links", check_of("links", {"most": 9}), Outcome.HOLD, is_shadow=True)
    assert outcomes(judge(draft(text), [shadow])) == [("too_many_links", "hold")]


def test_what_is_no_text_is_shown_to_no_other_rule():
    everything = Rule(None, "alles", "premoderation", check_of("premoderation", {}), Outcome.HOLD)

    assert outcomes(judge(draft(""), [everything])) == [("empty", "refuse")]


def test_censored_words_are_covered_and_all_places_keep_their_numbers():
    text = "Du I d i o t, du Idiot!"
    judgement = judge(draft(text), [rule("mild", action=Outcome.CENSOR), rule("wach", action=Outcome.FLAG)])

    covered = censored(text, judgement.censored)

    assert (covered, len(covered)) == ("Du • • • • •, du •••••!", len(text))
    assert (judgement.decisive.rule, judgement.is_public) == ("mild", True)
    assert judgement.decisive.detail == "I d i o t, Idiot"


def test_every_kind_has_its_words_for_authors():
    told = {why_it_waits(kind) for kind in KINDS} | {why_refused(kind) for kind in KINDS}

    assert len(told) == 2 * len(KINDS) - 1  # premoderation cannot refuse
    assert why_it_waits("a rule that was deleted") == "Ein Moderator liest Ihren Kommentar, bevor er erscheint."


def test_nothing_speaks_against_an_author_of_whom_nothing_is_known():
    checks = [check_of(kind, {}) for kind in ("new_account", "history", "flood", "copies")]

    assert [check(draft("Ein Satz.", author=Author())) for check in checks] == [None] * 4
