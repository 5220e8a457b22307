// The one connection: what it brings, how it is lost and made again, and when it is not.

extension ListPage {
  static let connection = #"""
    let source, openedAt = Infinity, lastID = "", failures = 0, lostAt = null, retryAt = null;
    // Why it is not made again: "refused" until there is another token, or "ended". And what the server said last.
    let stopped = null, lastWords = "";

    async function ask(path, options = {}) {
      const headers = { Accept: "application/json", ...options.headers };
      const token = options.method ? tokens.changes ?? tokens.reading : tokens.reading;
      if (token) headers.Authorization = `Bearer ${token}`;
      const answer = await fetch(path, { ...options, headers, cache: "no-store" });
      if (answer.ok) return answer.json();
      throw await problemOf(answer);
    }

    // With what was seen last, or anew.
    function connect(isAnew = false) {
      source?.close();
      retryAt = null;
      stopped = null;
      const query = new URLSearchParams();
      if (isAnew) tellAgain(); else if (lastID) query.set("last_event_id", lastID);
      // An EventSource sends no header of ours.
      if (tokens.reading) query.set("access_token", tokens.reading);
      source = new EventSource(`${root}translations/events${query.size ? `?${query}` : ""}`);
      source.onopen = () => {
        compareClocks();
        openedAt = clock();
        failures = 0;
        lostAt = null;
        lastWords = "";
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
      const asked = source;
      let wait = Math.min(30, 2 ** failures++), answer = null;
      try { answer = await whyClosed(source, lastID); } catch { /* It cannot be reached. */ }
      // It was made again meanwhile.
      if (source !== asked) return;
      if (answer?.wantsToken) return refuse(answer);
      // All have ended, or none is left of those that the token is good for.
      if (answer?.status === 204) return finish("nothing is left to follow");
      if (answer?.status === 404 && answer.isTold) return finish(answer.message);
      lastWords = answer?.message ?? "";
      wait = Math.max(wait, answer?.after ?? 0);
      retryAt = clock() + wait * 1000 * (1 + Math.random() / 4);
      showState();
    }

    function refuse(problem) {
      stopped = "refused";
      tokens.reading = null;
      keep("token", null);
      askForToken(problem.message);
      showState();
    }

    function finish(words) {
      stopped = "ended";
      lastWords = words;
      lostAt = null;
      showState();
    }

    function showState() {
      const isLive = source.readyState === EventSource.OPEN;
      const state = stopped ?? (isLive ? "live" : lostAt === null ? "connecting" : "lost");
      say(at("state"), state);
      const look = { live: "completed", connecting: "waiting", ended: "waiting" }[state] ?? "error";
      tell(at("connection"), "data-status", look);
      const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - clock()) / 1000));
      const lost = lostAt === null ? "" : `since ${new Date(lostAt).toLocaleTimeString([], { hour12: false })}`;
      const words = retryAt ? `${lost}, reconnecting in ${seconds} s` : `${lost}, reconnecting`;
      say(at("wait"), { lost: lastWords ? `${words}: ${lastWords}` : words, ended: lastWords }[state] ?? "");
      at("again").hidden = state !== "lost";
    }

    at("again").onclick = () => { connect(); showState(); };
    addEventListener("online", () => { if (lostAt !== null && !stopped) connect(); });
    """#
}
