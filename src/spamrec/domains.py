"""Who registered a domain, by the public suffix list, and whether it stands for a firm."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from spamrec.addresses import is_freemail

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

MAX_NARROW = 32
"""Different domains looked up before the whole list is read. Reading it takes 45 ms, more than a cold start may
spend; the rules that can concern one domain are found in 0.3 ms, too much for each of a folder's thousands."""

PLATFORMS = frozenset(
    """linkedin.com xing.com viadeo.com indeed.com indeedemail.com glassdoor.com monster.com dice.com ziprecruiter.com
    careerbuilder.com naukri.com stepstone.de infojobs.net apec.fr seek.com.au reed.co.uk totaljobs.com
    wellfound.com angel.co hired.com upwork.com freelancer.com greenhouse.io greenhouse-mail.io lever.co ashbyhq.com
    smartrecruiters.com myworkday.com icims.com jobvite.com workablemail.com teamtailor-mail.com personio.de
    recruitee.com breezy.hr bullhornmail.com taleo.net successfactors.com googlegroups.com groups.io yahoogroups.com
    freelists.org craigslist.org facebookmail.com meetup.com calendly.com mailchimpapp.net sendgrid.net""".split()
)
"""Job boards, applicant tracking systems, networks and list hosts: what they send was written by others."""

_LIST_HOSTS = frozenset(("lists", "list", "listes", "listas", "listen", "listserv", "mailman", "groups"))
"""First labels of hosts that carry mailing lists."""


def organisation(domain: str) -> str:
    """The part of a domain that an organisation registers, lower case; the domain itself where it is a public suffix.

    Any text may be given; what is no domain comes back as it is.
    """
    domain = domain.lower().strip(".")
    labels = domain.split(".")
    if len(labels) < 2 or domain[-1].isdigit() or domain[-1] == "]":
        return domain
    return _registered(domain)


def firm(address: str) -> str:
    """The organisational domain of an address or `@domain`; "" where it stands for no firm, as with freemail."""
    domain = address.rpartition("@")[2] if "@" in address else ""
    if not domain or is_freemail(domain):
        return ""
    registered = organisation(domain)
    return "" if registered in PLATFORMS or is_freemail(registered) else registered


def enclosing(address: str) -> list[str]:
    """The domain of an address and those above it, down to two labels; none where it names no domain."""
    if "@" not in address:
        return []
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]


def is_list_host(domain: str) -> bool:
    """Whether a domain carries mailing lists by its name, so that its addresses are not people."""
    return domain.partition(".")[0] in _LIST_HOSTS or organisation(domain) in (
        "googlegroups.com",
        "groups.io",
    )


@lru_cache(maxsize=16384)
def _registered(domain: str) -> str:
    narrow = "xn--" not in domain and _registered.cache_info().misses <= MAX_NARROW
    rules = _rules(domain) if narrow else _whole_list()
    return rules.privatesuffix(domain) or domain


def _rules(domain: str) -> PublicSuffixList:
    """The rules that can concern a domain: those that end as it does, and the one for all below its last label."""
    from publicsuffixlist import PublicSuffixList

    last_two = ".".join(domain.split(".")[-2:])
    wild = f"*.{last_two.rpartition('.')[2]}"
    return PublicSuffixList([*_lines(last_two), *_lines(wild)])


def _lines(ending: str) -> list[bytes]:
    text, end = _list_text(), ending.encode("utf-8", "replace") + b"\n"
    found = []
    at = text.find(end)
    while at >= 0:
        found.append(text[text.rfind(b"\n", 0, at) + 1 : at + len(end) - 1])
        at = text.find(end, at + len(end))
    return found


@cache
def _list_text() -> bytes:
    from publicsuffixlist import PSLFILE

    with open(PSLFILE, "rb") as lines:
        return lines.read()


@cache
def _whole_list() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
