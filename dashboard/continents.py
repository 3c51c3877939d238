"""On which continents countries are, as the statistics division of the United Nations sorts them (M49).

But Türkiye, as in Matomo, and Cyprus count as Europe, and America is in three parts.
"""

from functools import cache

UNKNOWN_CODE = "unk"
NAMES = {
    "afr": "Africa",
    "amc": "Central America",
    "amn": "North America",
    "ams": "South America",
    "ant": "Antarctica",
    "asi": "Asia",
    "eur": "Europe",
    "oce": "Oceania",
    UNKNOWN_CODE: "Unknown",
}
COUNTRIES = {
    "afr": """
        ao bf bi bj bw cd cf cg ci cm cv dg dj dz ea eg eh er et ga gh gm gn gq gw io ic ke km lr ls ly ma mg ml mr mu
        mw mz na ne ng re rw sc sd sh sl sn so ss st sz ac ta td tf tg tn tz ug yt za zm zw
    """,
    "amc": """
        ag ai an aw bb bl bq bs bz cp cr cu cw dm do gd gp gt hn ht jm kn ky lc mf mq ms mx ni pa pr sv sx tc tt vc vg
        vi
    """,
    "amn": "bm ca gl pm us",
    "ams": "ar bo br cl co ec fk gf gs gy pe py sr uy ve",
    "ant": "aq bv",
    "asi": """
        ae af am ap az bd bh bn bt cn ge hk id il in iq ir jo jp kg kh kp kr kw kz la lb lk mm mn mo mv my np om ph pk
        ps qa sa sg sy th tj tl tm tw uz vn ye
    """,
    "eur": """
        ad al at ax ba be bg by ch cq cy cz de dk ee es eu fi fo fr fx gb gg gi gr hr hu ie im is it je li lt lu lv mc
        md me mk mt nl no pl pt ro rs ru se si sj sk sm su tr ua uk va xk
    """,
    "oce": "as au cc ck cx fj fm gu hm ki mh mp nc nf nr nu nz pf pg pn pw sb tk to tv um vu wf ws",
}


@cache
def by_country() -> dict[str, str]:
    """Return the code of each country's continent."""
    return {country: continent for continent, countries in COUNTRIES.items() for country in countries.split()}


def continent_of(country: str) -> str:
    return by_country().get(country, UNKNOWN_CODE)


def continent_name(code: str) -> str:
    return NAMES.get(code, NAMES[UNKNOWN_CODE])
