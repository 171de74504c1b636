"""What `spamrec init` asks, and the commented profile that the answers make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamrec import profile
from spamrec.errors import AnswerError, ProfileError

if TYPE_CHECKING:
    from spamrec.linkedin_export import Member, Preferences

Value = str | bool | list[str]


class Question(NamedTuple):
    """One thing asked."""

    key: str
    """Section and key in the profile, as "location.home"."""
    text: str
    """As it is asked."""
    example: str
    """An answer as it stands in the profile, in TOML."""
    comment: str
    """What stands beside the key in the profile."""
    read: Callable[[str], Mapping[str, str]]
    """Makes of an answer the keys it sets, without their section, each with its value in TOML."""


def _toml(value: Value) -> str:
    """A value in TOML, whose texts and lists of texts are written as in JSON."""
    return json.dumps(value, ensure_ascii=False)


def _one(name: str) -> Callable[[str], Mapping[str, str]]:
    return lambda answer: {name: _toml(answer)}


def _many(name: str, separator: str = r"[,;]") -> Callable[[str], Mapping[str, str]]:
    return lambda answer: {name: _toml([part.strip() for part in re.split(separator, answer) if part.strip()])}


def _relocation(answer: str) -> Mapping[str, str]:
    if answer.lower() in ("no", "none", "nowhere"):
        return {"relocate": "[]"}
    return _many("relocate", ";")(answer)


def _remote(answer: str) -> Mapping[str, str]:
    return {"remote": _toml({"y": "yes", "n": "no"}.get(answer.lower(), answer.lower()))}


def _lower(name: str) -> Callable[[str], Mapping[str, str]]:
    return lambda answer: _many(name)(answer.lower())


def _looking(answer: str) -> Mapping[str, str]:
    """ "no", "yes", "yes until 2027-03-31"; what is neither is left for the profile to refuse."""
    found = re.fullmatch(r"(y|yes|n|no|true|false)(?:[\s,]+(?:until\s+)?(\S+))?", answer.lower())
    if not found:
        return {"looking": _toml(answer)}
    looking = {"looking": _toml(found[1] in ("y", "yes", "true"))}
    return looking | {"until": found[2]} if found[2] else looking


QUESTIONS: tuple[Question, ...] = (
    Question("name", "Your name, as people greet you", '"Ray Kim"', "how people greet you", _one("name")),
    Question("emails", "Your mail addresses (commas between them)", '["ray.kim@example.org"]', "your own addresses",
             _many("emails")),
    Question("location.home", "Where you live (city, region or country; postal code)", '"Troy, NY"',
             "city, region, country; or a postal code", _one("home")),
    Question("location.relocate", "Where you would move (semicolons between places; nowhere; anywhere)",
             '["Boston, MA", "Canada"]', '[] nowhere; ["anywhere"]', _relocation),
    Question("location.remote", "Remote work (yes, no, only)", '"yes"', "yes, no or only", _remote),
    Question("work.titles", "Job titles you want", '["technical writer"]', "job titles you want", _many("titles")),
    Question("work.skills", "Skills you want to work with", '["SQL Server", "documentation"]',
             "skills you want to work with", _many("skills")),
    Question("work.unwanted", "Titles or skills you do not want, or left behind", '["Java", "desktop support"]',
             "titles or skills past or disliked", _many("unwanted")),
    Question("work.contract", "Kinds of contract (permanent, contract, temporary, freelance)", '["permanent"]',
             "permanent, contract, temporary, freelance", _lower("contract")),
    Question("work.floor", "Least pay worth a mail (as 95000 USD/year; 60 USD/hour)",
             '["95000 USD/year", "60 USD/hour"]', "least pay worth a mail", _many("floor", ";")),
    Question("mode.looking", "Are you looking for work (yes, no, yes until 2027-03-31)", "false",
             "true makes fair, matching offers welcome", _looking),
)  # fmt: skip

_HEADINGS = {
    "location": "Without [location] no place is too far.",
    "work": "Without [work] no role is unwelcome.",
    "mode": "looking = true ends by itself after the day named by until.",
}
_TAIL = """
[people]
# known = ["jane@firm.example", "@goodrecruiters.example"]   # people and firms you know
# never = ["@sharkstaffing.example"]                         # people and firms you have barred
# groups = ["SQL Saturday", "PASS"]                          # user groups, events, lists you belong to
# acquaintances = ["James Serra"]                            # people whose name opens a door
"""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def check(question: Question, answer: str) -> Mapping[str, str]:
    """The keys that an answer sets, by the checks of the profile itself; AnswerError says why it cannot stand."""
    answer = _CONTROLS.sub(" ", answer).strip()
    if not answer:
        return {}
    keys = question.read(answer)
    section = question.key.rpartition(".")[0]
    lines = [f"[{section}]"] if section else []
    lines += [f"{name} = {value}" for name, value in keys.items()]
    try:
        profile.parse("\n".join(lines), Path("profile.toml"))
    except ProfileError as error:
        raise AnswerError(question.key, answer, error.reason) from error
    return keys


def from_linkedin(member: Member) -> tuple[list[Mapping[str, str]], list[str]]:
    """Answers to QUESTIONS that a LinkedIn export gives, and what of it cannot stand in a profile, with the reason."""
    answers: list[Mapping[str, str]] = []
    left_out: list[str] = []
    told = _told(member)
    for question in QUESTIONS:
        reasons: list[str] = []
        answers.append(_first_that_stands(question, told.get(question.key, ()), reasons))
        if reasons and not answers[-1]:
            left_out.append(f"{question.key}: {reasons[0]}")
    return answers, left_out


def _told(member: Member) -> dict[str, tuple[str, ...]]:
    """What to try as the answer to each question, the best first."""
    looking = member.looking
    current = tuple(position.title for position in member.positions if position.current)
    return {
        "name": (member.name,),
        "emails": (_joined(member.emails),),
        "location.home": (member.location, _bare_region(member.location), member.postal_code),
        "work.titles": (_joined((looking.titles if looking else ()) or current),),
        "work.skills": (_joined(member.skills),),
        "mode.looking": (_is_looking(looking) if looking else "",),
    }


def _first_that_stands(question: Question, tried: Sequence[str], reasons: list[str]) -> Mapping[str, str]:
    for answer in filter(None, tried):
        try:
            return check(question, answer)
        except AnswerError as error:
            reasons.append(f"“{answer}”: {error.reason}")
    return {}


def _joined(values: Sequence[str]) -> str:
    """Values as one answer, in which commas and semicolons part them."""
    return ", ".join(dict.fromkeys(" ".join(re.sub(r"[,;]", " ", value).split()) for value in values if value.strip()))


def _bare_region(location: str) -> str:
    """A region as LinkedIn names it, without what makes it one: "Greater Boston Area" is Boston."""
    return re.sub(r"(?i)^(?:the )?greater |(?: metropolitan| metro| bay)?(?: region| area)\b", "", location).strip(" ,")


def _is_looking(preferences: Preferences) -> str:
    """ "yes" or "no" as the export says; "" where it does not."""
    urgency = preferences.urgency.lower().replace("_", " ")
    if preferences.open_to_recruiters is False or "not " in urgency:
        return "no"
    return "yes" if preferences.open_to_recruiters or re.search(r"activ|immediate|urgent|asap", urgency) else ""


def profile_text(answers: Sequence[Mapping[str, str]]) -> str:
    """A commented profile of the keys that the answers to QUESTIONS set; what was not answered stands as an example
    behind a comment sign."""
    lines = ["# Who you are and what you want, for spamrec. Every key may be left out.", ""]
    inside = ""
    for question, keys in zip(QUESTIONS, answers, strict=True):
        section, _, name = question.key.rpartition(".")
        if section != inside:
            inside = section
            lines += ["", f"[{section}]  # {_HEADINGS[section]}"]
        if not keys:
            lines.append(f"# {name} = {question.example}   # {question.comment}")
        lines += [f"{key} = {value}   # {question.comment}" for key, value in keys.items()]
    return "\n".join(lines) + "\n" + _TAIL
