"""The job a message offers: role, places, mode, pay, contract, client, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from spamrec import pay
from spamrec.gazetteer import Place
from spamrec.pay import Pay
from spamrec.phrases import Hit, keys
from spamrec.profile import Contract

MAX_READ = 8_000
"""Characters of a text in which the job offered is looked for."""


class WorkMode(StrEnum):
    """Where the work is done."""

    REMOTE = "remote"
    HYBRID = "hybrid"
    ONSITE = "on-site"
    UNSTATED = "unstated"


class FoundIn(StrEnum):
    """How a pitched place was found, the surest first."""

    FIELD = "field"
    SUBJECT = "subject"
    TEXT = "text"
    EMPLOYER = "employer"


class PitchedPlace(NamedTuple):
    """One place of work offered."""

    place: Place
    """Where."""
    text: str
    """As the message names it."""
    found: FoundIn
    """How it was found."""


class Pitch(NamedTuple):
    """The job offered in one message, as far as it can be told; all empty where there is none."""

    roles: tuple[str, ...] = ()
    """Titles offered, lower case, the surest first."""
    places: tuple[PitchedPlace, ...] = ()
    """Places of work offered."""
    mode: WorkMode = WorkMode.UNSTATED
    """Where the work is done."""
    remote_for_now: bool = False
    """Whether remote work is said to end ("remote until")."""
    relocation_asked: bool = False
    """Whether the reader would have to move."""
    locals_only: bool = False
    """Whether only people from the place are wanted."""
    pay: tuple[Pay, ...] = ()
    """Pay figures."""
    contract: frozenset[Contract] = frozenset()
    """Kinds of employment offered."""
    client_unnamed: bool = False
    """Whether it is for a client without a name."""
    contacts: tuple[str, ...] = ()
    """Mail addresses in the text to write to, lower case."""
    asks: tuple[str, ...] = ()
    """What is asked for: resume, call, referral, identity, money."""


NO_PITCH = Pitch()

ASKS = {"asks-resume": "resume", "asks-call": "call", "referral-asked": "referral", "asks-identity": "identity"}


def extract(subject: str, text: str, hits: Mapping[str, Sequence[Hit]], *, home: Place | None = None) -> Pitch:
    """The pitch in a subject and a text; `hits` are the families found in both, `home` settles ambiguous names."""
    text = text[:MAX_READ]
    whole = f"{subject}\n\n{text}"
    lower = whole.lower()
    mode, for_now = _mode(whole)
    return Pitch(
        roles=find_roles(subject, text, hits),
        places=_places(subject, text, home),
        mode=mode,
        remote_for_now=for_now,
        relocation_asked=_says("relocation", lower),
        locals_only=_says("locals", lower),
        pay=pay.find(whole),
        contract=_contract(whole, lower),
        client_unnamed="on-behalf-of-client" in hits,
        contacts=contacts(text),
        asks=tuple(what for family, what in ASKS.items() if family in hits),
    )


def contacts(text: str) -> tuple[str, ...]:
    """Mail addresses to write to in the part of a text that is read, lower case. Ordinary mail is asked for no more."""
    text = text[:MAX_READ]
    if "@" not in text:
        return ()
    found = [one for line in text.split("\n") if "@" in line for one in _pattern("address").findall(line)]
    return tuple(dict.fromkeys(address.lower().rstrip(".") for address in found))


# --- mode, contract ----------------------------------------------------------------------------------------


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Compiled when it is first needed: all of them take 9 ms."""
    return re.compile(_PATTERNS[name], re.IGNORECASE)


@cache
def _lower_pattern(name: str) -> re.Pattern[str]:
    """The same for text in lower case, of which Python looks for the first characters only: three times as fast."""
    return re.compile(_PATTERNS[name])


def _says(name: str, lower: str) -> bool:
    """Whether an expression matches in a text in lower case; tried only where that holds a piece."""
    return any(piece in lower for piece in _PIECES[name]) and _lower_pattern(name).search(lower) is not None


