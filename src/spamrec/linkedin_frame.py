"""LinkedIn's own wordings in English, German, French and Spanish, all in lower case: what no member wrote."""

from __future__ import annotations

SENDERS = (
    ("inmail", "inmail"),
    ("invitation", "invitation"),
    ("messaging-digest", "message"),
    ("jobs", "jobs"),
    ("jobalert", "jobs"),
    ("job-apps", "application"),
)
"""Part of the sender's local part, and the kind of notice it always stands for."""

CLASSES = (
    ("inmail", "inmail"),
    ("invit", "invitation"),
    ("endors", "digest"),
    ("search_appear", "digest"),
    ("notification", "digest"),
    ("digest", "digest"),
    ("network_update", "digest"),
    ("job", "jobs"),
    ("message", "message"),
    ("mbr-to-mbr", "message"),
)
"""Part of X-LinkedIn-Class or X-LinkedIn-Template, and the kind it stands for, the telling ones first."""

ACCEPTED = (
    "accepted your invitation",
    "your new connection",
    "is now in your network",
    "is now a connection",
    "is now part of your network",
    "einladung angenommen",
    "ihr neuer kontakt",
    "neuer kontakt",
    "accepté votre invitation",
    "fait maintenant partie de votre réseau",
    "votre nouvelle relation",
    "aceptado tu invitación",
    "aceptó tu invitación",
    "tu nuevo contacto",
)
APPLICATION = (
    "your application was",
    "your application to ",
    "your application for ",
    "you applied to",
    "ihre bewerbung wurde",
    "ihre bewerbung bei",
    "deine bewerbung",
    "votre candidature",
    "tu solicitud",
    "tu candidatura",
)
MESSAGED = (
    "just messaged you",
    "sent you a message",
    "sent you a new message",
    "sent you an inmail",
    "sent you a new inmail",
    "new message from",
    "new inmail from",
    "message replied",
    "you have a new message",
    "you have a new inmail",
    "you have 1 new message",
    "hat ihnen eine nachricht",
    "hat ihnen gerade eine nachricht",
    "hat dir eine nachricht",
    "hat ihnen eine inmail",
    "neue nachricht von",
    "vous a envoyé un message",
    "vous a envoyé un nouveau message",
    "vous a envoyé un inmail",
    "vient de vous envoyer un message",
    "nouveau message de",
    "te ha enviado un mensaje",
    "te envió un mensaje",
    "te acaba de enviar un mensaje",
    "te ha enviado un inmail",
    "nuevo mensaje de",
)
"""Subjects and headings that tell of a message without its words."""

OWN_ALERT = (
    "your job alert for",
    "created this alert",
    "alert was created by you",
    "ihre jobbenachrichtigung",
    "ihr suchauftrag",
    "votre alerte emploi",
    "votre alerte d'emploi",
    "tu alerta de empleo",
)

VIA = (
    " via linkedin",
    "(via linkedin)",
    " über linkedin",
    " (über linkedin)",
    " mit linkedin",
    " sur linkedin",
    " par linkedin",
    " a través de linkedin",
    " en linkedin",
    " on linkedin",
    " through linkedin",
)
NAME_AFTER = (
    "invitation from",
    "message from",
    "inmail from",
    "new connection,",
    "einladung von",
    "nachricht von",
    "invitation de",
    "message de",
    "invitación de",
    "mensaje de",
)
"""What stands before a member's name in LinkedIn's subjects."""

NAME_BEFORE = (
    "(?:has )?accepted your",
    "(?:has )?endorsed you",
    "and \\d+ others? (?:have )?endorsed",
    "wants to connect",
    "would like to",
    "(?:has )?sent you",
    "just messaged",
    "is waiting for",
    "is now",
    "is hiring",
    "hat (?:ihre|deine|ihnen|sie|dich)",
    "möchte",
    "a accepté",
    "vous a",
    "vous invite",
    "souhaite",
    "ha aceptado",
    "te ha",
    "quiere",
)
"""What stands behind a member's name in LinkedIn's subjects, as regular expressions."""

GREETINGS = (
    "hi",
    "hello",
    "hey",
    "dear",
    "greetings",
    "good morning",
    "good afternoon",
    "kia ora",
    "hallo",
    "guten tag",
    "servus",
    "moin",
    "liebe",
    "lieber",
    "sehr geehrte",
    "sehr geehrter",
    "bonjour",
    "bonsoir",
    "salut",
    "coucou",
    "cher",
    "chère",
    "hola",
    "buenos días",
    "buenas tardes",
    "buenas",
    "estimado",
    "estimada",
    "yo",
)

