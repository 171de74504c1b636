"""Wordings are found as the phrases file says, in time that grows with the text, and each shipped one can be found."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import phrases
from spamrec.evidence import Evidence
from spamrec.message import parse
from spamrec.phrases import MAX_GAP, Matcher, words


def found(wording: str, text: str) -> list[str]:
    """What one wording finds in a text, as it stands there."""
    return [hit.text for hit in Matcher([("family", [wording])]).find(text)]


# --- words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("You're GREAT, don’t go", "youre great dont go"),
        ("Köln, Straße, naïve", "koln strasse naive"),
        ("one two. Three!", "one two . three ."),
        ("one\n\ntwo\nthree", "one . two three"),
        ("3.5 at example.com", "3 5 at example com"),
        ("$90/hr 20%", "$ 90 hr 20 %"),
        ("snake_case", "snake case"),
        ("", ""),
    ],
)
def test_words_are_folded_and_sentences_end(text: str, keys: str) -> None:
    assert [w.key for w in words(text)] == keys.split()


@given(st.text())
def test_words_stand_where_they_say(text: str) -> None:
    last = 0
    for word in words(text):
        assert last <= word.start < word.end <= len(text)
        last = word.end


# --- wordings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wording", "text", "hits"),
    [
        ("dear candidate", "Dear Candidate,", ["Dear Candidate"]),
        ("dear candidate", "Dear valued candidate", []),
        ("dear candidate", "dear\ncandidate", ["dear\ncandidate"]),
        # alternatives
        ("dear (candidate|job seeker)", "Dear job seeker and dear candidate", ["Dear job seeker", "dear candidate"]),
        ("dear (candidate|job seeker)", "Dear job", []),
        ("(hi|good morning) all", "Good morning all. Hi all!", ["Good morning all", "Hi all"]),
        ("(a|b c) (d|e f)", "a d, a e f, b c d, b c e f, b d", ["a d", "a e f", "b c d", "b c e f"]),
        # what may be missing
        ("hope [you|all] [are] well", "hope well. Hope all well. hope are well. hope you are well", 4 * [""]),
        ("see [the new] job", "see job, see the new job, see the job", ["see job", "see the new job"]),
        ("see [a|the new] job", "see a job, see the new job, see job, see new job", 3 * [""]),
        ("call me [now]", "call me", ["call me"]),
        ("call me [now]", "call me now", ["call me now"]),
        ("call [me] me", "call me", ["call me"]),
        # any one word
        ("hi _ how", "hi Ann how; hi how", ["hi Ann how"]),
        ("hi _ how", "hi. how", []),
        ("hi [_] how", "hi how, hi Ann how", ["hi how", "hi Ann how"]),
        # a gap
        ("found .. profile", "found profile", ["found profile"]),
        ("found .. profile", "found one two three four profile", ["found one two three four profile"]),
        ("found .. profile", "found one two three four five profile", []),
        ("found .. profile", "found it. Your profile", []),
        ("found .. profile", "found it\n\nYour profile", []),
        ("a .. b .. c", "a x b y y c", ["a x b y y c"]),
        # beginnings of words
        ("you recruit*", "you recruit, you recruiters, you recreate", ["you recruit", "you recruiters"]),
        ("my (recruit*|boss)", "my recruiter, my boss, my bossy", ["my recruiter", "my boss"]),
        # ends of sentences
        ("call me", "I call. Me too", []),
        ("call me", "call, me", ["call, me"]),
    ],
)
def test_a_wording_finds(wording: str, text: str, hits: list[str]) -> None:
    expected = found(wording, text)
    assert len(expected) == len(hits)
    assert all(want in ("", got) for got, want in zip(expected, hits, strict=True))


def test_a_gap_is_as_long_as_documented() -> None:
    assert found("a .. z", f"a {'x ' * MAX_GAP}z")
    assert not found("a .. z", f"a {'x ' * (MAX_GAP + 1)}z")


def test_a_family_is_found_once_a_place_and_families_beside_each_other() -> None:
    matcher = Matcher([("one", ["call me", "call me now"]), ("two", ["call me", "me now"])])
    hits = [(hit.family, hit.start) for hit in matcher.find("Call me now")]
    assert sorted(hits) == [("one", 0), ("two", 0), ("two", 5)]


def test_a_hit_says_where_it_stands() -> None:
    text = "Well: Dear  Job\nseeker!"
    (hit,) = Matcher([("greeting", ["dear job seeker"])]).find(text)
    assert (hit.family, text[hit.start : hit.end]) == ("greeting", "Dear  Job\nseeker")
    assert hit.text == text[hit.start : hit.end]


@given(st.text("ab. \n", max_size=60))
def test_words_found_before_give_the_same_hits(text: str) -> None:
    matcher = Matcher([("family", ["a .. b", "b [a] b", "a (b|a a)"])])
    assert matcher.find(text) == matcher.find(text)


# --- hostile text ------------------------------------------------------------------------------------------

LIMIT_S = 5.0
"""Ten times what the slowest of these takes on a slow machine, a thousandth of what trying every way would."""


@pytest.mark.parametrize(
    ("wordings", "text"),
    [
        (["me .. (call|ring) .. you"], "me " * 50_000),
        (["go " + "[a] " * 20 + "end"], ("go " + "a " * 20) * 500),
        (["go " + "[a|b|c] " * 20 + "end"], "go a b c a b c a b c a b c a b c a b c a b " * 500),
        (["go " + ".. a " * 8 + "end"], ("go " + "a " * 40) * 300),
        (["go " + "[_] " * 12 + "end"], "go " * 5_000),
        (["a " * 30 + "z"], "a " * 20_000),
    ],
)
def test_a_hostile_text_takes_no_longer_than_its_length(wordings: list[str], text: str) -> None:
    started = time.process_time()
    Matcher([("family", wordings)]).find(text)
    assert time.process_time() - started < LIMIT_S


def test_the_shipped_wordings_withstand_their_own_words() -> None:
    """Each first word, and the words of each wording but the last, over and over."""
    for languages in ((), *((language,) for language in phrases.LANGUAGES)):
        matcher = phrases.matcher(languages)
        texts = ["me " * 50_000, "we are you your " * 10_000]
        texts += [f"{w} " * 20 for path in map(phrases.file_of, languages) for w in _wordings(path)]
        texts += [f"{w} " * 20 for w in _wordings(phrases.PHRASES_FILE)]
        started = time.process_time()
        for text in texts:
            matcher.find(text)
        assert time.process_time() - started < LIMIT_S


def _wordings(path: Path) -> list[str]:
    return [w for wordings in phrases.read_families(path).values() for w in wordings]


# --- the shipped file --------------------------------------------------------------------------------------

FAMILIES = phrases.read_families()
OF_LANGUAGES = {language: phrases.read_families(phrases.file_of(language)) for language in phrases.LANGUAGES}
WORDINGS = [
    (family, wording)
    for families in (FAMILIES, *OF_LANGUAGES.values())
    for family, wordings in families.items()
    for wording in wordings
]

GRAMMAR = frozenset(
    """a an the and or but if so as at by for from in into of off on onto out over to up with about after before i me my
    we us our you your he him his she her it its they them their this that these those who what which when where why
    how am is are was were be been being do does did have has had will would shall should can could may might must
    not no yes all any some each every more most much many few one two very just also too then than there here only
    now new good great get got go see look make take give say said know like want need use find time day people
    der die das den dem des ein eine und oder in im zu zum mit von auf aus bei an am ist sind war hat wir sie ich du er
    es nicht auch noch nur wie was wenn le la les un une des de du et ou est sont vous nous je tu il elle que qui dans
    pour par sur avec ce cette el los las y o en con por para es son que se su tu mi lo al del no si como
    """.split()
)
"""Words that every other sentence holds."""


def test_the_shipped_file_holds_families() -> None:
    assert len(FAMILIES) > 40
    assert all(FAMILIES.values()), [family for family, wordings in FAMILIES.items() if not wordings]


def test_no_wording_stands_twice_in_a_family() -> None:
    for families in ({}, *OF_LANGUAGES.values()):
        together = {f: [*wordings, *families.get(f, ())] for f, wordings in FAMILIES.items()}
        doubled = [(f, w) for f, wordings in together.items() for w in wordings if wordings.count(w) > 1]
        assert not doubled


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_a_language_adds_to_families_that_there_are(language: str) -> None:
    assert set(OF_LANGUAGES[language]) <= set(FAMILIES)
    assert sum(map(len, OF_LANGUAGES[language].values())) > 200


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Ich habe Ihr Profil gesehen und möchte mit Ihnen sprechen.", ("de",)),
        ("Je vous contacte pour une mission dans notre agence, et votre profil est bien.", ("fr",)),
        ("Hola, estoy buscando una persona como tú para las oficinas del cliente.", ("es",)),
        ("Kedves Réka! Kérem, jelezze, hogy mikor lenne alkalmas, és van-e kérdése.", ("hu",)),
        (
            "Hola, pour toi. Vous êtes sur Barcelone et je suis una persona del cliente, hola a todas las chicas.",
            ("es", "fr"),
        ),
        ("I came across your profile and was impressed by your work in Los Angeles.", ()),
        ("Die Hard is on tonight, the man is in, and it was not as bad as they say.", ()),
        ("", ()),
    ],
)
def test_the_language_shows_by_its_grammar(text: str, languages: tuple[str, ...]) -> None:
    assert phrases.languages(phrases.keys(text)) == languages


def test_wordings_of_a_language_are_looked_for_in_its_mail_alone() -> None:
    german = "Hallo Frau Huber, wir suchen für unser Team eine Entwicklerin (m/w/d). Haben Sie Interesse?"
    bare = "Entwicklerin m w d"
    found = [
        Evidence(parse(f"Content-Type: text/plain; charset=utf-8\n\n{text}".encode())).hits for text in (german, bare)
    ]
    assert "m/w/d" in [hit.text for hit in found[0]["hiring"]]
    assert "hiring" not in found[1]


def test_every_shipped_wording_can_be_found() -> None:
    """Its brackets close, it begins with a word, and each of its words is one that a text can hold."""
    found_faults = [f"{family}: {wording}: {fault}" for family, wording in WORDINGS for fault in faults(wording)]
    assert not found_faults, "\n".join(found_faults)


def faults(wording: str) -> Iterator[str]:
    """Why no text holds a wording, or some of its words."""
    if re.search(r"[(\[][^)\]]*[(\[]", wording) or any(wording.count(a) != wording.count(b) for a, b in ("()", "[]")):
        yield "brackets within brackets, or not closed"
    ways = phrases._compiled("family", wording)
    if not ways:
        yield "no way to match it"
    if any(not way.steps[0].words or way.steps[0].wild or way.steps[0].prefixes for way in ways):
        yield "begins with no word"
    if any(way.steps[0].optional for way in ways):
        yield "begins with a word that may be missing"
    for word in sorted({w for way in ways for step in way.steps for w in (*step.words, *step.prefixes)}):
        if [w.key for w in words(word)] != [word]:
            yield f"no text holds the word {word!r}, which is read as {' '.join(w.key for w in words(word))!r}"


def test_every_shipped_wording_says_more_than_grammar() -> None:
    """What it cannot do without is more than one word of the sort that every sentence holds."""
    bare = []
    for family, wording in WORDINGS:
        for way in phrases._compiled(family, wording):
            needed = [step for step in way.steps if not step.optional and not step.wild]
            if not needed or (len(needed) == 1 and needed[0].words & GRAMMAR):
                bare.append(f"{family}: {wording}")
    assert not bare, "\n".join(bare)


def test_a_file_of_phrases_is_read(tmp_path: Path) -> None:
    path = tmp_path / "phrases.txt"
    path.write_text("# remark\n[one]\nhi all\n\n[hi] you\n[two]\nbye\n[one]\nhi both\n", encoding="utf-8")
    assert phrases.read_families(path) == {"one": ["hi all", "[hi] you", "hi both"], "two": ["bye"]}