_PIECES = {
    name: tuple(listed.split("|"))
    for name, listed in {
        "for_now": "remot|home|télétravail",
        "not_remote": "remote|home|wfh|days|day 1|site|vor ort|presencial|présentiel|präsenz|teletrabajo|télétravail",
        "hybrid": "hybrid|híbrid|hibrid|day|tag|jour|día|remote|home|télétravail|teletrabajo",
        "remote": "remot|home|anywhere|telecommut|wherever|desde|hause|ortsunabhängig|chez|travail|teletrabajo|"
        "wfh|distanciel",
        "onsite": "site|office|person",
        "relocation": "relocat|move to|moving to|umzug|umziehen|mobilité|déménag|traslad|cambio de|reubicaci",
        "locals": "local|relocation|live|resid|based|located|only",
        "permanent": "perm|full|fte|cdi|unbefristet|festanstellung|indefinido|direct hire|salaried",
        "temporary": "temp|supply|interim|intérim|cdd|befristet|zeitarbeit|seasonal|casual|shift|per diem|locum|"
        "travel|maternity",
        "freelance": "freelanc|freiberuf|indépendant|portage|autonomo|autónomo|tjm|employed|gig",
        "contract": "",
    }.items()
}
"""Pieces, lower case, of which one stands in all that the expression of that name matches."""
_PATTERNS = {
    "for_now": r"\bremote (?:work )?(?:until|for now|at first|initially|to start|during|till|for the first|due to covid|"
    r"temporarily)|\b(?:initially|temporarily|currently|starts?(?: out)?|begins?|right now) (?:fully |100% )?remote"
    r"(?! (?:role|team|company|first))|\bremote\b[^.\n]{0,30}\b(?:then|and then|before|later) (?:on.?site|hybrid|relocat|moving|"
    r"transition)|\b(?:zunächst|anfangs) (?:remote|im home)|\btélétravail (?:au début|jusqu)|\bremoto (?:hasta|al principio)",
    "not_remote": r"\b(?:no|not|non|isn'?t|never|cannot be|can'?t be|kein(?:e)?|pas de|sin|nicht)"
    r"(?: an?| fully| a fully| option for| possibility of| currently| possible| being)? "
    r"(?:remote|teletrabajo|télétravail|home ?office|wfh)|\bremote\b[^.\n]{0,20}\b(?:not (?:possible|available|an option|"
    r"offered|allowed)|is not|isn'?t|ne (?:marche|fonctionne) pas|n['’]est pas|no es posible|ist nicht)|\btélétravail\b[^.\n]{0,20}\b(?:ne |n['’])|\b(?:5|five) days (?:a |per )?week (?:on.?site|in (?:the )?office)|\bday 1 on.?site|"
    r"\b(?:100 ?% |fully |full.time |strictly |must be )on.?site|\bon.?site (?:only|role|position|from day)|"
    r"\bvor ort\b|\b(?:100 ?% )?presencial\b|\ben présentiel\b|\bpräsenz\b",
    "hybrid": r"\bhybrid\w*\b|\bh[ií]brido\b|\bhybride\b|\b(?:1|2|3|4|one|two|three|four|zwei|drei|deux|trois|dos|tres)"
    r"(?:\s?(?:-|to|or|bis|à)\s?\w+)? (?:days?|tage?|jours?|días?)(?: (?:a|per|each|pro|par|por|of the|in der|a la|/))?"
    r"(?: ?week| woche| semaine| semana)?[, ]{1,2}(?:on.?site|in (?:the |our )?(?:office|\w+)|at (?:the|our) office|"
    r"im büro|au bureau|en (?:la )?oficina|sur site|presencial|vor ort)|\b(?:flexible|partly|partially|occasional(?:ly)?|"
    r"teilweise|partial) (?:remote|home ?office|télétravail|teletrabajo)|"
    r"\b(?:remote|home ?office|télétravail|teletrabajo|wfh|(?:work )?from home)[ :(,]{1,3}(?:1|2|3|4|one|two|three|four|an?|ein(?:en)?|zwei|drei|"
    r"une?|deux|trois|un|dos|tres) ?(?:days?|tage?|jours?|j|días?)\b|\b(?:1|2|3|4|one|two|three|four|ein(?:en)?|zwei|drei|un|deux|trois|dos|tres) ?"
    r"(?:days?|tage?|jours?|j|días?)(?: (?:a|per|each|pro|par|por|in der|a la) (?:week|woche|semaine|semana))? (?:of |de |d['’]|im |en )?"
    r"(?:remote|home ?office|télétravail|teletrabajo|wfh|from home)\b",
    "remote": r"\b(?:100 ?% |fully |full |completely |entirely |permanent(?:ly)? )?remote(?:ly)?\b|\bwork(?:s|ing)? from (?:home|anywhere)|\bhome[- ]based\b|"
    r"\btelecommut\w*|\bhome ?office\b|\b(?:from|in) (?:your|the comfort of your) (?:own )?home\b|\byour own home\b|\bfrom wherever\b|"
    r"\bdesde (?:tu |su |donde |cualquier )|\bvon zu ?hause|\bortsunabhängig|\bdepuis chez|\btélétravail\b|\bteletrabajo\b|\b(?:en |100 ?% )?remoto\b|\bwfh\b|\bdistanciel\b",
    "remote_tech": r"\bremote(?:ly)? (?:desktop|access|site|control|support|monitoring|server|procedure|hands|sensing|area|"
    r"communit|debug|repo|branch|host|possib|chance|user|location|diagnos|triage|patient)",
    "onsite": r"\bon.?site\b|\bin.office\b|\bin (?:the|our) office\b|\bin person\b|\boffice.based\b|\bsur site\b",
    "relocation": r"\b(?:must|(?<!no )need to|required to|have to|should be willing to|willing(?:ness)? to|able to|open to|ready to|"
    r"happy to|consider(?:ing)?|expected to|prepared to) (?:be (?:willing|able|open) to )?(?:relocat\w*|mov(?:e|ing) to)|"
    r"\brelocation (?:is |to [\w ,]+ )?(?:required|needed|necessary|expected|mandatory|assistance|package|support|provided|paid|"
    r"bonus|offered|available)|\bumzug\b|\bumziehen\b|\bmobilité (?:requise|géographique)|\bdéménag\w*|\btraslad\w* (?:a|de)\b|"
    r"\bcambio de residencia|\breubicaci[oó]n",
    "locals": r"\blocals?(?: candidates?| consultants?| profiles?| people)? (?:only|preferred|required|highly)|\bonly locals?\b|"
    r"\b(?:need|looking for|prefer|strictly|must be) locals?\b|\bno relocation\b|\b(?:must|need to|have to|should) (?:already )?(?:live|reside|be based|be located) (?:in|near|within)|"
    r"\b(?:uk|us|usa|eu)[- ](?:based|only|residents?)(?: only| candidates)?\b|\bresid(?:ir|as?|ente) en\b",
    "address": r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)++",
    "contract": r"\b(?:w-?2(?! (?:employee|salar|full|perm))|c-?2-?c|1099|corp[- ](?:to|2)[- ]corp|contract(?:or|ing)?|c-?2-?h|day rate|ir35|"
    r"(?:\d+|six|twelve|three)[ +-]*(?:months?|mo)\b|projektvertrag|arbeitnehmerüberlassung|prestation|mission)\b",
    "permanent": r"\b(?:permanent|perm|full[- ]time(?: (?:employee|role|position|permanent|opportunity|job))?|fulltime|fte|cdi|"
    r"unbefristet\w*|festanstellung|contrato indefinido|indefinido|direct hire|salaried|w-?2 (?:employee|full[- ]?time|perm\w*))\b",
    "denied": r"\b(?:no|not|non|never|without|don'?t (?:do|offer|use|take)|do not (?:do|offer|use|take)|isn'?t|kein\w*|pas de|sin)"
    r"[ -](?:an? |any |on )?(?:contract(?:or)?s?(?:[- ]to[- ]hire)?|c-?2-?[ch]|corp[- ]to[- ]corp|1099|w-?2|freelanc\w*|temps?|"
    r"temporary|perm|permanent)\b",
    "temporary": r"\b(?:temporary|temp|supply|interim|int[eé]rim|cdd|befristet\w*|zeitarbeit|seasonal|casual|bank shifts?|per diem|"
    r"locum|travel (?:nurse|rn|assignment)|temporal|maternity cover)\b",
    "freelance": r"\b(?:freelanc\w*|freiberuf\w*|indépendant|portage|aut[oó]nomo|tjm|self.employed|gig)\b",
    "field": r"(?:^|[\s*•|>(])(?:job |work |client |primary |office )?(?:locations?|loc|place of work|work ?site|duty station|base|"
    r"einsatzort|standort|arbeitsort|dienstsitz|lieu(?: de travail)?|localisation|ubicaci[oó]n|lugar(?: de trabajo)?|city|where|"
    r"based in|ort|situation|d[oó]nde|où|wo|hol|helyszín|munkavégzés helye)\s*[:;=–-]+\s*",
    # "at our headquarters in" is where one works, "with headquarters in" is not
    "not_here": r"(?:(?<!\bat our )(?<!\bin our )(?<!\bfrom our )(?<!\bat our corporate )(?:head ?quarter\w*|\bhq\b|head office)|\b(?:with|have|has|and|other) (?:\w+ )?(?:offices|plants|sites|branches)|\bfounded|\bagency\b[^.\n]{0,12}|"
    r"\bbranch\w*|\bsitz\b|\bhauptsitz\b|\bsiège\b|\bsede\b|\bniederlassung\w*|\bi am (?:a |an )?[\w ]{0,30}(?:based|located)|"
    r"\bi'm (?:a |an )?[\w ]{0,30}(?:based|located)|\bwe are (?:a |an )?[\w ]{0,40}(?:based|located)|\bcall(?:ing)? from|\bgreetings from|"
    r"\bteams in|\bcustomers? in|\bclients? across|\braised|\buniversity(?! (?:hospital|health|college hospital|medical))|\bdegree|\bstudied|\btime ?zone|"
    r"\bacross|\bmet (?:you )?(?:in|at)|\b(?:conference|meetup|talk|summit) in)[^.\n:]{0,25}$",
    "employer": r"^[- ]?(?:based|headquartered|ansässig\w*)\b|^-?basierte",
}


