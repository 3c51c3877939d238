"""Languages that browsers ask for, and the countries they hint at."""

import pytest

from ingest.language import accepted_language, country_of_language


@pytest.mark.parametrize(
    ("header", "language", "country"),
    [
        pytest.param("fr-CH,fr;q=0.9", "fr-ch", "ch", id="region"),
        pytest.param("fr", "fr", "fr", id="bare"),
        pytest.param("en", "en", "xx", id="bare-and-everywhere"),
        pytest.param("en,de-AT;q=0.5", "en", "at", id="region-of-a-later-one"),
        pytest.param("fr,de-AT;q=0.5", "fr", "fr", id="home-of-the-first"),
        pytest.param("en_US", "en-us", "us", id="underscore"),
        pytest.param("EN-us;q=0.8, fr", "en-us", "us", id="capital-letters-and-blanks"),
        pytest.param("zh-Hans-CN", "zh", "cn", id="script-before-region"),
        pytest.param("sr-Latn", "sr", "rs", id="script-alone"),
        pytest.param("es-419,es;q=0.9", "es", "xx", id="continent"),
        pytest.param("de-DE@euro", "de-de", "de", id="locale"),
        pytest.param("de_DE.UTF-8", "de-de", "de", id="charset"),
        pytest.param("sr-SP", "sr-rs", "rs", id="code-of-the-past"),
        pytest.param("en-securid", "en", "xx", id="junk-behind"),
        pytest.param("chrome://global/locale/intl.properties", "xx", "xx", id="junk"),
        pytest.param("tlh,de-CH", "de-ch", "ch", id="unknown-first"),
        pytest.param("fil-PH", "fil-ph", "ph", id="three-letters"),
        pytest.param("de-QQ", "de", "xx", id="unknown-region"),
        pytest.param('de (comment), en;q="0.5"', "de", "de", id="comment"),
        pytest.param("C", "xx", "xx", id="no-locale"),
        pytest.param("*", "xx", "xx", id="any"),
        pytest.param("", "", "xx", id="no-header"),
        pytest.param("," * 5000, "xx", "xx", id="long"),
    ],
)
def test_language(header: str, language: str, country: str) -> None:
    assert (accepted_language(header), country_of_language(header)) == (language, country)


@pytest.mark.parametrize(
    ("language", "country"),
    [("cs", "cz"), ("sv", "se"), ("nl", "nl"), ("pl", "pl"), ("it", "it"), ("es", "es"), ("de", "de"), ("pt-br", "br")],
)
def test_country_of_a_stored_language(language: str, country: str) -> None:
    assert country_of_language(language) == country
