"""The code that a website puts into its pages, so that they are measured."""

import json
from html import escape
from string import Template

# Addresses are written as JSON, without what could end the script.
CODE = Template("""<script>
var _paq = window._paq = window._paq || [];
_paq.push(["trackPageView"]);
_paq.push(["enableLinkTracking"]);
(function () {
  var u = $collector;
  _paq.push(["setTrackerUrl", u + "matomo.php"]);
  _paq.push(["setSiteId", "$site"]);
  var d = document, g = d.createElement("script"), s = d.getElementsByTagName("script")[0];
  g.async = true; g.src = u + "matomo.js"; s.parentNode.insertBefore(g, s);
})();
</script>
<noscript><img referrerpolicy="no-referrer-when-downgrade" src="$image" style="border:0" alt=""></noscript>""")


def tracking_code(collector: str, site: int) -> str:
    """Return the code for the pages of a site; `collector` is an address such as https://stats.example.org."""
    address = json.dumps(f"{collector}/").replace("<", "\\u003c")
    image = escape(f"{collector}/matomo.php?idsite={site}&rec=1")
    return CODE.substitute(collector=address, site=site, image=image)
