"""LinkedIn's frame in English, German, French, Spanish and Hungarian: which lines of a notification no member wrote."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re

MAX_SHORT_CHARS = 160
"""Longer lines are taken for a member's paragraph unless their wording is LinkedIn's alone."""

MAX_FOOTER_CHARS = 240
"""Longest line of buttons, and longest footer line that names the reader and the reader's title."""

# Every wording is in lower case with straight apostrophes, and stands for any line that contains it.

_ANYWHERE = (
    "this email was intended for", "this e-mail was intended for", "learn why we included", "linkedin corporation",
    "linkedin ireland", "linkedin singapore", "linkedin and the linkedin logo", "linkedin et le logo linkedin",
    "linkedin y el logotipo", "linkedin und das linkedin", "linkedin will use your email address",
    "you are receiving inmail", "you are receiving invitation", "you are receiving linkedin",
    "you are receiving message", "you are receiving job", "you are receiving new message",
    "wir dies aufgenommen haben", "wir das hinzugefügt haben", "pourquoi nous avons inclus",
    "por qué hemos incluido", "por qué incluimos",
)  # fmt: skip
"""What gives a line away however long it is."""

_STARTS = (
    "intended for", "you are receiving", "you're receiving", "you received an i", "you received this because",
    "you have received a", "you have 1 new", "you have a new", "you have an in", "new message from", "new inmail from",
    "not ready? view", "inmail: 1 new", "never miss a",
    "why get connected", "why might connecting", "why did i get this", "don't want to receive", "don't want these",
    "no longer want to receive", "not interested in invitations", "stop invitation", "unlock the full list",
    "reactivate premium", "try premium", "see what ", "see all of your", "view/reply to", "manage inmail",
    "date:", "(c) 20", "© 20",
    "sie erhalten", "sie haben eine neue", "du hast eine neue", "diese e-mail ist für", "diese e-mail war für",
    "diese e-mail richtet sich an", "diese e-mail wurde an", "diese nachricht ist für", "neue nachricht von",
    "neue inmail von", "vous recevez", "vous avez un nouveau message", "vous avez reçu", "vous avez une nouvelle",
    "cet e-mail est destiné", "cet e-mail était destiné", "cet e-mail a été envoyé", "nouveau message de",
    "nouvel inmail de", "ce message est destiné à", "recibes notificaciones", "recibes correos", "recibes emails",
    "recibiste este", "has recibido", "tienes un nuevo mensaje", "tienes una nueva invitación", "tienes un mensaje",
    "este email se ha enviado", "este correo se ha enviado", "este correo electrónico", "este mensaje se ha enviado",
    "nuevo mensaje de", "nuevo inmail de",
)  # fmt: skip
"""How a short line of LinkedIn's begins, once the reader's name in front is gone."""

_INSIDE = (
    "unsubscribe", "pending invitation", "get the linkedin app", "adjust settings", "adjust your message settings",
    "change how often", "are trademarks", "registered trademark", "logo are", "sind eingetragene marken",
    "sont des marques", "son marcas registradas", "premium gratis", "premium message", "invitation emails",
    "message emails", "message notification", "emails about new invitations", "kostenlos testen", "abbestellen",
    "se désabonner", "se désinscrire", "désinscription", "darse de baja", "cancelar la suscripción",
    "cancelar notificaciones", "leiratkozás", "meghívókról szóló", "fogadd el ",
)  # fmt: skip
"""What gives a short line away wherever it stands in it."""

_PRODUCTS = ("inmail", "linkedin")
_SETTINGS = (" email", "notification", "notices", "settings", "preferences", "benachrichtig", "notificacion", "e-mails")
_FIRST_PERSON = frozenset((
    "i", "i'm", "i'd", "i've", "we", "we're", "my", "our", "me", "ich", "wir", "mein", "uns", "je", "j'ai", "nous",
    "mon", "yo", "me", "mi", "nuestro",
))  # fmt: skip
_SECOND_PERSON = frozenset((
    "you", "your", "you're", "sie", "ihr", "du", "dich", "vous", "votre", "tu", "te", "tienes",
))  # fmt: skip