def _mode(text: str) -> tuple[WorkMode, bool]:
    without = _pattern("remote_tech").sub(" ", text) if "remote" in text.lower() else text
    lower = without.lower()
    if _says("for_now", lower):
        return WorkMode.ONSITE, True
    if _says("hybrid", lower):
        return WorkMode.HYBRID, False
    if _says("not_remote", lower):
        return WorkMode.ONSITE, False
    if _says("remote", lower):
        # "remote or onsite" leaves the choice to the reader
        return WorkMode.REMOTE, False
    return (WorkMode.ONSITE if _says("onsite", lower) else WorkMode.UNSTATED), False


def _contract(text: str, lower: str) -> frozenset[Contract]:
    lower = _lower_pattern("denied").sub(" ", lower)
    kinds = {kind for kind in Contract if _says(kind.value, lower)}
    if Contract.CONTRACT in kinds and not re.search(r"(?i)\b(?:perm|permanent|cdi|direct hire)\b", text):
        kinds.discard(Contract.PERMANENT)  # a "full time contract" is a contract
    return frozenset(kinds)


# --- places ------------------------------------------------------------------------------------------------


def _places(subject: str, text: str, home: Place | None) -> tuple[PitchedPlace, ...]:
    """Places of work, one entry each: those in a field where there is one, else those named elsewhere."""
    from spamrec import places  # ordinary mail needs none of it

    lower = text.lower()
    same = len(lower) == len(text)  # hardly a letter is longer in lower case, and shifts what follows
    fields = [m.end() for m in (_lower_pattern if same else _pattern)("field").finditer(lower if same else text)]
    out: dict[tuple[str, str, str], PitchedPlace] = {}
    for where, source in ((FoundIn.SUBJECT, subject), (FoundIn.TEXT, text)):
        before: places.Mention | None = None
        for mention in places.find(source, near=home):
            how = where
            if where is FoundIn.TEXT:
                if any(0 <= mention.start - f <= 60 and "\n" not in text[f : mention.start] for f in fields):
                    how = FoundIn.FIELD
                elif _address_block(mention.text) or _pattern("not_here").search(
                    text, max(0, mention.start - 90), mention.start
                ):
                    continue
                elif _pattern("employer").match(text[mention.end : mention.end + 16]):
                    how = FoundIn.EMPLOYER
            place = mention.place
            key = (place.name, place.region, place.country)
            if (
                before and source[before.end : mention.start].strip() == ","
            ):  # "Easton, Columbus OH": one part of the other
                outer = out.get((before.place.name, before.place.region, before.place.country))
                how = outer.found if outer and _surer(outer.found, how) else how
            before = mention
            if key not in out or _surer(how, out[key].found):
                out[key] = PitchedPlace(place, mention.text, how)
    kept = sorted(out.values(), key=lambda p: tuple(FoundIn).index(p.found))
    if any(p.found in (FoundIn.FIELD, FoundIn.SUBJECT) for p in kept):
        kept = [p for p in kept if p.found in (FoundIn.FIELD, FoundIn.SUBJECT)]
    elif any(p.found is FoundIn.TEXT for p in kept):
        kept = [p for p in kept if p.found is FoundIn.TEXT]
    return tuple(kept)


