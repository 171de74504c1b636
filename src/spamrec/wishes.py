"""What the reader asks of a recipient in their own mail: to stop writing, or redress for not having stopped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from spamrec.message import Message

MAX_WORDS = 150
"""A request to stop is short; in longer mail of one's own such words are about something else."""

MAX_BARE_WORDS = 4
"""A subject or text no longer than this may be the bare word: "unsubscribe", "STOP", "Baja"."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one mail of the reader asks of those it goes to."""

    stop: bool = False
    """Whether it asks to be taken off, or not to be written to."""
    complaint: bool = False
    """Whether it complains about mail, calls or the use of the reader's data."""
    whole_firm: bool = False
    """Whether it asks this of everybody at the recipient's firm."""

    def __bool__(self) -> bool:
        return self.stop or self.complaint


NO_WISH = Wish()
"""Mail that asks nothing of the kind."""

_BARE = (
    r"(?:(?:please|bitte|merci|svp|por favor|kérem|graag)\W++)?(?:unsubscribe|remove(?: me)?|stop|opt[ -]?out|take me off"
    r"|abmelden|"
    r"abmeldung|abbestellen|austragen|désinscription|désinscrire|désabonnement|désabonner|baja|darme de baja"
    r"|cancelar|leiratkozás|leiratkozom|uitschrijven|afmelden)"
    r"(?:[^\w@]++(?:[\w.+%-]++@[\w.-]++|(?:me|please|bitte|merci|svp|por favor)\b))*+\W*+"
)
"""The word alone, in subject or text, politely or with an address."""

