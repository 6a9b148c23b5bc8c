"""A linear model of fragments of texts, learned from what moderators decided.

A text becomes the set of its fragments of 2 to 5 signs, read through disguises (`folding`), each hashed into one of
262,144 buckets. The model is a weight for each bucket, found by FTRL-proximal (McMahan et al. 2013), an online logistic
regression that leaves most weights at zero. Neither fragments nor texts are stored, so a model shows nothing of what it
was taught; the explanation of a score names words of the judged text.

A library, or our own? scikit-learn has all of it (`HashingVectorizer`, `SGDClassifier`), weighs 148 MB more, and its
models are pickles, which only the same release may read. Pure Python needs nothing, and for a text of 540 characters
440 µs instead of 70 for the fragments, 150 µs instead of 60 for a step of training. numpy comes with py3langid anyway;
with it the model is this module: 180 µs to score that text once it is folded, 8 s of CPU to learn from 20,000 decisions
of 270 characters, 40 to 80 KB a version. Only processes that judge by such a rule, or train, load it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from comments.moderation.folding import Folded, Kind, Span, fold

type Array = np.ndarray[Any, Any]

BITS = 18
SIZES = (2, 3, 4, 5)  # signs of a fragment
ROUNDS = 4  # how often each text is shown
HELD_OUT = 5  # every fifth text is kept back, to measure by
LEAST_FOUND = 5  # a precision of fewer texts says nothing
TARGETS = range(50, 100)  # percent of precision
STRONGEST = 5  # words that explain a score
_FORMAT = 1  # of the bytes; rises with every change of what a bucket or a weight means
_HEAD = struct.Struct("<Bf")
_PRIME, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_ALPHA, _BETA, _L1, _L2 = 2.0, 1.0, 0.02, 0.5
_SEED = 17
_DIGIT = int(Kind.DIGIT)


@dataclass(frozen=True, slots=True)
class Lesson:
    text: str
    is_bad: bool  # a moderator rejected or removed it


@dataclass(frozen=True, slots=True)
class Point:
    """Texts that score at least `threshold`: which share of them is bad, and which share of the bad ones they are."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a model was made of, and how it did on texts that were kept back. `points` are by the percent of precision
    that they reach; a precision that no threshold reaches is missing.
    """

    taught: int
    taught_bad: int
    held_out: int
    held_out_bad: int
    points: dict[int, Point]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    weights: Array  # float32, one for each bucket
    bias: float
    version: int = 0
    thresholds: Mapping[int, float] = field(default_factory=dict)  # percent of precision → the least score

    def score(self, text: str) -> float:
        """How likely it is that a moderator does not publish the text."""
        return self.score_of(_features(_letters(fold(text))[0]))

    def explain(self, text: str) -> tuple[Span, ...]:
        """The words of the text that raise its score most."""
        folded = fold(text)
        letters, places = _letters(folded)
        of_sign = np.zeros(len(letters))
        for size in SIZES:
            share = self.weights[_buckets(letters, size)] / size
            for shift in range(size if len(share) else 0):
                of_sign[shift : shift + len(share)] += share
        return _strongest(folded, letters, places, of_sign)

    def score_of(self, features: Array) -> float:
        return _probability(float(self.weights[features].sum()) / max(len(features), 1) ** 0.5 + self.bias)

    def packed(self) -> bytes:
        return zlib.compress(_HEAD.pack(_FORMAT, self.bias) + self.weights.astype("<f2").tobytes(), 9)

    @classmethod
    def unpacked(cls, packed: bytes, version: int, thresholds: Mapping[int, float]) -> Model | None:
        """None for the bytes of a release that reads texts differently."""
        raw = zlib.decompress(packed)
        if raw[0] != _FORMAT or len(raw) != _HEAD.size + 2 * 2**BITS:
            return None
        weights = np.frombuffer(raw, "<f2", offset=_HEAD.size).astype(np.float32)
        return cls(weights, _HEAD.unpack_from(raw)[1], version, thresholds)


def learn(lessons: Iterable[Lesson]) -> tuple[Model, Figures]:
    """A model of four fifths of the lessons, measured on the others. Of equal texts only the first counts, so none is
    on both sides; which side a text is on depends on its words alone, whatever else is learned.
    """
    taught: list[tuple[Array, bool]] = []
    kept_back: list[tuple[Array, bool]] = []
    known: set[int] = set()
    for lesson in lessons:
        features = _features(_letters(fold(lesson.text))[0])
        name = zlib.crc32(features.tobytes())
        if len(features) and name not in known:
            known.add(name)
            (taught if name % HELD_OUT else kept_back).append((features, lesson.is_bad))
    model = _trained(taught)
    scores, truth = [model.score_of(features) for features, _ in kept_back], [is_bad for _, is_bad in kept_back]
    bad = sum(is_bad for _, is_bad in taught)
    return model, Figures(len(taught), bad, len(truth), sum(truth), points(scores, truth))


def points(scores: Sequence[float], truth: Sequence[bool]) -> dict[int, Point]:
    """For each percent of precision that can be reached, the point with the best recall."""
    ranked = sorted(zip(scores, truth, strict=True), reverse=True)
    all_bad, bad = sum(truth), 0
    cuts: list[Point] = []
    for number, (score, is_bad) in enumerate(ranked, 1):
        bad += is_bad
        following = ranked[number][0] if number < len(ranked) else 0.0
        if following < score and number >= LEAST_FOUND and all_bad:
            cuts.append(Point((score + following) / 2, bad / number, bad / all_bad))
    reached = ((target, [each for each in cuts if each.precision * 100 >= target]) for target in TARGETS)
    return {target: max(fit, key=lambda each: (each.recall, each.precision)) for target, fit in reached if fit}


def _trained(taught: Sequence[tuple[Array, bool]]) -> Model:
    """Both kinds of texts weigh the same together, however rare one is."""
    bias_at = 2**BITS
    total, squares = np.zeros(bias_at + 1), np.zeros(bias_at + 1)
    bad = sum(is_bad for _, is_bad in taught)
    weight = {True: len(taught) / max(2 * bad, 1), False: len(taught) / max(2 * (len(taught) - bad), 1)}
    order = np.random.default_rng(_SEED)
    for _ in range(ROUNDS):
        for chosen in order.permutation(len(taught)):
            features, is_bad = taught[chosen]
            at, value = np.append(features, bias_at), np.full(len(features) + 1, len(features) ** -0.5)
            value[-1] = 0.3
            here, seen = total[at], squares[at]
            now = _weights(here, seen)
            slope = (_probability(float(now @ value)) - is_bad) * weight[is_bad] * value
            grown = seen + slope * slope
            total[at] = here + slope - (np.sqrt(grown) - np.sqrt(seen)) / _ALPHA * now
            squares[at] = grown
    found = _weights(total, squares).astype(np.float32)
    return Model(found[:-1], float(found[-1]) * 0.3)


def _weights(total: Array, squares: Array) -> Array:
    pulled = np.sign(total) * np.maximum(np.abs(total) - _L1, 0.0)
    return -pulled / ((_BETA + np.sqrt(squares)) / _ALPHA + _L2)


def _features(letters: str) -> Array:
    """The buckets of a text, each once. Sorting is five times faster than `np.unique`."""
    found = np.sort(np.concatenate([_buckets(letters, size) for size in SIZES]))
    return found[np.append(True, found[1:] != found[:-1])] if len(found) else found


def _letters(folded: Folded) -> tuple[str, list[int]]:
    """The text as it is learned, between spaces, and for each letter the sign that it stands for; -1: none."""
    letters, places = [" "], [-1]
    last = before = " "
    for place, sign in enumerate(folded.signs):
        letter = sign.readings[0] if sign.kind >= _DIGIT else sign.base
        letter = letter if len(letter) == 1 else sign.base
        if letter == last and (letter == " " or letter == before):
            continue  # "nooooo" is "noo"
        before, last = last, letter
        letters.append(letter)
        places.append(place)
    return "".join([*letters, " "]), [*places, -1]


def _buckets(letters: str, size: int) -> Array:
    """The bucket of each fragment, by its place."""
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    number = len(codes) - size + 1
    if number < 1:
        return np.zeros(0, np.int32)
    mixed = np.full(number, size, np.uint64)
    for shift in range(size):
        mixed = (mixed ^ codes[shift : shift + number]) * _PRIME
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    found: Array = (mixed >> np.uint64(64 - BITS)).astype(np.int32)
    return found


def _strongest(folded: Folded, letters: str, places: Sequence[int], of_sign: Array) -> tuple[Span, ...]:
    """The words that raise the score most, in the order of the text."""
    words: list[tuple[float, int, int]] = []
    start = 1
    for end in range(1, len(letters)):
        if letters[end] == " ":
            if end > start:
                words.append((float(of_sign[start:end].sum()), start, end))
            start = end + 1
    chosen = sorted(word for word in words if word[0] > 0)[-STRONGEST:]
    spans = (folded.span(places[first], places[after - 1] + 1) for _, first, after in chosen)
    return tuple(sorted(spans))


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
