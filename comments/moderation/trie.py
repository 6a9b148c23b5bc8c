"""Finds the words of a list in a folded text, whatever list and text are long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from comments.moderation.folding import Folded, Kind, Sign, Span, alphabet_of, fold, spelled

SHORT = 3  # letters; such a word is too easily seen in numbers and initials
MOST_STEPS = 100_000  # of a walk through one text, for all its words together
_TIGHT = frozenset(".-_*~'’`^·•,|")  # one of them may stand between the letters of a word, without a space
_MASKS = frozenset("*#")  # one stands for any letter, as in f*ck
_GAP = 3  # signs between the letters of a s p a c e d word


class Match(NamedTuple):
    span: Span
    word: str  # as the list has it


@dataclass(slots=True)
class _Word:
    text: str
    length: int  # folded letters
    alphabet: str  # of its letters; "" for a number
    is_stem: bool


@dataclass(slots=True)
class Trie:
    """Words by their folded letters."""

    children: dict[str, Trie] = field(default_factory=dict)
    words: list[_Word] = field(default_factory=list)

    @classmethod
    def of(cls, words: Iterable[str], *, is_stem: bool = False) -> Trie:
        root = cls()
        for word in words:
            letters = [sign for sign in fold(word).signs if sign.kind is Kind.LETTER]
            alphabet = next((alphabet_of(sign.base) for sign in letters), "")
            for spelling in {spelled(word), spelled(_without_umlauts(word))} - {""}:
                node = root
                for letter in spelling:
                    node = node.children.setdefault(letter, cls())
                node.words.append(_Word(word, len(spelling), alphabet if letters else "", is_stem))
        return root

    def matches(self, text: Folded) -> Iterator[Match]:
        """From left to right without an overlap; of those that begin at the same place the longest."""
        walk, at = _Walk(text, self), 0
        while at < len(text.signs) and walk.steps < MOST_STEPS:
            found = walk.longest_from(at) if walk.may_begin(at) else None
            if found is None:
                at += 1
                continue
            after, word = found
            yield Match(text.span(at, after), word)
            at = after


def _without_umlauts(word: str) -> str:
    for umlaut, spelling in {"ä": "ae", "ö": "oe", "ü": "ue"}.items():
        word = word.casefold().replace(umlaut, spelling)
    return word


class _State(NamedTuple):
    """A way to read the signs up to `at`, of which `after` is the end of the last letter."""

    at: int
    node: Trie
    last: str = ""  # the last sign; repetitions of it may be passed over
    after: int = 0
    latin: int = 0  # letters by their alphabet
    cyrillic: int = 0
    others: int = 0
    digits: int = 0
    masks: int = 0
    loose: int = 0
    is_spaced: bool = False
    is_dotted: bool = False  # spaced by more than spaces
    is_parted: bool = False  # by a mark inside the word


class _Walk:
    def __init__(self, text: Folded, root: Trie) -> None:
        self.text, self.signs, self.root = text, text.signs, root
        self.steps = 0

    def may_begin(self, at: int) -> bool:
        """At the beginning of a word of the text; of repeated signs at the first one."""
        sign = self.signs[at]
        if sign.kind is Kind.SPACE or not any(
            reading[0] in self.root.children for reading in sign.readings + sign.loose
        ):
            return False
        before = at - 1
        if before >= 0 and self.signs[before].kind >= Kind.DIGIT:
            return False
        while before >= 0 and self.signs[before].kind is Kind.SPACE:
            before -= 1
        is_again = before >= 0 and self.signs[before].base == sign.base
        return not (is_again and self.text.is_single[at] and self.text.is_single[before])

    def longest_from(self, start: int) -> tuple[int, str] | None:
        best: tuple[int, str] | None = None
        seen: set[tuple[int, int, str]] = set()
        states = [_State(start, self.root)]
        while states and self.steps < MOST_STEPS:
            state = states.pop()
            key = (state.at, id(state.node), state.last)
            if key in seen:
                continue
            seen.add(key)
            self.steps += 1
            for word in state.node.words:
                if (best is None or state.after > best[0]) and self._is_found(word, state, start):
                    best = (state.after, word.text)
            states += self._next(state)
        return best

    def _next(self, state: _State) -> Iterator[_State]:
        """The unlikely ways first: they are tried last."""
        if state.at >= len(self.signs):
            return
        sign = self.signs[state.at]
        if state.last:
            yield from self._over_a_gap(state)
            yield from self._unread(state, sign)
        for readings, is_loose in ((sign.loose, True), (sign.readings, False)):
            for reading in reversed(readings):
                node = _follow(state.node, reading)
                if node is not None:
                    yield self._read(state, node, is_loose=is_loose)

    def _unread(self, state: _State, sign: Sign) -> Iterator[_State]:
        """Past a mask, as any letter, and past repetitions."""
        if sign.base in _MASKS:
            for letter, node in state.node.children.items():
                if letter != " ":
                    yield state._replace(at=state.at + 1, node=node, last=sign.base, masks=state.masks + 1)
        if sign.base == state.last:
            end = self.text.run_ends[state.at]
            yield state._replace(at=end, after=end)

    def _read(self, state: _State, node: Trie, *, is_loose: bool) -> _State:
        sign, at = self.signs[state.at], state.at + 1
        read = state._replace(at=at, after=at, node=node, last=sign.base, loose=state.loose + is_loose)
        if sign.kind is Kind.DIGIT:
            return read._replace(digits=state.digits + 1)
        if sign.kind is Kind.MARK:
            return read
        if sign.alphabet == "LATIN":
            return read._replace(latin=state.latin + 1)
        if sign.alphabet == "CYRILLIC":
            return read._replace(cyrillic=state.cyrillic + 1)
        return read._replace(others=state.others + 1)

    def _over_a_gap(self, state: _State) -> Iterator[_State]:
        """To the next letter: between letters that stand alone over spaces and marks, within a word over one mark; and
        over any gap where the list's own words have a space.
        """
        signs, end = self.signs, state.at
        while end < len(signs) and signs[end].kind < Kind.DIGIT:
            end += 1
        if end == state.at or end == len(signs):
            return
        if (node := state.node.children.get(" ")) is not None:
            yield state._replace(at=end, node=node, last="")
        singles = self.text.is_single
        if singles[state.at - 1]:
            is_dotted = any(sign.kind is Kind.MARK for sign in signs[state.at : end])
            for place in range(state.at + 1, min(end, state.at + _GAP) + 1):
                if singles[place] if place == end else signs[place].readings:
                    yield state._replace(at=place, is_spaced=True, is_dotted=state.is_dotted or is_dotted)
        elif end - state.at == 1 and signs[state.at].base in _TIGHT:
            yield state._replace(at=end, is_parted=True)

    def _is_found(self, word: _Word, state: _State, start: int) -> bool:
        """Whether the word ends here, and enough of it was written as letters to be meant."""
        if state.at != state.after:
            return False  # after a gap or a mask
        if not word.is_stem and not self._ends_at(state.after):
            return False
        if not word.alphabet:
            return state.digits == word.length and not (state.is_spaced or state.is_parted)
        letters = state.latin + state.cyrillic + state.others
        if not letters or state.masks * 2 > word.length:
            return False
        if word.length <= SHORT and self._is_doubtful(word, state, start):
            return False
        native = state.latin if word.alphabet == "LATIN" else state.cyrillic
        return bool(native) or (word.length > SHORT and not state.loose)

    def _is_doubtful(self, word: _Word, state: _State, start: int) -> bool:
        """Whether a short word may just as well be a number, an abbreviation or initials."""
        if state.is_spaced:
            return bool(state.digits) or state.is_dotted or self._is_among_singles(start, state.after)
        return state.digits * 2 > word.length or bool(state.masks) or state.is_parted

    def _ends_at(self, after: int) -> bool:
        """Digits after a word do not belong to it."""
        if after >= len(self.signs) or self.signs[after].kind < Kind.DIGIT:
            return True
        return self.signs[after].kind is Kind.DIGIT and self.signs[after - 1].kind is Kind.LETTER

    def _is_among_singles(self, start: int, after: int) -> bool:
        """Whether more letters that stand alone are beside it, as in initials."""
        signs, singles = self.signs, self.text.is_single
        before, behind = start - 1, after
        while before >= 0 and signs[before].kind < Kind.DIGIT:
            before -= 1
        while behind < len(signs) and signs[behind].kind < Kind.DIGIT:
            behind += 1
        is_before = before >= 0 and start - before - 1 <= _GAP and singles[before]
        return is_before or (behind < len(signs) and behind - after <= _GAP and singles[behind])


def _follow(node: Trie, letters: str) -> Trie | None:
    for letter in letters:
        found = node.children.get(letter)
        if found is None:
            return None
        node = found
    return node