_STOP = (
    # English
    r"\bunsubscribe (?:me|us|my|this (?:e-?mail )?address)\b|\bplease unsubscribe\b|\bun-?subscribe\b.{0,30}\bstop\b",
    r"\btake \S+@\S+ off\b|\b(?:remove|strike|delete|scrub|take) (?:me|us|\S+@\S+|my (?:name|e-?mail|mail|phone"
    r"|address|number|contact|details"
    r"|data|info(?:rmation)?|r[ée]sum[ée]|cv|profile)[^.!?\n]{0,40}) (?:off|from|out of your)\b",
    r"\bremove me\b|\btake me off\b|\bopt me out\b|\bcount me out of (?:your|this|these)\b",
    r"\btake [^!?\n]{1,100} off (?:whatever|any|all|every|your|the|this|that) [^.!?\n]{0,30}lists?\b"
    r"|\btake (?:me|us)\b[^.!?\n]{0,100} off everything\b",
    r"\b(?:delete|erase) (?:all of it|it all|everything)\b",
    r"\b(?:delete|erase|remove) (?:all (?:of )?)?(?:my (?:details|data|profile|contact|personal|e-?mail|number"
    r"|account and)"
    r"|everything you (?:have|hold)|it and confirm)",
    r"\b(?:stop|quit|cease) (?:e-?mailing|mailing|writing|contacting|calling|texting|messaging|sending|spamming"
    r"|bothering|harassing|pestering)\b",
    r"\b(?:do not|don'?t|never|not) (?:contact|e-?mail|mail|write(?: to)?|call|text|message) (?:to )?(?:me|us)"
    r" (?:any ?more|again|ever|further|in (?:the )?future)\b|\b(?:do not|don't) (?:contact|e-?mail) me\b"
    r"|\bno more (?:please|(?:\w+ ){0,2}(?:e-?mails?|mails?|messages|offers))\b",
    r"\b(?:no longer|do not|don'?t) (?:wish|want) to (?:be contacted|receive|get(?! (?:any(?:one|body)|into)\b)|hear)\b"
    r"|\bdon'?t write again\b",
    r"(?:^|[.!?]\s+)stop\.|\bcomplaint: stop\b",
    # German
    r"\b(?:streichen|nehmen|löschen|entfernen|tragen) sie (?:bitte )?(?:mich|uns|mein\w*|alle)\b",
    r"\b(?:streich|nimm|lösch|entfern)e? (?:bitte )?(?:mich|mein\w*)\b|\baus (?:ihr|eur|dein)e[mrn] (?:e-?mail-?)?"
    r"(?:verteiler|liste|datenbank|kartei|newsletter)\b",
    r"\bkeine (?:weiteren |mehr )?(?:e-?mails?|nachrichten|angebote|anrufe)\b[^.!?\n]{0,30}\b(?:mehr|zusenden|senden"
    r"|schicken)\b|\b(?:kontaktier|schreib|ruf)\w* (?:sie |ihr )?(?:mich|mir) (?:bitte )?nicht (?:mehr|wieder"
    r"|weiter)",
    r"\bwiderspreche\b[^!?\n]{0,80}\bdaten\b|\bbitte (?:um )?(?:löschung|abmelden|austragen)\b|\bum löschung\b",
    # French
    r"\b(?:me |m'|nous )?(?:retir|désinscri|désabonn|supprim|effac|enlev)\w*(?:-moi)?(?: définitivement)? (?:de"
    r"|du|des)"
    r" (?:votre|vos|cette|ces|la|toutes)\b|\b(?:me|m')\s?(?:retirer|désinscrire|désabonner|enlever|effacer)\b",
    r"\b(?:supprim|effac|retir)\w*(?:-moi)? (?:tous |toutes )?(?:mes|mon|ma) (?:données|adresse|coordonnées|nom"
    r"|cv|mail"
    r"|contact|profil|numéro)|\b(?:retirez|désinscrivez|désabonnez|supprimez|enlevez)-moi\b",
    r"\b(?:arrêt|cess)ez de (?:me|m')|\bne (?:me|m'|plus) ?(?:plus )?(?:me |m')?(?:contact|écri|envoy|sollicit"
    r"|appel)\w*"
    r"(?: plus)?\b|\bne souhaite plus (?:être|recevoir)\b",
    # Spanish
    r"\b(?:darme|denme|dame|deme|dadme|me den|me dé) de baja\b|\bpedir la baja\b|\bsolicito (?:la|mi) baja\b",
    r"\b(?:borr|elimin|suprim|quit)\w* (?:todos )?(?:mis datos|mi (?:correo|direcci[oó]n|cv|n[uú]mero|nombre"
    r"|perfil))\b"
    r"|\b(?:borr|elimin|quit)(?:en|e|a|ad)?me\b|\b(?:elimínenme|quítenme|bórrenme|quíteme|elimíneme)\b",
    r"\bno me (?:escriba|contacte|env[ií]e|mande|llame)\w*(?: m[aá]s)?\b|\bdejen? de (?:escribir|enviar|mandar"
    r"|contactar|llamar)me\b|\bno (?:deseo|quiero) (?:recibir|m[aá]s correos)\b",
    # Hungarian
    r"\btöröl\w+ (?:\w+ ){0,2}(?:címem|nevem|e-mail|adat(?:om|aim)|elérhetőség|profilom|önéletrajzom|számom)\w*\b|\btöröljön\w* (?:engem|a list)"
    r"|\biratkozom le\b|\bleiratkoz(?:om|nék|ni szeretnék)\b|\bne (?:kapjak|küldj\w+|írj(?:on|anak|atok|ál)|keress\w+|hívj\w+)"
    r"(?: (?:nekem|engem))? (?:több|többet|többé|többször|még egyszer|soha)\b",
    # Dutch
    r"\b(?:verwijder|haal|schrap)(?:t|en)? (?:mij|me|mijn \w+|ons)\b|\bschrijf (?:mij|me) uit\b|\buitschrijven\b[^.!?\n]{0,20}\b(?:mij|graag)"
    r"|\b(?:mail|bel|benader|schrijf) (?:mij|me) niet (?:meer|weer|opnieuw)\b|\bgeen (?:mails?|e-?mails?|berichten|aanbiedingen|vacatures) meer(?= (?:sturen|ontvangen|te sturen|a\.?u\.?b)|[.!]|$)",
)
"""Wordings that ask to stop, in English, German, French, Spanish, Hungarian and Dutch."""

