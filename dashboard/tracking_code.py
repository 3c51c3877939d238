"""The code that a website puts into its pages, so that they are measured."""

import json

# The address is written as JSON, without what could end the script.
CODE = """<script>
addEventListener("load", () => {
  const hit = new URLSearchParams({
    idsite: SITE, rec: 1, url: location.href, urlref: document.referrer,
    action_name: document.title, res: `${screen.width}x${screen.height}`,
  });
  navigator.sendBeacon(COLLECTOR + "/matomo.php?" + hit);
});
</script>"""


def tracking_code(collector: str, site: int) -> str:
    """Return the code for the pages of a site."""
    address = json.dumps(collector).replace("<", "\\u003c")
    return CODE.replace("SITE", str(site)).replace("COLLECTOR", address)
