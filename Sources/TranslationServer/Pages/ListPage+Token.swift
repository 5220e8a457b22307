// The form for a token: opened when the server wants one, or another one.

extension ListPage {
  static let token = #"""
    // Who reads may need another one to change anything: the stream then goes on with its own.
    const tokens = { reading: kept("token"), changes: kept("token for changes") };
    // What was refused and is taken up again with the next token; null if that is for reading.
    let takeUp = null;

    function askForToken(reason, change = null) {
      // Without one for reading there is nothing to change.
      takeUp = stopped === "refused" ? null : change;
      say(at("refusal"), reason);
      at("later").hidden = stopped === "refused";
      if (!at("access").hidden) return;
      at("access").hidden = false;
      at("token").value = "";
      at("token").focus();
    }

    at("later").onclick = () => { at("access").hidden = true; };

    at("access").onsubmit = event => {
      event.preventDefault();
      const token = at("token").value.trim(), change = takeUp;
      at("access").hidden = true;
      tokens.changes = change ? token : null;
      keep("token for changes", tokens.changes);
      if (change) return change();
      tokens.reading = token;
      keep("token", token);
      lostAt = null;
      // Others may be seen with it.
      lastID = "";
      tellAgain(0);
      connect(true);
      showState();
    };

    // Pages that were refused lead here by this name.
    function lookAtName() {
      if (location.hash !== "#token") return;
      history.replaceState(null, "", location.pathname + location.search);
      if (at("access").hidden) askForToken("From now on, all is asked with this token:");
    }
    addEventListener("hashchange", lookAtName);
    """#
}
