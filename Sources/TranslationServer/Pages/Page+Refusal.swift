// Why the server has refused something, and where a token is kept for it.

extension Page {
  static let refusal = #"""
    // The server's words, and whether another token may help: where one may, 403 names the scheme (RFC 6750, 3.1).
    async function problemOf(answer) {
      const { status, headers } = answer;
      let problem = {};
      try { problem = await answer.json(); } catch { /* Not one of this server's answers. */ }
      return Object.assign(new Error(problem.detail ?? `The server answered ${status}.`), {
        status, field: problem.field, isTold: Boolean(problem.detail), after: Number(headers.get("Retry-After")) || 0,
        wantsToken: status === 401 || status === 403 && headers.has("WWW-Authenticate"),
      });
    }

    // An EventSource does not say why it was closed: asks for its stream again, as it did. What comes has a status.
    async function whyClosed(source, lastID) {
      const headers = { Accept: "text/event-stream" };
      if (lastID) headers["Last-Event-ID"] = lastID;
      const answer = await fetch(source.url, { headers, cache: "no-store" });
      if (!answer.ok) return problemOf(answer);
      answer.body?.cancel();
      return { status: answer.status };
    }

    // Until the tab is closed, for all of this server's pages.
    function kept(name) {
      try { return sessionStorage.getItem(name); } catch { return null; }
    }
    function keep(name, value) {
      try {
        if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name);
      } catch { /* Then it is kept in this page only. */ }
    }
    """#
}