def _address_block(named: str) -> bool:
    """Whether a place is written with its postal code, as in an address under a mail."""
    return bool(re.search(r"\d{4,}", named))


def _surer(a: FoundIn, b: FoundIn) -> bool:
    return tuple(FoundIn).index(a) < tuple(FoundIn).index(b)


# --- roles -------------------------------------------------------------------------------------------------

MAX_ROLES = 12
MAX_MODIFIERS = 4
"""Words before (or, in Romance languages, after) the head of a title that belong to it."""

# Heads of job titles. In the first list the words that say which come before the head, in the second after.
_HEADS = frozenset(
    """developer developers engineer engineers architect architects administrator administrators analyst analysts
    manager managers designer designers scientist scientists consultant consultants specialist specialists lead
    programmer programmers tester testers technician technicians nurse nurses rn accountant accountants auditor
    controller teacher teachers tutor tutors lecturer professor officer officers assistant assistants associate
    director directors executive executives representative representatives agent agents advisor adviser coordinator
    supervisor operator operators driver writer writers editor editors translator trainer trainers instructor coach
    owner master intern interns internship trainee graduate apprentice dba sre swe sdet qa devops cto cio ceo cfo
    vp head expert experts planner buyer estimator surveyor inspector fitter mechanic electrician welder drafter
    draughtsman researcher economist statistician strategist producer artist animator hygienist therapist pharmacist
    physician doctor midwife caregiver carer paramedic clerk bookkeeper cashier receptionist secretary paralegal
    lawyer attorney counsel salesperson seller marketer broker underwriter actuary shopper courier handler tutor
    principal headteacher supply role position job entwickler entwicklerin ingenieur ingenieurin berater beraterin
    leiter leiterin architekt administratorin fachkraft sachbearbeiter projektleiter teamleiter techniker pfleger
    softwareentwickler softwareingenieur data scientist frontend backend fullstack""".split()
)
_HEADS_FIRST = frozenset(
    """developpeur developpeuse ingenieur ingenieure architecte administrateur administratrice chef responsable
    analyste consultant technicien technicienne directeur directrice charge chargee concepteur testeur
    desarrollador desarrolladora programador programadora ingeniero ingeniera arquitecto administrador analista
    consultor tecnico jefe responsable disenador maquetador director vp head data""".split()
)
_BREAKS = frozenset(
    """a an the of for to in on at as with and or is are was be we i you he she they our your my their his her its this
    that these those am im were have has had do does will would can could should may might must not no if by from about
    it us me who what which when where how why there here please hi hello dear looking seeking hiring need needs
    required experienced good great strong excellent talented new several multiple many some any one two three best
    skilled passionate join working currently open immediate urgent more than any like also become being role position
    job opening opportunity vacancy der die das ein eine einen einem fur als und oder mit im am von zu bei wir sie ihr
    un une le la les des de du et ou pour en au aux dans vous nous que qui el los las y o con por para como se su tu
    . $ % dear re fw fwd""".split()
)
_OWN_TITLES = frozenset(
    """recruiter recruiting recruitment talent sourcer staffing hr hiring resourcing account acquisition human people
    personalberater reclutador recrutement candidate""".split()
)
_ROLE_FIELD = (
    r"(?:^|[\s*•|>(])(?:job |open )?(?:titles?|roles?|positions?|job|vacancy|designation|opening|requirement|stelle|position|"
    r"poste|intitulé|puesto|vacante|posición)\s*+(?:title|name)?\s*+[:;=–-]++\s*+(?!\S*+://)(?P<value>[^\W\d_][^\n|(,;]{2,70}?)(?=\n|[|(,;]|\s{2}|\s[/@-]|$)"
)