STOCK = (
    "i(?:'d| would) like to (?:join your (?:linkedin |professional )?network|add you to my (?:linkedin |professional )?network|connect)(?: with you)?(?: on linkedin)?",
    "i want to connect(?: with you)?(?: on linkedin)?",
    "(?:please )?add me to your (?:linkedin |professional )?network(?: on linkedin)?",
    "ich (?:möchte|würde) (?:sie|dich) gerne? (?:zu meinem (?:beruflichen |professionellen |linkedin[ -])?netzwerk (?:auf linkedin )?hinzufügen|in mein (?:berufliches |professionelles |linkedin[ -])?netzwerk (?:auf linkedin )?aufnehmen)",
    "ich (?:möchte|würde) (?:ihrem|deinem) (?:linkedin[ -])?netzwerk (?:gerne? )?beitreten",
    "ich (?:möchte|würde) mich gerne? mit (?:ihnen|dir) (?:auf linkedin )?(?:vernetzen|verbinden)",
    "(?:bitte )?(?:nehmen sie mich|nimm mich) in (?:ihr|dein) (?:linkedin[ -])?netzwerk auf",
    "j(?:'aimerais|e souhaite|e souhaiterais|e voudrais) (?:vous|t[e']) ?ajouter à mon réseau(?: professionnel| linkedin)?(?: sur linkedin)?",
    "j(?:'aimerais|e souhaite|e souhaiterais|e voudrais) (?:rejoindre|faire partie de|intégrer) (?:votre|ton) réseau(?: professionnel| linkedin)?(?: sur linkedin)?",
    "j(?:'aimerais|e souhaite|e souhaiterais|e voudrais) (?:entrer|être) en (?:relation|contact) avec (?:vous|toi)(?: sur linkedin)?",
    "(?:ajoutez|ajoute)-moi à (?:votre|ton) réseau(?: professionnel| linkedin)?(?: sur linkedin)?",
    "me gustaría (?:unirme a (?:tu|su) red|añadirte a mi red|añadirle a mi red|agregarte a mi red|conectar contigo|conectar con usted)(?: profesional| de linkedin)?(?: de contactos)?(?: en linkedin)?",
    "(?:por favor,? )?(?:añádeme|agrégame) a tu red(?: profesional| de linkedin)?(?: en linkedin)?",
)
"""The sentences that stand where no note was written, as regular expressions."""

HEADED = (
    " wants to connect",
    " wants to connect with you",
    " would like to connect",
    " would like to connect with you",
    " would like to join your network",
    " would like to join your linkedin network",
    " would like to add you to their professional network",
    " would like to add you to his professional network",
    " would like to add you to her professional network",
    " sent you a message",
    " sent you a new message",
    " sent you an inmail",
    " sent you an invitation",
    " sent you an invitation with a note",
    " has sent you an invitation",
    " is waiting for your response",
    " just messaged you",
    " möchte sich mit ihnen vernetzen",
    " möchte sich mit dir vernetzen",
    " möchte sie zum netzwerk hinzufügen",
    " möchte ihrem netzwerk beitreten",
    " hat ihnen eine nachricht gesendet",
    " hat ihnen eine inmail gesendet",
    " hat ihnen eine einladung gesendet",
    " hat dir eine nachricht gesendet",
    " souhaite faire partie de votre réseau",
    " souhaite rejoindre votre réseau",
    " souhaite entrer en relation avec vous",
    " vous invite à rejoindre son réseau",
    " vous a envoyé un message",
    " vous a envoyé un inmail",
    " vous a envoyé une invitation",
    " quiere conectar contigo",
    " quiere conectar",
    " te ha enviado un mensaje",
    " te ha enviado un inmail",
    " te ha enviado una invitación",
)
"""What LinkedIn tells of a member, behind the name."""

NEW_FROM = (
    "new inmail from",
    "new message from",
    "you have a new inmail from",
    "you have a new message from",
    "you have an invitation from",
    "neue nachricht von",
    "neue inmail von",
    "nouveau message de",
    "nouvel inmail de",
    "nuevo mensaje de",
    "nuevo inmail de",
)

BUTTONS = frozenset(
    """accept|accept invitation|ignore|reply|reply or decline|view & reply|to reply|reply in linkedin|view profile|see profile|view message|view message on linkedin
see invitation|view invitation|help|help center|unsubscribe|unsubscribe here|unsubscribe from inmail|interested|not interested|yes, interested|no thanks|say no thanks
maybe later|not now|decline|report|report abuse|settings|preferences|email preferences|inmail settings|notification settings|manage message emails|manage inmail emails
learn why we included this|why get connected|connect|confirm|get the app|get the linkedin app|see all jobs|view all jobs|see more jobs|see all|see job|view job
annehmen|einladung annehmen|ignorieren|ablehnen|antworten|profil ansehen|profil anzeigen|nachricht anzeigen|nachricht ansehen|hilfe|abmelden|abbestellen|einstellungen|kein interesse|interessiert
alle jobs anzeigen|accepter|accepter l'invitation|ignorer|refuser|répondre|voir le profil|voir profil|voir le message|aide|se désabonner|se désinscrire|désabonnement|préférences
intéressé|intéressée|pas intéressé|non merci|voir toutes les offres|aceptar|aceptar invitación|ignorar|rechazar|responder|ver perfil|ver mensaje|ver el mensaje|ayuda|darse de baja
cancelar suscripción|configurar notificaciones|cancelar notificaciones de inmail|no me interesa|me interesa|no, gracias|ver todos los empleos|gestionar alertas|cancelar esta alerta
inmail|linkedin|turn off|switch off|stop invitation emails""".replace("\n", "|").split("|")
)