_OWN_PAGES = ("linkedin.com/comm/", "linkedin.com/e/", "linkedin.com/messaging/", "linkedin.com/help")
"""Addresses that only LinkedIn's own mail holds; a member's link to a profile is none of them."""

_IN_COMMON = (
    "mutual connection", "connections in common", "shared connection", "gemeinsame kontakte", "gemeinsamer kontakt",
    "relations en commun", "relation en commun", "contactos en común", "contacto en común",
)  # fmt: skip

_BEFORE_READER = (
    "intended for", "meant for", "sent to", "addressed to", "notices to", "address of", "inmail for", "mail for",
    "recipient", "bestimmt für", "ist für", "war für", "gesendet an", "richtet sich an", "envoyé à", "destiné à",
    "enviado a", "dirigido a", "destinado a",
)  # fmt: skip
"""What stands right before the reader's full name in a footer."""

_BUTTONS = frozenset((
    "accept", "accept invitation", "ignore", "reply", "reply or decline", "view & reply", "to reply",
    "reply in linkedin", "view profile", "see profile", "view message", "view message on linkedin",
    "view/reply to this message", "see invitation", "view invitation", "help", "help center", "email preferences",
    "interested", "not interested", "yes, interested", "no thanks", "no, thanks", "say no thanks", "maybe later",
    "not now", "decline", "report", "report abuse", "settings", "preferences", "inmail settings",
    "notification settings", "connect", "confirm", "get the app", "send a message", "return the favor",
    "return the favour", "see all jobs", "view all jobs", "see more jobs", "see all", "see job", "view job",
    "apply now", "see all searches", "see all your search appearances", "view all recommendations",
    "view endorsements", "see your endorsements", "see your skills", "manage alerts", "manage your alerts",
    "turn off this alert", "turn off", "switch off", "inmail", "linkedin", "annehmen", "einladung annehmen",
    "ignorieren", "ablehnen", "antworten", "profil ansehen", "profil anzeigen", "nachricht ansehen",
    "nachricht anzeigen", "hilfe", "abmelden", "einstellungen", "kein interesse", "interessiert", "nein, danke",
    "alle jobs anzeigen", "accepter", "accepter l'invitation", "ignorer", "refuser", "répondre", "voir le profil",
    "voir profil", "voir le message", "aide", "désabonnement", "préférences", "intéressé", "intéressée",
    "pas intéressé", "non merci", "voir toutes les offres", "aceptar", "aceptar invitación", "ignorar", "rechazar",
    "responder", "ver perfil", "ver el perfil", "ver mensaje", "ver el mensaje", "enviar mensaje", "ayuda",
    "configurar notificaciones", "no me interesa", "me interesa", "no, gracias", "ver todos los empleos",
    "ver todas las búsquedas", "gestionar alertas", "cancelar esta alerta", "reply to %", "message %",
    "respond to %", "write back", "view in linkedin", "see all jobs on linkedin", "edit alert", "view", "reply to",
    "view inmail in browser",
    "view %'s message", "válasz", "elutasítás", "elfogadás", "profil megtekintése", "sponsored",
    "view %'s profile", "see %'s profile", "accept %'s invitation", "confirm you know %", "confirm that you know %",
    "antworten an %", "% antworten", "profil von % ansehen", "%s profil ansehen", "répondre à %",
    "voir le profil de %", "responder a %", "ver el perfil de %", "ver perfil de %",
))  # fmt: skip
"""Words on buttons and links, "%" standing for the member."""

_GREETINGS = (
    "hi", "hello", "hey", "dear", "greetings", "good morning", "good afternoon", "kia ora", "yo", "hallo", "guten tag",
    "servus", "moin", "liebe", "lieber", "sehr geehrte", "sehr geehrter", "bonjour", "bonsoir", "salut", "coucou",
    "cher", "chère", "szia", "helló", "kedves", "tisztelt", "hola", "buenos días", "buenas tardes", "buenas",
    "estimado", "estimada",
)  # fmt: skip