@cache
def _role_field() -> re.Pattern[str]:
    return re.compile(_ROLE_FIELD, re.IGNORECASE)


def find_roles(subject: str, text: str, hits: Mapping[str, Sequence[Hit]]) -> tuple[str, ...]:
    """Titles offered: from a field, from the subject, else from beside the words that offer them, else from anywhere."""
    sure = [m["value"].strip(" *.\t").lower() for m in _role_field().finditer(text) if len(m["value"].split()) <= 7]
    sure += _titles(keys(subject))
    if not sure:
        offset = len(subject) + 2
        spans = [h for family in ("hiring", "exciting-opportunity", "asks-interest") for h in hits.get(family, ())]
        for hit in spans:
            start = max(0, hit.start - offset - 40)
            sure += _titles(keys(text[start : max(0, hit.end - offset) + 80]))
    if not sure:
        sure = _titles(keys(text))
    kept = [role for role in dict.fromkeys(sure) if not _OWN_TITLES & set(role.split())]
    return tuple(kept[:MAX_ROLES])


def _titles(words: Sequence[str]) -> list[str]:
    out = []
    for i, key in enumerate(words):
        if key in _HEADS:
            start = i
            while start > 0 and i - start < MAX_MODIFIERS and words[start - 1] not in _BREAKS:
                start -= 1
            end = i + 1
            if words[i + 1 : i + 2] == ["of"]:  # "director of engineering"
                end = min(len(words), i + 4)
            if end - start > 1 or key in ("dba", "sre", "rn", "devops", "cto", "intern", "internship"):
                out.append(" ".join(words[start:end]))
        if key in _HEADS_FIRST:
            end = i + 1
            while end < len(words) and end - i <= MAX_MODIFIERS and words[end] not in _BREAKS - {"de", "en"}:
                end += 1
            if end - i > 1:
                out.append(" ".join(words[i:end]))
    return out


