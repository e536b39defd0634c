"""The cast of one life: which people, companies and projects a persona meets under a life seed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from claw_gym.core.seeding import Stream, derive_seed, stream
from claw_gym.life.draft import Company, Person, Project
from claw_gym.life.library import template
from claw_gym.life.persona import Client, Member, Persona, Supplier
from claw_gym.life.text import code

if TYPE_CHECKING:
    from faker import Faker

__all__ = ["LOCALES", "Cast", "assemble", "slug", "with_ids"]

LOCALES = {
    "nl": ("nl_NL", "+31 6 ########"),
    "de": ("de_DE", "+49 171 #######"),
    "da": ("da_DK", "+45 ## ## ## ##"),
    "en": ("en_GB", "+44 7### ######"),
    "us": ("en_US", "+1 ### 555 ####"),
    "ca": ("en_CA", "+1 ### 555 ####"),
    "au": ("en_AU", "+61 4## ### ###"),
    "ie": ("en_IE", "+353 8# ### ####"),
    "pt": ("pt_PT", "+351 9## ### ###"),
    "fr": ("fr_FR", "+33 6 ## ## ## ##"),
    "es": ("es_ES", "+34 6## ### ###"),
    "it": ("it_IT", "+39 3## ### ####"),
    "se": ("sv_SE", "+46 7# ### ## ##"),
}
"""Country -> Faker's locale and the form of its mobile numbers."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything with a name in one life."""

    me: Person
    colleagues: tuple[Person, ...]
    private: tuple[Person, ...]
    suppliers: tuple[Company, ...]
    clients: tuple[Company, ...]
    projects: tuple[Project, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        """All people, each once."""
        outside = [
            person for company in (*self.clients, *self.suppliers) for person in (company.contact, company.billing)
        ]
        return tuple(dict.fromkeys((self.me, *self.colleagues, *self.private, *outside)))


def slug(text: str) -> str:
    """Returns `text` in lower-case ASCII letters and digits only, as domains have it."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ø", "o").replace("æ", "ae").replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]", "", plain)


class _Namer:
    """Draws names of people; no two people of a life share a first or family name, so none is taken for another."""

    def __init__(self, persona: Persona, life_seed: int, taken: set[str]) -> None:
        self._persona = persona
        self._seed = life_seed
        self._fakers: dict[str, Faker] = {}
        self._taken = taken

    def _faker(self, country: str) -> Faker:
        if country not in self._fakers:
            # Faker takes a third of a second to import, which `import claw_gym` must not pay.
            from faker import Faker

            faker = Faker(LOCALES[country][0])
            faker.seed_instance(derive_seed(self._seed, "names", country))
            self._fakers[country] = faker
        return self._fakers[country]

    def draw(self, country: str, rng: Stream) -> tuple[str, str]:
        """Returns an unused first and family name."""
        faker = self._faker(country)
        own = self._persona.names if country == self._persona.country else ()
        listed = own or template("names").get(country)
        while True:
            first = faker.first_name()
            family = rng.choice(listed) if listed else faker.last_name()
            fresh = first not in self._taken and family not in self._taken
            if fresh and first.isalpha() and 3 <= len(first) <= 9 and "-" not in family and len(family) <= 16:
                self._taken.update((first, family))
                return first, family


def _member(member: Member, persona: Persona, namer: _Namer, rng: Stream) -> Person:
    first, family = namer.draw(persona.country, rng) if not member.name else member.name.split(" ", 1)
    inside = bool(member.department)
    if inside:
        email = f"{slug(first)}@{persona.domain}"
    else:
        email = member.email or f"{slug(first)}.{slug(family)}@{member.domain or 'gmail.com'}"
    group: Literal["colleague", "private"] = "colleague" if inside else "private"
    phone = member.phone or code(LOCALES[persona.country][1], rng)
    company = persona.employer if inside else ""
    return Person(
        member.key,
        f"{first} {family}",
        member.short or first,
        email,
        member.role,
        company,
        phone,
        group,
        member.style,
        member.department,
        member.note,
        member.warm,
        member.weekdays,
    )


def _contact(
    key: str,
    role: str,
    company: str,
    domain: str,
    country: str,
    group: Literal["client", "supplier"],
    persona: Persona,
    namer: _Namer,
    rng: Stream,
) -> Person:
    first, family = namer.draw(country, rng)
    local = rng.choice([slug(first), f"{slug(first)}.{slug(family)}", f"{slug(first)[0]}.{slug(family)}"])
    return Person(
        key,
        f"{first} {family}",
        first,
        f"{local}@{domain}",
        role,
        company,
        code(LOCALES[country][1], rng),
        group,
        rng.choice(persona.styles),
    )


def _company_name(patterns: tuple[str, ...], trade: list[str], rng: Stream) -> str:
    # A family name is used up by the company that carries it: two firms of one name would be a riddle.
    pattern = rng.choice(patterns)
    return pattern.replace("{surname}", trade.pop()) if "{surname}" in pattern else pattern


def _supplier(kind: Supplier, persona: Persona, namer: _Namer, trade: list[str], rng: Stream) -> Company:
    name = _company_name(kind.names, trade, rng)
    domain = f"{slug(name)}.{kind.tld}"
    country = kind.country or persona.country
    contact = _contact(kind.key, "account manager", name, domain, country, "supplier", persona, namer, rng)
    billing = _contact(f"{kind.key}.billing", kind.desk, name, domain, country, "supplier", persona, namer, rng)
    mailbox = rng.choice(
        ["billing", "invoices", "accounts"] if kind.tld != "nl" else ["facturen", "administratie", "billing"]
    )
    amount = rng.randint(*kind.plan.amount) + rng.choice([0.0, 0.5, 0.9, 0.95, 0.25]) if kind.plan else None
    return Company(
        key=kind.key,
        name=name,
        country=country,
        merchant=re.sub(r"\s+", " ", name.upper().replace("&", "EN" if kind.tld == "nl" else "AND")),
        domain=domain,
        industry=kind.industry,
        category=kind.category,
        contact=contact,
        billing=billing,
        billing_address=f"{mailbox}@{domain}",
        plan_amount=round(amount, 2) if amount else None,
        plan_what=kind.plan.what if kind.plan else "",
        invoice_form=kind.invoice,
    )


def _client(kind: Client, persona: Persona, namer: _Namer, trade: list[str], rng: Stream) -> Company:
    name = _company_name(kind.names, trade, rng)
    if "{surname}" in "".join(kind.names) and kind.country != persona.country and name.split()[0] in persona.trade:
        # A firm abroad carries a name from there.
        name = name.replace(name.split()[0], namer.draw(kind.country, rng)[1])
    domain = f"{slug(name)}.{kind.tld}"
    contact = _contact(kind.key, kind.contact, name, domain, kind.country, "client", persona, namer, rng)
    billing = _contact(
        f"{kind.key}.billing", "accounts payable", name, domain, kind.country, "client", persona, namer, rng
    )
    return Company(
        kind.key,
        name,
        name.upper(),
        domain,
        kind.industry,
        "Client fees",
        contact,
        billing,
        f"accounts@{domain}",
        kind.country,
    )


def assemble(persona: Persona, life_seed: int) -> Cast:
    """Returns the cast of `persona` under `life_seed`, customer ids not yet given."""
    rng = stream(life_seed, persona.name, "cast")
    fixed = {part for member in (*persona.people, *persona.private) for part in member.name.split(" ", 1)}
    trade = list(persona.trade)
    namer = _Namer(persona, life_seed, fixed.union(persona.full_name.split(), trade))
    rng.shuffle(trade)
    me = Person(
        "me",
        persona.full_name,
        persona.first,
        persona.emails["workmail"],
        persona.role,
        persona.employer,
        persona.phone,
        "self",
        persona.own_style,
        persona.department,
        persona.own_note,
    )
    colleagues = tuple(_member(member, persona, namer, rng) for member in persona.people)
    private = tuple(_member(member, persona, namer, rng) for member in persona.private)
    suppliers = tuple(_supplier(kind, persona, namer, trade, rng) for kind in persona.suppliers)
    kinds = sorted(rng.sample(persona.clients, persona.client_count), key=lambda kind: kind.key)
    clients = tuple(_client(kind, persona, namer, trade, rng) for kind in kinds)
    leads = [person for person in colleagues if person.key in persona.leads]
    rng.shuffle(leads)
    projects = []
    for kind, client, lead in zip(kinds, clients, leads, strict=False):
        work = rng.choice(kind.projects)
        projects.append(
            Project(rng.choice(work.names), work.product, work.part, work.part2, work.material, work.test, client, lead)
        )
    return Cast(me, colleagues, private, suppliers, clients, tuple(projects))


def with_ids(cast: Cast, ids: dict[str, str]) -> Cast:
    """Returns `cast` with the customer id of each company, given by its key."""

    def known(companies: tuple[Company, ...]) -> tuple[Company, ...]:
        return tuple(replace(company, customer_id=ids[company.key]) for company in companies)

    clients = known(cast.clients)
    by_key = {company.key: company for company in clients}
    projects = tuple(replace(project, client=by_key[project.client.key]) for project in cast.projects)
    return replace(cast, suppliers=known(cast.suppliers), clients=clients, projects=projects)