_HEADED = (
    " wants to connect", " wants to connect with you", " would like to connect", " would like to connect with you",
    " would like to join your network", " would like to join your linkedin network", " sent you a message",
    " would like to add you to their professional network", " would like to add you to his professional network",
    " would like to add you to her professional network", " sent you a new message", " sent you an inmail",
    " sent you an invitation", " sent you an invitation with a note", " is waiting for your response",
    " just messaged you", " möchte sich mit ihnen vernetzen", " möchte sich mit dir vernetzen",
    " möchte sie zum netzwerk hinzufügen", " möchte ihrem netzwerk beitreten", " hat ihnen eine nachricht gesendet",
    " hat ihnen eine inmail gesendet", " hat ihnen eine einladung gesendet", " hat dir eine nachricht gesendet",
    " souhaite faire partie de votre réseau", " souhaite rejoindre votre réseau", " vous a envoyé un message",
    " souhaite entrer en relation avec vous", " vous invite à rejoindre son réseau", " vous a envoyé un inmail",
    " vous a envoyé une invitation", " quiere conectar contigo", " quiere conectar", " te ha enviado un mensaje",
    " te ha enviado un inmail", " te ha enviado una invitación",
)  # fmt: skip
"""What LinkedIn tells of a member, behind the name at the end of a line."""

_SECTIONS = (
    "people you may know", "gente que quizá conozcas", "personas que quizás conozcas", "personas que quizá conozcas",
    "personas que podrías conocer", "personen, die sie vielleicht kennen", "personen, die sie kennen könnten",
    "vous connaissez peut-être", "connaissez-vous ces personnes", "top jobs looking for", "jobs you may be interested",
    "more jobs", "similar jobs",
)  # fmt: skip
"""Headings after which nothing is about the member or the application."""

_BREAKS = (
    "this email was intended for", "you are receiving", "learn why we included", "linkedin corporation",
    "linkedin ireland", "© 20", "unsubscribe", "view profile", "view message", "accept:", "cet e-mail ",
    "vous recevez ", "se désabonner", "diese e-mail ", "sie erhalten ", "este email ", "recibes ", "darse de baja",
)  # fmt: skip
"""Before these a line begins, where line breaks were lost."""

_STOCK = (
    r"i(?:'d| would) like to (?:join your (?:linkedin |professional )?network|connect"
    r"|add you to my (?:linkedin |professional )?network)(?: with you)?(?: on linkedin)?",
    r"i want to connect(?: with you)?(?: on linkedin)?",
    r"(?:please )?add me to your (?:linkedin |professional )?network(?: on linkedin)?",
    r"ich (?:möchte|würde) (?:sie|dich) gerne? (?:zu meinem (?:beruflichen |professionellen )?(?:linkedin[ -])?netzwerk"
    r" (?:auf linkedin )?hinzufügen|in mein (?:berufliches |professionelles )?(?:linkedin[ -])?netzwerk"
    r" (?:auf linkedin )?aufnehmen)",
    r"ich (?:möchte|würde) (?:gerne? )?(?:ihrem|deinem) (?:linkedin[ -])?netzwerk (?:gerne? )?beitreten",
    r"ich (?:möchte|würde) mich gerne? mit (?:ihnen|dir) (?:auf linkedin )?(?:vernetzen|verbinden)",
    r"(?:bitte )?(?:nehmen sie mich|nimm mich) in (?:ihr|dein) (?:linkedin[ -])?netzwerk auf",
    r"j(?:'aimerais|e souhaite|e souhaiterais|e voudrais) (?:(?:vous |t')ajouter à mon réseau"
    r"|(?:rejoindre|faire partie de|intégrer) (?:votre|ton) réseau|(?:entrer|être) en (?:relation|contact) avec"
    r" (?:vous|toi))(?: professionnel| linkedin)?(?: sur linkedin)?",
    r"(?:ajoutez|ajoute)-moi à (?:votre|ton) réseau(?: professionnel| linkedin)?(?: sur linkedin)?",
    r"me gustaría (?:unirme a (?:tu|su) red|añadirte a mi red|añadirle a mi red|agregarte a mi red"
    r"|conectar con(?:tigo| usted))(?: profesional| de linkedin)?(?: de contactos)?(?: en linkedin)?",
    r"szeretném (?:felvenni a (?:linkedin-)?(?:szakmai )?hálózatomba|a szakmai hálózatomhoz adni)",
    r"(?:por favor,? )?(?:añádeme|agrégame) a tu red(?: profesional| de linkedin)?(?: en linkedin)?",
)
"""The sentences that stand in an invitation without a note, as regular expressions."""