# --- the reader's terms in the roles -----------------------------------------------------------------------

_SAME = {
    "dba": "database administrator", "sre": "site reliability engineer", "rn": "registered nurse", "dev": "developer",
    "swe": "software engineer", "sdet": "test engineer", "frontend": "front end", "backend": "back end", "js": "javascript",
    "fullstack": "full stack", "ts": "typescript", "k8s": "kubernetes", "postgres": "postgresql", "golang": "go",
    "entwickler": "developer", "entwicklerin": "developer", "softwareentwickler": "software developer",
    "softwareingenieur": "software engineer", "ingenieur": "engineer", "developpeur": "developer", "developpeuse": "developer",
    "desarrollador": "developer", "desarrolladora": "developer", "programador": "developer", "programadora": "developer",
    "programmer": "developer", "programmers": "developer", "ingeniero": "engineer", "ingeniera": "engineer",
    "ml": "machine learning", "em": "engineering manager", "ta": "teaching assistant",
    "internship": "intern", "maschinenbau": "mechanical", "enseignant": "teacher", "lehrer": "teacher", "icu": "intensive care",
}  # fmt: skip


def normal(text: str) -> tuple[str, ...]:
    """Words of a title or skill, abbreviations spelled out and plurals made singular, for comparison."""
    out: list[str] = []
    for word in keys(text):
        key = word[:-1] if len(word) > 4 and word.endswith("s") and word[-2] not in "su" else word
        out += _SAME.get(key, key).split()
    return tuple(out)


def names(term: Sequence[str], role: Sequence[str]) -> bool:
    """Whether the words of a term stand together in a role."""
    n = len(term)
    return n > 0 and any(tuple(role[i : i + n]) == tuple(term) for i in range(len(role) - n + 1))


def any_named(terms: Iterable[str], text: Sequence[str]) -> str:
    """The first of the terms that stands in the text's normal words, "" for none."""
    return next((term for term in terms if names(normal(term), text)), "")
