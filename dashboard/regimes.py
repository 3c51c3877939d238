"""Under which laws audience measurement may do without consent: what they are about, and where they can be read."""

from typing import Literal, NamedTuple, get_args

Regime = Literal["cnil", "tdddg", "uk"]
REGIMES: tuple[Regime, ...] = get_args(Regime)


class Source(NamedTuple):
    """Where a condition can be read."""

    title: str
    url: str


class About(NamedTuple):
    """What a list of conditions is for."""

    title: str
    meaning: str


ABOUT: dict[Regime, About] = {
    "cnil": About(
        "France: exemption of the CNIL",
        "Audience measurement of the own website may do without consent (Article 82 of the data protection act) "
        "if it keeps within these limits.",
    ),
    "tdddg": About(
        "Germany: without storing or reading anything",
        "Section 25 of the TDDDG knows no exemption for audience measurement: what is stored on a device, or read "
        "from it, needs consent. These conditions keep away from both.",
    ),
    "uk": About(
        "United Kingdom: statistics about the own service",
        "Since 5 February 2026, paragraph 5 of Schedule A1 of PECR lets a service collect statistics about itself "
        "without consent, with clear information and an easy way to object.",
    ),
}

CNIL_LIMITS = Source(
    "AT Internet on CNIL's deliberation 2020-091",
    "https://helpcentre.atinternet-solutions.com/hc/en-gb/articles/360014550539-Exemption-CNIL",
)
CNIL_SHORT = Source(
    "Starfox on the exemption",
    "https://www.starfox-analytics.com/en/blog-posts/exemption-de-consentement-selon-la-cnil",
)
CNIL_TOOL = Source(
    "CNIL, self-assessment of July 2025",
    "https://www.cnil.fr/sites/default/files/2025-07/outil_d_auto-evaluation_mesure_d_audience.pdf",
)
CNIL_DURATIONS = Source("Optimal Ways on durations that are applied", "https://www.optimalways.com/en/?p=13182")
CNIL_MARKETING = Source(
    "Matomo on what the exemption leaves out",
    "https://matomo.org/faq/how-do-i-configure-matomo-without-tracking-consent-for-french-visitors-cnil-exemption",
)
CNIL_MASK = Source(
    "Guide to the masked octets", "https://consultant-analytics-rk.fr/en/blog/matomo-exemption-cnil-guide"
)
JORF_2013 = Source("CNIL 2013, Journal officiel", "https://legal.tricoteuses.fr/articles/JORFARTI000028380242")
JORF_2019 = Source("CNIL 2019, Journal officiel", "https://legal.tricoteuses.fr/articles/JORFARTI000038778067")
DSK = Source("beck-community on the DSK's guidance", "https://community.beck.de/print/77091")
EINWV = Source("Ordinance on consent management, § 6", "https://datenschutzgesetze.eu/einwv-6")
EDPB = Source("EDPB, Guidelines 2/2023", "https://overview.legal/posts/38063")
GDPR = Source("GDPR, Articles 5, 13, 17, 21 and 28", "https://eur-lex.europa.eu/eli/reg/2016/679/oj")
GPC = Source("W3C, Global Privacy Control", "https://w3.org/TR/gpc")
PECR = Source("Blake Morgan on the act of 2025", "https://www.blakemorgan.co.uk/data-use-and-access-act-2025-cookies")
PECR_SHORT = Source("Kukie on the exemptions", "https://kukie.io/blog/uk-data-use-access-act-cookie-exemptions")


def regime_named(name: str) -> Regime:
    """Return the regime of a name, such as a preset's; for any other name, the one with the longest list."""
    return next((regime for regime in REGIMES if regime == name), "cnil")
