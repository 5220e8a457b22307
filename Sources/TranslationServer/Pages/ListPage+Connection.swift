// The one connection: what it brings, how it is lost and made again, and the token that it may take.

extension ListPage {
  static let connection = #"""
    let source, openedAt = Infinity, lastID = "", failures = 0, lostAt = null, retryAt = null;
    let token = null;
    try { token = sessionStorage.getItem("token"); } catch { /* Then it is kept in this page only. */ }

    async function ask(path, options = {}) {
      const headers = { Accept: "application/json", ...options.headers };
      if (token) headers.Authorization = `Bearer ${token}`;
      const answer = await fetch(path, { ...options, headers, cache: "no-store" });
      if (answer.ok) return answer.json();
      let problem = {};
      try { problem = await answer.json(); } catch { /* Not one of this server's answers. */ }
      if (answer.status === 401) askForToken(problem.detail);
      throw Object.assign(new Error(problem.detail ?? `The server answered ${answer.status}.`),
        { status: answer.status, field: problem.field, after: Number(answer.headers.get("Retry-After")) || 0 });
    }

    // With what was seen last, or anew.
    function connect(isAnew = false) {
      source?.close();
      retryAt = null;
      const query = new URLSearchParams();
      if (isAnew) tellAgain(); else if (lastID) query.set("last_event_id", lastID);
      // An EventSource sends no header of ours.
      if (token) query.set("access_token", token);
      source = new EventSource(`${root}translations/events${query.size ? `?${query}` : ""}`);
      source.onopen = () => {
        compareClocks();
        openedAt = clock();
        failures = 0;
        lostAt = null;
        at("access").hidden = true;
        if ([...jobs.values()].some(job => job.created === undefined)) describe();
        // How many are told of is not said then: a while later it has been all.
        if (isAnew) setTimeout(() => { if (toldAgain === Infinity && lostAt === null) sweep(); }, 30_000);
        isAnew = false;
        showState();
      };
      source.onmessage = event => { lastID = event.lastEventId; update(event); };
      // The server has lost sight of what this page saw last, or is another one: all that there is follows.
      source.addEventListener("reset", event => {
        lastID = event.lastEventId;
        let count = Infinity;
        try { count = JSON.parse(event.data).events ?? Infinity; } catch { /* As if it was not said. */ }
        tellAgain(count);
      });
      source.onerror = () => {
        lostAt ??= clock();
        // A lost connection is made again by the browser itself, when the server said; one that was refused is not.
        if (source.readyState === EventSource.CLOSED) askWhy();
        showState();
      };
    }

    async function askWhy() {
      let wait = Math.min(30, 2 ** failures++);
      try { await ask(`${root}translations?limit=1`); } catch (error) {
        if (error.status === 401) return showState();
        wait = Math.max(wait, error.after ?? 0);
      }
      retryAt = clock() + wait * 1000 * (1 + Math.random() / 4);
      showState();
    }

    function showState() {
      const isLive = source.readyState === EventSource.OPEN;
      const isRefused = !at("access").hidden;
      const isNew = openedAt === Infinity;
      const state = isLive ? "live" : isRefused ? "refused" : isNew && failures === 0 && !lostAt ? "connecting" : "lost";
      say(at("state"), state);
      tell(at("connection"), "data-status", { live: "completed", connecting: "waiting" }[state] ?? "error");
      const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - clock()) / 1000));
      const lost = lostAt === null ? "" : `since ${new Date(lostAt).toLocaleTimeString([], { hour12: false })}`;
      say(at("wait"), state !== "lost" ? "" : retryAt ? `${lost}, reconnecting in ${seconds} s` : `${lost}, reconnecting`);
      at("again").hidden = state !== "lost";
    }

    at("again").onclick = () => { connect(); showState(); };
    addEventListener("online", () => { if (lostAt !== null) connect(); });

    // MARK: Access

    function askForToken(detail) {
      say(at("refusal"), detail ?? "The server wants to know who asks.");
      if (!at("access").hidden) return;
      at("access").hidden = false;
      at("token").value = "";
      at("token").focus();
    }

    at("access").onsubmit = event => {
      event.preventDefault();
      token = at("token").value.trim() || null;
      try { sessionStorage.setItem("token", token ?? ""); } catch { /* Kept here, then. */ }
      at("access").hidden = true;
      connect();
      showState();
    };
    """#
}