_COMPLAINT = (
    # English
    r"\b(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:nd|rd|th)) (?:time (?:of asking|i)|\S+ "
    r"(?:mail|job|call|text|posting)|(?:e-?)?mail|job|call|message|posting)\b[^!?\n]{0,120}",
    r"\bi(?: have|'ve)? (?:already |repeatedly )?(?:asked|told|said)\b[^.!?\n]{0,40}\b(?:twice|three times|before"
    r"|already|repeatedly|several|to stop|in \w+\.)|\btwice (?:asked|told)\b",
    r"\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2}) (?:e-?mails|mails|messages"
    r"|voicemails|calls"
    r"|times (?:this|since|in|a))\b|\bunsubscribed (?:\w+ ){0,4}(?:twice|times|in \w+ and)\b",
    r"\bhave clicked (?:the link|unsubscribe) (?:twice|\w+ times)|\bopted out in\b|\bwrote \w+ times since\b",
    r"\bwithout (?:my )?permission\b|\bnever (?:gave|signed|registered|consented|agreed)\b[^.!?\n]{0,40}",
    r"\b(?:report|reporting|reported) (?:you|this|it) to\b|\bformal complaint\b|\bstop spamming\b|\bharass",
    r"\bi object to the processing\b|\bwhere did you get my\b|\bhow did you get my\b|\bunder art",
    r"\b(?:can-?spam|gdpr|dsgvo|rgpd|casl|crtc|ndpr|dnd portal|ftc|ico|cnil|aepd)\b",
    # German, French, Spanish
    r"\b(?:zweite|dritte|vierte|fünfte|sechste)[nsr]? (?:mail|nachricht|anruf|mal)\b|\bwiderspreche hiermit\b"
    r"|\bbeschwer(?:e|de)\b|\bdatenschutzbehörde\b|\bunerwünscht\w* werbung\b|\babmahn",
    r"\b(?:deux|trois|quatre|cinq|six) (?:relances|mails|messages|appels)\b|\bje l'ai déjà dit\b|\bplainte\b"
    r"|\bau titre de l'article|\bau titre des articles|\bharcèlement\b",
    r"\b(?:segundo|tercer|cuarto|quinto)a? (?:correo|mensaje|vez|llamada)\b|\breclamaci[oó]n\b|\bdenuncia\w*\b"
    r"|\bacoso\b|\bqueja\b",
    # Hungarian, Dutch
    r"\b(?:másod|harmad|negyed|ötöd)(?:szor|ször|ik (?:levél|üzenet|hívás|alkalom))\w*\b|\bpanasz\w*\b|\bhozzájárulás\w* nélkül\b"
    r"|\bsoha nem (?:is )?(?:regisztrál|iratkoz|járul)\w*\b|\b(?:tweede|derde|vierde) (?:mail|bericht|keer|telefoontje)\b|\bklacht\b|\bzonder toestemming\b",
)
"""Wordings that complain."""

_WHOLE_FIRM = (
    r"\b(?:everybody|everyone|anyone|all of you|all your (?:colleagues|offices)|your (?:whole |entire )?"
    r"(?:colleagues|team|offices?|company|firm)(?:'s?)? too)\b|\bfrom \w+ at all\b|\b(?:the|your) (?:whole|entire) "
    r"(?:firm|company|agency|office)\b",
    r"\bpour toute la société\b|\btoute (?:votre|l') ?(?:société|agence|entreprise|équipe)\b|\bvos collègues\b",
    r"\b(?:alle|allen|keiner|niemand) (?:bei|aus) ihr\w*\b|\bihre kollegen\b|\btoda (?:su|la|vuestra) empresa\b"
    r"|\bsus compañeros\b",
)
"""Wordings that speak to the whole firm."""

_BY_ITSELF = (
    r"\bformal complaint\b|\bi object to the processing\b|\bwithout (?:my )?permission\b|\b(?:where"
    r"|how) did you get (?:my"
    r"|these|this)\b|\bmy data (?:deleted|removed|erased)\b|\bnever (?:gave|signed|registered|consented)\b"
    r"|\b(?:second|third|fourth|fifth|sixth|seventh) (?:time of asking|\S+ (?:mail|call|text|posting))\b"
    r"|\bstop spamming\b"
    r"|\bi (?:have |'ve )?(?:already )?(?:asked|told) you[^.!?\n]{0,20} (?:twice|to stop|not to)\b"
    r"|\bwiderspreche hiermit\b"
    r"|\bmis datos\b[^.!?\n]{0,60}\brgpd\b|\bmes données\b[^.!?\n]{0,60}\brgpd\b|\b(?:report|reported) you to\b",
)
"""Complaints that are plain without a request to stop; the others count beside one only, as they are common words."""


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Bare word, stop, complaint, complaint by itself and whole firm, compiled when first needed."""
    families = ((_BARE,), _STOP, _COMPLAINT, _BY_ITSELF, _WHOLE_FIRM)
    return tuple(re.compile("|".join(family), re.IGNORECASE | re.MULTILINE) for family in families)


def read(message: Message) -> Wish:
    """What a mail that the reader wrote asks; the words it quotes do not count."""
    bare, stop, complaint, by_itself, whole = _patterns()
    subject = re.sub(r"^(?:\s*(?:re|aw|sv|fw|fwd|wg|tr)\s*:)+\s*", "", message.subject, flags=re.IGNORECASE)
    text = " ".join(message.text.replace("’", "'").split())
    answers = subject != message.subject.strip()
    if len(text.split()) > MAX_WORDS:
        return NO_WISH
    said = text if answers else f"{subject}. {text}"  # the subject of an answer is the other's
    asked = _is_bare(bare, text) or (not answers and _is_bare(bare, subject)) or stop.search(said) is not None
    complains = by_itself.search(said) is not None or (asked and complaint.search(said) is not None)
    return Wish(asked, complains, bool((asked or complains) and whole.search(said)))


def _is_bare(bare: re.Pattern[str], text: str) -> bool:
    return len(text.split()) <= MAX_BARE_WORDS and bare.fullmatch(text) is not None
