"""Forms of a town's name that other languages build: Hungarian cases, French and German adjectives."""

from __future__ import annotations

from collections.abc import Iterator

from spamrec.gazetteer import INFLECTED, LOWER, WORD, fold

# Both harmonies of each ending, since which one a name takes is in no table; the wrong one is written by nobody.
# Accents are left out: names are compared without them.
HUNGARIAN_CASES = ["ban", "ben", "ba", "be", "ra", "re", "rol", "bol", "tol", "hoz", "hez", "nal", "nel", "ig"]
AFTER_VOWEL, AFTER_CONSONANT = ("n",), ("on", "en")
FRENCH_NOUNS = {
    "région": "f", "agglomération": "f", "métropole": "f", "banlieue": "f", "bassin": "m", "secteur": "m"
}  # fmt: skip


def hungarian_forms(name: str) -> Iterator[tuple[str, int]]:
    """ "Szegeden", "Szegedre" and the rest, and "szegedi" in small letters."""
    if " " in name or "-" in name:
        return
    stem = "".join(fold(letter) for letter in name)
    places = AFTER_VOWEL if stem[-1] in "aeiou" else AFTER_CONSONANT
    for ending in (*places, *HUNGARIAN_CASES):
        yield (stem + ending).capitalize(), INFLECTED
    yield f"{stem}i", INFLECTED | LOWER


def french_forms(masculine: str, feminine: str) -> Iterator[tuple[str, int]]:
    """ "région lyonnaise", "bassin lyonnais"."""
    for noun, gender in FRENCH_NOUNS.items():
        yield f"{noun} {feminine if gender == 'f' else masculine}", INFLECTED | LOWER


def german_forms(adjectives: str) -> Iterator[tuple[str, int]]:
    """ "Münchner", which is a surname as well and needs "Büro" behind it."""
    for adjective in adjectives.split():
        yield adjective, WORD
