// What stands in the page, how it looks, and what it does: each in its own language.

extension StatusPage {
  static func content(root: String) -> String {
    """
    <main data-status="waiting">
      <p class="eyebrow"><a href="\(root)">Translations</a> <span id="what"></span></p>
      <h1><span class="dot" aria-hidden="true"></span><span id="status" role="status" aria-live="polite">waiting</span></h1>
      <p id="message" hidden></p>
      <p id="refusal" role="alert" hidden><span id="reason"></span> <a href="\(root)#token">Enter a token</a></p>
      <progress id="progress" max="1" aria-label="Progress" hidden></progress>
      <dl>
        <div><dt>Since</dt><dd><span id="time">–</span><small id="timestamp"></small></dd></div>
        <div><dt>Elapsed</dt><dd id="elapsed">–</dd></div>
        <div><dt>Delay</dt><dd id="delay">–</dd></div>
        <div><dt>Connection</dt><dd id="connection">connecting</dd></div>
      </dl>
      <noscript>This page needs JavaScript. Without it: <code>curl -N</code> with this address.</noscript>
    </main>
    """
  }

  static let style = """
    body { display: grid; place-items: center; padding: 1.5rem; }
    main {
      width: min(30rem, 100%); padding: clamp(1.5rem, 6vw, 2.5rem); background: var(--card);
      border: 1px solid var(--line); border-top: 4px solid var(--now); border-radius: 1rem;
      box-shadow: 0 12px 40px #0000001a; transition: border-color .3s;
    }
    .eyebrow { margin: 0; color: var(--faint); font-size: .8rem; letter-spacing: .04em; overflow-wrap: anywhere; }
    .eyebrow a, #refusal a { color: inherit; }
    h1 { display: flex; align-items: center; gap: .75rem; margin: .25rem 0 0; font-size: clamp(1.8rem, 8vw, 2.5rem); line-height: 1.2; }
    [data-status=pending] .dot, [data-status=running] .dot { animation: pulse 1.6s ease-in-out infinite; }
    @keyframes pulse { 50% { opacity: .35; transform: scale(.8); } }
    @media (prefers-reduced-motion: reduce) { .dot { animation: none !important; } }
    #message { margin: .75rem 0 0; color: var(--faint); overflow-wrap: anywhere; }
    [data-status=error] #message { color: var(--bad); }
    #refusal { margin: .75rem 0 0; color: var(--bad); overflow-wrap: anywhere; }
    progress { width: 100%; margin-top: 1.25rem; }
    dl { margin: 1.75rem 0 0; }
    dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .65rem 0; border-top: 1px solid var(--line); }
    dt { color: var(--faint); }
    dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
    small { display: block; color: var(--faint); }
    noscript { display: block; margin-top: 1rem; color: var(--bad); }
    """

  static let script = #"""
    const finals = ["completed", "error", "cancelled"];
    const at = id => document.getElementById(id);
    const show = (id, text) => { at(id).textContent = text; };
    let begin = null, end = null, known = null, isReplay = true, delay = null;

    function tick() {
      if (begin !== null) show("elapsed", `${Math.max(0, (end ?? (clock() + ahead) / 1000) - begin).toFixed(1)} s`);
    }

    function update(event) {
      const received = clock();
      let news;
      try { news = JSON.parse(event.data); } catch { return; }
      if (typeof news.status !== "string" || typeof news.timestamp !== "number") return;
      document.querySelector("main").dataset.status = news.status;
      show("status", news.status);
      document.title = `${news.status} · Translation status`;
      show("time", new Date(news.timestamp * 1000).toLocaleString());
      show("timestamp", `${news.timestamp}`);
      at("message").hidden = !news.message;
      show("message", news.message ?? "");
      at("progress").hidden = typeof news.progress !== "number";
      if (typeof news.progress === "number") at("progress").value = news.progress;
      // The first one of a connection is the latest there was: it may be old.
      if (!isReplay) delay = { received, made: news.timestamp * 1000 };
      showClocks();
      isReplay = false;
      if (news.status === "pending") begin = news.timestamp;
      describe(news.job);
      if (finals.includes(news.status)) {
        end = news.timestamp;
        source.close();
        clearInterval(ticking);
        clearTimeout(again);
        show("connection", "closed: this was the last status");
      }
      tick();
    }

    function showClocks() {
      if (!delay || ahead === null) return;
      const way = (delay.received + ahead - delay.made).toFixed(1).replace("-", "−");
      show("delay", `${way} ms ${doubt === null ? "if clocks agree" : `± ${doubt.toFixed(1)}`}`);
    }

    // An update does not say what it is of, nor when that began: asks once.
    async function describe(id) {
      if (typeof id !== "string" || known === id) return;
      known = id;
      try {
        const headers = token ? { Authorization: `Bearer ${token}` } : {};
        const answer = await fetch(`${root}translations/${encodeURIComponent(id)}`, { headers });
        if (!answer.ok) return;
        const { source, target, title, created } = await answer.json();
        show("what", `› ${source} → ${target}${title ? " · " + title : ""}`);
        begin = created;
        tick();
      } catch { known = null; }
    }

    // The one that the page of all translations was given. An EventSource sends no header of ours.
    const token = kept("token");
    const stream = new URL(location.href);
    if (token) stream.searchParams.set("access_token", token);
    const ticking = setInterval(tick, 100);
    let source, lastID = "", failures = 0, again, isRefused = false;

    function connect() {
      if (lastID) stream.searchParams.set("last_event_id", lastID);
      source = new EventSource(stream);
      source.onopen = () => { failures = 0; isReplay = true; show("connection", "live"); compareClocks(); };
      // After a "reset" the server has lost sight of what this page saw last: the same status, under another name.
      for (const type of ["message", "reset"]) {
        source.addEventListener(type, event => { lastID = event.lastEventId; update(event); });
      }
      source.onerror = () => {
        show("connection", "lost, reconnecting …");
        // A lost connection is made again by the browser itself; one that was refused is not.
        if (source.readyState === EventSource.CLOSED) askWhy();
      };
    }
    connect();

    async function askWhy() {
      let answer = {};
      try { answer = await whyClosed(source, lastID); } catch { /* It cannot be reached. */ }
      if (answer.status === 204) return show("connection", "closed: nothing is left to follow");
      // A server that is restarted or full, or what stands before it: that passes.
      if (!(answer.status >= 400) || answer.status === 429 || answer.status >= 500) {
        const wait = Math.max(Math.min(30, 2 ** failures++), answer.after ?? 0);
        again = setTimeout(connect, wait * 1000 * (1 + Math.random() / 4));
        return;
      }
      show("connection", "refused: reload to try again");
      isRefused = true;
      if (document.querySelector("main").dataset.status === "waiting") show("status", "unknown");
      show("reason", answer.message);
      at("refusal").querySelector("a").hidden = !answer.wantsToken;
      at("refusal").hidden = false;
    }

    // Back from where a token was entered.
    addEventListener("pageshow", event => { if (event.persisted && isRefused) location.reload(); });
    """#
}