BUTTON_STARTS = (
    "reply to ",
    "message ",
    "view ",
    "see ",
    "accept ",
    "confirm you know ",
    "confirm that you know ",
    "antworten an ",
    "répondre à ",
    "responder a ",
    "unsubscribe from ",
)

ANYWHERE = (
    "this email was intended for",
    "this message was sent to",
    "learn why we included",
    "linkedin corporation",
    "linkedin ireland",
    "linkedin singapore",
    "linkedin and the linkedin logo",
    "linkedin et le logo linkedin",
    "linkedin y el logotipo",
    "linkedin und das linkedin",
    "you are receiving inmail",
    "you are receiving invitation",
    "you are receiving linkedin",
    "you are receiving message",
    "cet e-mail a été envoyé à",
    "cet e-mail était destiné à",
    "cet e-mail est destiné à",
    "diese e-mail ist für",
    "diese e-mail war für",
    "diese e-mail wurde an",
    "diese nachricht ist für",
    "este email se ha enviado a",
    "este correo se ha enviado a",
    "este correo electrónico está",
    "este mensaje se ha enviado a",
    "linkedin will use your email address",
)
"""What gives a line away as LinkedIn's wherever it stands."""

SHORT = (
    "unsubscribe",
    "you are receiving",
    "you're receiving",
    "you received an i",
    "you have received a new inmail",
    "you have 1 new message",
    "you have a new message",
    "you have a new inmail",
    "you have an invitation",
    "you have a new invitation",
    "pending invitation",
    "never miss a",
    "get the linkedin app",
    "why get connected",
    "why did i get this",
    "adjust settings",
    "change how often",
    "intended for",
    "was meant for",
    "© 20",
    "are trademarks",
    "logo are",
    "mutual connections",
    "connections in common",
    "gemeinsame kontakte",
    "relations en commun",
    "contactos en común",
    "try premium",
    "premium free",
    "1 month free",
    "premium gratis",
    "premium message",
    "se désabonner",
    "désinscription",
    "vous recevez des",
    "abbestellen",
    "sie erhalten diese",
    "sie erhalten benachrichtigungs",
    "darse de baja",
    "recibes notificaciones",
    "cancelar notificaciones",
    "tienes un nuevo mensaje",
    "tienes una nueva invitación",
    "sie haben eine neue",
    "vous avez un nouveau message",
    "vous avez une nouvelle invitation",
)
"""What gives a short line away as LinkedIn's."""

PRODUCTS = ("inmail", "linkedin", "invitation", "message")
MAIL_WORDS = (" emails", "notification", "notices", "settings", "preferences", "benachrichtigung", "notificaciones")
"""A short line with a word of each list speaks of mail settings."""

BEFORE_READER = (
    "for",
    "to",
    "recipient",
    "of",
    "für",
    "an",
    "à",
    "pour",
    "para",
    " a",
)
"""What stands right before the reader's full name in a footer."""

SECTIONS = (
    "people you may know",
    "gente que quizá conozcas",
    "personas que quizás conozcas",
    "personas que quizá conozcas",
    "personen, die sie vielleicht kennen",
    "personen, die sie kennen könnten",
    "vous connaissez peut-être",
    "connaissez-vous ces personnes",
    "top jobs looking for",
    "jobs you may be interested",
)
"""Headings after which nothing is about the member."""

MARKS = (
    "this email was intended for",
    "you are receiving",
    "learn why we included",
    "linkedin corporation",
    "linkedin ireland",
    "© 20",
    "unsubscribe",
    "view profile",
    "view message",
    "accept:",
    "cet e-mail",
    "vous recevez",
    "se désabonner",
    "diese e-mail",
    "sie erhalten",
    "este email",
    "recibes",
    "darse de baja",
)
"""Where a line begins when the line breaks were lost."""

RULES = " \t.:;,|·•[]<>()*_=–—-"
"""Marks that mean nothing around a line."""

QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“", "'": "'"}
"""Opening quotation marks and what closes them."""
