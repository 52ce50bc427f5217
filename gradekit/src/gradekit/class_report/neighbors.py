"""Students in pairs: complementary mistakes, and answers that have rare text in common.

Common text is found by k-grams of words. Only k-grams that few students have are counted: neither what the course gave
nor what most students write.
"""

# S. Schleimer, D. Wilkerson and A. Aiken, Winnowing: local algorithms for document fingerprinting, SIGMOD 2003.

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations

from gradekit.class_report.model import Pair, Similar

GRAM = 8  # words in a row
RARE_GRAMS = 20  # that two answers have in common
SHARE = 0.6  # of the rare ones of either answer
LINES = 3  # in a row that two answers have in common
MOST = 20  # pairs of answers that are shown
FEWEST = 5  # students; in a smaller class all text is rare
WORD = re.compile(r"\w+|[^\w\s]")
COMMENT = re.compile(r"#.*")


def pairs(missing: Mapping[str, set[str]], order: Sequence[str]) -> list[Pair]:
    """Pairs in which each has questions that the other misses: those with most to explain first, each student once."""
    bits = {name: 1 << n for n, name in enumerate(order)}  # sets as numbers: a class of 300 has 44850 pairs
    masks = {student: sum(bits[name] for name in some) for student, some in missing.items()}
    possible = []
    for first, second in combinations(sorted(masks), 2):
        gives, takes = masks[second] & ~masks[first], masks[first] & ~masks[second]
        if gives and takes:
            fewer, both = min(gives.bit_count(), takes.bit_count()), (gives | takes).bit_count()
            possible.append((-fewer, -both, first, second))
    taken, found = set[str](), []
    for *_, first, second in sorted(possible):
        if first not in taken and second not in taken:
            taken |= {first, second}
            one, other = missing[first], missing[second]
            explains = [tuple(name for name in order if name in some) for some in (other - one, one - other)]
            found.append(Pair((first, second), explains[0], explains[1]))
    return found


def similar(question: str, answers: Mapping[str, str], given: Sequence[str]) -> list[Similar]:
    """Pairs of answers to a question that have rare text in common. `given`: what the course wrote itself."""
    if len(answers) < FEWEST:
        return []
    known = {gram for text in given for gram in _grams(_words(text))}
    by_text = {text: {*_grams(_words(text))} - known for text in {*answers.values()}}
    grams = {student: by_text[text] for student, text in answers.items()}
    holders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student in sorted(grams):
        for gram in grams[student]:
            holders[gram].append(student)
    few = max(2, len(answers) // 20)
    rare = [some for some in holders.values() if len(some) <= few]
    own = Counter(student for some in rare for student in some)
    found = []
    for (first, second), count in Counter(pair for some in rare for pair in combinations(some, 2)).items():
        share, text = count / min(own[first], own[second]), _common(answers[first], answers[second])
        if count >= RARE_GRAMS and share >= SHARE and len(text.splitlines()) >= LINES:
            found.append(Similar((first, second), question, round(share, 2), text))
    return found


def _words(code: str) -> list[str]:
    return WORD.findall(COMMENT.sub("", code))


def _grams(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[n : n + GRAM]) for n in range(len(words) - GRAM + 1))


def _common(first: str, second: str) -> str:
    """The longest run of lines that two answers have in common."""
    lines, others = first.splitlines(), second.splitlines()
    match = SequenceMatcher(None, lines, others, autojunk=False).find_longest_match()
    return "\n".join(lines[match.a : match.a + match.size])