_RULES = " \t.:;,|·•[]<>()*_=–—-"
_SEPARATORS = ("|", "·", "•", "  ", " / ", ". ", "[")


class Frame(NamedTuple):
    """What is needed to tell LinkedIn's lines from a member's in one notification."""

    person: str
    """Name of the member it speaks of, "" for none."""
    readers: tuple[str, ...]
    """Full names of those it is addressed to."""

    def holds(self, line: str) -> bool:
        """Whether LinkedIn wrote a line: a heading, buttons, addresses, a footer."""
        plain = bare(line)
        if not plain:
            return bool(line)
        if says(plain, _ANYWHERE) or self.names_reader(plain):
            return True
        if len(plain) < MAX_SHORT_CHARS and (says(line, _OWN_PAGES) or self._is_short_frame(plain)):
            return True
        return self.is_heading(line) or self._is_buttons(plain)

    def _is_short_frame(self, plain: str) -> bool:
        if self._without_reader(plain).startswith(_STARTS) or says(plain, _INSIDE):
            return True
        words = frozenset(plain.split())
        if says(plain, _IN_COMMON):
            return any(character.isdigit() for character in plain) and not words & _FIRST_PERSON
        return says(plain, _PRODUCTS) and says(plain, _SETTINGS) and not words & _FIRST_PERSON

    def _without_reader(self, plain: str) -> str:
        """A line without the reader's name and a comma in front, which LinkedIn puts before its headings."""
        for reader in self.readers:
            for name in (reader.lower(), reader.lower().split()[0]):
                if plain.startswith(name) and plain[len(name) :][:1] in (",", ":"):
                    return plain[len(name) + 1 :].lstrip()
        return plain

    def names_reader(self, plain: str) -> bool:
        """Whether a line is a footer about the reader: the full name with a title, or behind "sent to"."""
        if len(plain) > MAX_FOOTER_CHARS:
            return False
        return any(_is_footer(plain, reader.lower()) for reader in self.readers)

    def _is_buttons(self, plain: str) -> bool:
        """Whether a line is nothing but buttons and links, whatever stands between them."""
        if len(plain) > MAX_FOOTER_CHARS:
            return False
        for name in (self.person.lower(), self.person.lower().partition(" ")[0]):
            if name:
                plain = plain.replace(name, "%")
        for mark in _SEPARATORS:
            plain = plain.replace(mark, "\n")
        return all(_are_buttons(piece.strip(_RULES)) for piece in plain.split("\n"))

    def is_name(self, line: str) -> bool:
        """Whether a line is the member's name, be it in capitals, without "Dr" or with a degree behind it."""
        if not self.person or len(line) > 80:
            return False
        name = line.partition("·")[0].strip(" \t-:").lower()
        return name == self.person.lower() or (" " in name and self.person.lower().endswith(" " + name))

    def is_heading(self, line: str) -> bool:
        """Whether a line tells that the member wrote or wants to connect."""
        plain = bare(line)
        first = self.person.lower().partition(" ")[0]
        if " " + plain in _HEADED:
            return True
        if not first or first not in plain or len(plain) > MAX_FOOTER_CHARS:
            return False
        return plain.endswith(_HEADED) or self._without_reader(plain).startswith(_STARTS)

    def greets(self, line: str) -> bool:
        """Whether a line begins by addressing the reader."""
        lower = line.lower().lstrip("¡\"“«„' ")
        if lower in _GREETINGS or lower.startswith(_opened()):
            return True
        firsts = (reader.lower().split()[0] for reader in self.readers)
        return any(lower.startswith(first) and lower[len(first) :].lstrip()[:1] in set(",-–:.!") for first in firsts)


