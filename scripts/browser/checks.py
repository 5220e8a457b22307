"""What has to hold on every page: names for whatever can be operated, words that can be read, a width that fits."""

OPERATED = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "spinbutton", "progressbar", "image", "dialog"}

# The least contrast of any text in sight, by WCAG 2.2, 1.4.3, and whose it is.
CONTRAST = r"""
(() => {
  const parts = color => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([...color]) => color.slice(0, 3).map(part => part / 255)
    .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (parts(color)[3] === 255) return color;
    }
    return "white";
  };
  let least = [21, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, style, .hidden") || !element.checkVisibility()) continue;
    const [one, other] = [getComputedStyle(element).color, behind(element)].map(color => light(parts(color)) + .05);
    const ratio = Math.max(one, other) / Math.min(one, other);
    if (ratio < least[0]) least = [ratio, walker.currentNode.data];
  }
  return least;
})()
"""


class Failure(Exception):
    pass


def hold(what, is_so, seen=""):
    """Ends it all unless it is so."""
    if not is_so:
        raise Failure("%s: %s" % (what, seen))


def page(browser, session, name, roles=frozenset({"main", "banner", "heading", "status", "searchbox"})):
    ratio, text = browser.evaluate(session, CONTRAST)
    hold("%s: contrast of at least 4.5" % name, ratio >= 4.5, "%.2f for %r" % (ratio, text))
    wide = browser.evaluate(session, "[document.documentElement.scrollWidth, innerWidth]")
    hold("%s: as wide as the window" % name, wide[0] <= wide[1], wide)
    names(browser, session, name, roles)


def names(browser, session, name, expected):
    """Asks the tree that a screen reader is told."""
    nodes = browser.call("Accessibility.getFullAXTree", session)["nodes"]
    told = [(node["role"]["value"], node.get("name", {}).get("value", "").strip())
            for node in nodes if not node["ignored"]]
    nameless = [role for role, words in told if role.lower() in OPERATED and not words]
    hold("%s: a name for each control" % name, not nameless, nameless)
    roles = {role for role, _ in told}
    if "dialog" in roles:
        expected = {"dialog", "heading"}
    if "table" in roles:
        expected = expected | {"columnheader", "row", "cell", "progressbar"}
    hold("%s: the roles of its parts" % name, expected <= roles, sorted(expected - roles))


def quiet(browser, allowed=()):
    """No word in the console: no error, no violation of the policy."""
    words = [w for w in browser.complaints if not any(part in w for part in allowed)]
    hold("nothing in the console", not words, words[:5])
