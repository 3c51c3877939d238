"""CoreAdminHome: the code with which a website lets its visitors opt out."""

from dashboard.api_access import somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_choices import collector
from dashboard.api_parameters import ApiError, BadParameter, Parameters
from dashboard.opt_out_codes import STYLES, Look, fits, script_code, snippet_code
from sql.optout_texts import BROWSERS, texts

HASH = "#"  # Some programs write it before a colour.


class NotBuilt(ApiError):
    """Raised if the build made no snippet."""

    status = 503


def script(call: Call) -> str:
    return script_code(collector(call), look(call.parameters))


def snippet(call: Call) -> str:
    """Raises NotBuilt."""
    code = snippet_code(look(call.parameters))
    if not code:
        raise NotBuilt("The snippet is not built; run 'npm ci && npm run build' where Pegel is installed.")
    return code


def look(parameters: Parameters) -> Look:
    """Return how the opt-out is to appear. Raises BadParameter."""
    styled = parameters.flag("applyStyling") if parameters.given("applyStyling") else True
    intro = parameters.flag("showIntro") if parameters.given("showIntro") else True
    styles = tuple((name, style(parameters, name)) for name in STYLES if styled and parameters.given(name))
    return Look(language(parameters), intro, styles)


def style(parameters: Parameters, name: str) -> str:
    value = parameters.text(name).strip().removeprefix(HASH)
    if not fits(name, value):
        raise BadParameter(name, value, STYLES[name][1])
    return value


def language(parameters: Parameters) -> str:
    """Return a language, or that the browser's is wanted, as for a region of a language: `de-at` is `de`."""
    code = parameters.text("language").strip().lower().replace("_", "-").partition("-")[0]
    if code and code != BROWSERS and code not in texts():
        raise BadParameter("language", code, f"auto, or one of {', '.join(texts())}")
    return code or BROWSERS


METHODS = (
    Method("CoreAdminHome.getOptOutJSEmbedCode", somewhere("view"), script),
    Method("CoreAdminHome.getOptOutSelfContainedEmbedCode", somewhere("view"), snippet),
)
