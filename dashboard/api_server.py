"""What clients ask about the server itself: which of Matomo's plugins it answers for, and in which languages."""

from collections.abc import Callable, Mapping

from dashboard.api_access import OPEN, somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_formats import Answer

PLUGINS = "API.isPluginActivated"
ENGLISH = {"code": "en", "name": "English", "english_name": "English"}
EVERYTHING = "100%"


def has_plugin(methods: Mapping[str, Method]) -> Method:
    """Return the method that tells whether a plugin's methods are in a table."""

    def answer(call: Call) -> bool:
        wanted = call.parameters.required("pluginName").strip()
        return any(name.partition(".")[0] == wanted for name in methods)

    return Method(PLUGINS, somewhere("view"), answer)


def is_available(call: Call) -> bool:
    return call.parameters.required("languageCode").strip() == ENGLISH["code"]


def of_languages(name: str, answer: Callable[[Call], Answer]) -> Method:
    return Method(f"LanguagesManager.{name}", OPEN, answer)


METHODS = (
    of_languages("getAvailableLanguages", lambda _: [ENGLISH["code"]]),
    of_languages("getAvailableLanguageNames", lambda _: [ENGLISH]),
    of_languages("getAvailableLanguagesInfo", lambda _: [{**ENGLISH, "percentage_complete": EVERYTHING}]),
    of_languages("isLanguageAvailable", is_available),
)