def _are_buttons(words: str) -> bool:
    """Whether words are one button after the other, the blanks between them lost in a table."""
    if not words or words in _BUTTONS:
        return True
    at = words.rfind(" ")
    while at > 0:
        if words[:at] in _BUTTONS:
            return _are_buttons(words[at + 1 :].strip(_RULES))
        at = words.rfind(" ", 0, at)
    return False


def _is_footer(plain: str, reader: str) -> bool:
    at = plain.find(reader)
    if at < 0:
        return False
    before, after = plain[:at].rstrip(" :"), plain[at + len(reader) :]
    if after.startswith(" (") or before in ("for", "to", "für", "an", "pour", "à", "para", "a"):
        return True
    if before.endswith(_BEFORE_READER):
        return True
    telling = {word.strip(",.!?") for word in after.split()} & (_FIRST_PERSON | _SECOND_PERSON)
    if not telling and says(before, ("e-mail", "email")):
        return True
    return not before and not telling and after.lstrip()[:1] in ("", ",", "·", "|", "-") and after[-1:] not in "!?"


@cache
def _opened() -> tuple[str, ...]:
    return tuple(greeting + mark for greeting in _GREETINGS for mark in " ,!:.")


def bare(line: str) -> str:
    """A line in lower case, without addresses at LinkedIn and without marks around it."""
    line = line.lower()
    at = line.find("https://")
    while at >= 0:
        end = line.find(" ", at)
        end = len(line) if end < 0 else end
        if "linkedin.com" in line[at:end]:
            line = line[:at] + line[end:]
        else:
            at += 8
        at = line.find("https://", at)
    return line.strip(_RULES)


def says(text: str, wordings: tuple[str, ...]) -> bool:
    """Whether a lower-case text holds one of the wordings."""
    return any(wording in text for wording in wordings)


def opens_section(line: str) -> bool:
    """Whether after this heading nothing is about the member any more."""
    return bare(line).startswith(_SECTIONS)


@cache
def stock() -> re.Pattern[str]:
    """Finds the sentence that LinkedIn puts in an invitation without a note."""
    import re

    return re.compile(rf"(?im)\b(?:{'|'.join(_STOCK)})\s*(?:[.!]+|$)")


def relaid(body: str, frame: Frame) -> str:
    """A body that lost its line breaks, broken again at the frame, the member's name and the greeting."""
    import re

    words = sorted((button for button in _BUTTONS if "%" not in button), key=len, reverse=True)
    buttons = "|".join(map(re.escape, words))
    firsts = "|".join(re.escape(reader.split()[0]) for reader in frame.readers) or r"(?!)"
    name = re.escape(frame.person) or r"(?!)"
    before = "|".join((*map(re.escape, _BREAKS), rf"(?:{'|'.join(_GREETINGS)}),? (?:{firsts})\b|hello,|hi,"))
    body = re.sub(rf"(?i)(?:\b(?:{buttons})\s*:?\s*)?https?://(?:\w+\.)?linkedin\.com/\S*", "\n", body)
    body = re.sub(rf"(?i)({'|'.join(_HEADED)})(?=\s)(?! with)", r"\1\n", body)
    body = re.sub(rf"(?i)(\b(?:{'|'.join(_STOCK)})(?:[.!]+|(?= {name})))", r"\1\n", body)
    body = re.sub(rf"(?i)(?<=\s)(?={before}|[\"“«\[])|(?<=[\"”»]) |(?<=[.!?\"”»] )(?=(?:{buttons})\b)", "\n", body)
    ungreeted = "".join(rf"(?<!{greeting} )(?<!{greeting}, )" for greeting in _GREETINGS)
    body = re.sub(rf"(?i)(?<=\s){ungreeted}(?=(?:{firsts})(?:[,.!]+ | [-–] ))", "\n", body)
    body = re.sub(rf"(?<!from )\b{name}\b(?! ?[a-z,])(?=\s)", r"\n\g<0>\n", body, count=1)
    return re.sub(rf"\b{name.upper()}\b(?=\s)", r"\n\g<0>\n", body) if frame.person else body
