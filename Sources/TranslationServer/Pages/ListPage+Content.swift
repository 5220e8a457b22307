// What stands in the page, how it looks, and what it does: each in its own language.

extension ListPage {
  static let content = """
    <header>
      <h1>Translations</h1>
      <p id="connection" role="status" data-status="waiting"><span class="dot" aria-hidden="true"></span><span id="state">connecting</span></p>
    </header>
    <nav id="counts" aria-label="Show by status"></nav>
    <main>
      <ol id="jobs" aria-label="Translations, the newest first"></ol>
      <p id="more" hidden></p>
      <p id="empty">There is no translation yet. <code>tclient submit de en</code> makes one.</p>
      <noscript>This page needs JavaScript. Without it: <code>curl -N</code> with /translations/events.</noscript>
    </main>
    """

  static let style = """
    header, nav, main { width: min(60rem, 100%); margin: 0 auto; padding: 0 1.25rem; }
    header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 1rem; padding-top: 2rem; }
    h1 { margin: 0; font-size: 1.75rem; }
    #connection { display: flex; align-items: center; gap: .5rem; margin: 0; color: var(--faint); font-size: .9rem; }
    nav { display: flex; flex-wrap: wrap; gap: .5rem; padding-top: 1rem; padding-bottom: 1rem; }
    nav button {
      padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--card); color: var(--text);
      font: inherit; font-size: .9rem; cursor: pointer;
    }
    nav button[aria-pressed=true] { border-color: var(--now, var(--text)); box-shadow: inset 0 0 0 1px var(--now, var(--text)); }
    nav b { font-variant-numeric: tabular-nums; }
    ol { list-style: none; margin: 0; padding: 0; }
    li a {
      display: grid; grid-template-columns: 1fr 11rem 5.5rem 4.5rem; align-items: center; gap: .15rem 1rem; margin-bottom: .5rem;
      padding: .7rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--now); border-radius: .6rem;
      background: var(--card); color: inherit; text-decoration: none; content-visibility: auto; contain-intrinsic-size: auto 3.6rem;
    }
    li a:hover, li a:focus-visible { border-color: var(--now); outline: none; box-shadow: 0 2px 12px #0000001a; }
    .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
    .what small { margin-left: .5rem; color: var(--faint); font-weight: 400; }
    .message { grid-column: 1 / -1; color: var(--faint); font-size: .9rem; overflow-wrap: anywhere; }
    .message:empty { display: none; }
    .status { color: var(--now); font-weight: 600; }
    .elapsed { text-align: right; color: var(--faint); font-variant-numeric: tabular-nums; }
    progress { width: 100%; }
    #more, #empty { color: var(--faint); text-align: center; padding: 2rem 0; }
    @media (max-width: 34rem) {
      li a { grid-template-columns: 1fr auto auto; }
      .what { grid-column: 1 / -1; }
    }
    """

  static let script = #"""
    const words = ["pending", "running", "completed", "error", "cancelled"];
    const finals = words.slice(2);
    const shown = 500;
    const at = id => document.getElementById(id);
    // By id, in the order of their coming; what is known of each, and its row once it has one.
    let jobs = new Map();
    // The same, the newest first; null when that has to be found out anew.
    let newest = null;
    let filter = null, isLive = false, isDrawing = false, isAsking = false, shallAskAgain = false;

    function make(name, parent, className) {
      const element = document.createElement(name);
      if (className) element.className = className;
      parent.append(element);
      return element;
    }

    // MARK: What is known

    function update(event) {
      let news;
      try { news = JSON.parse(event.data); } catch { return; }
      const { job, status, timestamp, progress, message } = news;
      if (typeof job !== "string" || typeof timestamp !== "number" || !words.includes(status)) return;
      const known = jobs.get(job) ?? { id: job };
      if (known.timestamp > timestamp) return;
      Object.assign(known, { status, timestamp, progress, message, isStale: true });
      if (!jobs.has(job)) {
        jobs.set(job, known);
        // The first status came about when the translation was made. Others wait for its description.
        known.order = status === "pending" ? timestamp : 0;
        newest = null;
      }
      if (known.created === undefined) describe();
      draw();
    }

    // What a translation is of is not said in an update: asks for the newest ones, as many as are shown.
    function describe() {
      shallAskAgain = isAsking;
      if (isAsking) return;
      isAsking = true;
      setTimeout(async () => {
        const isNew = [...jobs.values()].filter(one => one.created === undefined);
        try {
          const answer = await fetch(`/translations?limit=${shown}` + (filter ? `&status=${filter}` : ""));
          for (const { id, source, target, title, created } of (await answer.json()).translations) {
            const known = jobs.get(id);
            if (known) Object.assign(known, { source, target, title, created, order: created, isStale: true });
          }
          // Those that are not among them are too old to be shown.
          for (const one of isNew) one.created ??= null;
          newest = null;
        } catch { /* The connection's state tells. */ }
        isAsking = false;
        if (shallAskAgain) describe();
        draw();
      }, 200);
    }

    // MARK: What is seen

    function draw() {
      if (isDrawing) return;
      isDrawing = true;
      requestAnimationFrame(() => {
        isDrawing = false;
        newest ??= [...jobs.values()].sort((a, b) => b.order - a.order);
        count();
        const chosen = filter ? newest.filter(one => one.status === filter) : newest;
        const list = at("jobs");
        chosen.slice(0, shown).forEach((one, index) => {
          one.row ??= row(one);
          if (list.children[index] !== one.row.item) list.insertBefore(one.row.item, list.children[index] ?? null);
          if (one.isStale) fill(one);
          one.isStale = false;
        });
        while (list.children.length > Math.min(chosen.length, shown)) list.lastChild.remove();
        at("more").hidden = chosen.length <= shown;
        at("more").textContent = `and ${(chosen.length - shown).toLocaleString()} more`;
        at("empty").hidden = jobs.size > 0 || !isLive;
      });
    }

    function count() {
      const counts = { all: jobs.size };
      for (const one of newest) counts[one.status] = (counts[one.status] ?? 0) + 1;
      for (const button of at("counts").children) {
        button.lastChild.textContent = counts[button.dataset.word] ?? 0;
        button.setAttribute("aria-pressed", (filter ?? "all") === button.dataset.word);
      }
    }

    function row(one) {
      const item = document.createElement("li");
      const link = make("a", item);
      link.href = `/translations/${encodeURIComponent(one.id)}/status`;
      const what = make("span", link, "what");
      const row = { item, link, name: make("span", what), title: make("small", what) };
      row.bar = make("progress", link);
      row.bar.max = 1;
      row.bar.setAttribute("aria-label", "Progress");
      row.status = make("span", link, "status");
      row.elapsed = make("span", link, "elapsed");
      row.message = make("span", link, "message");
      return row;
    }

    function fill(one) {
      const { link, name, title, bar, status, message } = one.row;
      link.dataset.status = one.status;
      name.textContent = one.source ? `${one.source} → ${one.target}` : one.id;
      title.textContent = one.title ?? "";
      bar.style.visibility = typeof one.progress === "number" ? "" : "hidden";
      bar.value = one.progress ?? 0;
      status.textContent = one.status;
      message.textContent = one.message ?? "";
      age(one);
    }

    function age(one) {
      if (typeof one.created !== "number") return;
      const end = finals.includes(one.status) ? one.timestamp : Date.now() / 1000;
      const seconds = Math.max(0, end - one.created);
      one.row.elapsed.textContent = seconds < 60 ? `${seconds.toFixed(1)} s`
        : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
        : `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
    }

    for (const word of ["all", ...words]) {
      const button = make("button", at("counts"));
      button.type = "button";
      button.dataset.word = word;
      if (word !== "all") button.dataset.status = word;
      button.append(word + " ");
      make("b", button);
      button.onclick = () => {
        filter = word === "all" || filter === word ? null : word;
        describe();
        draw();
      };
    }
    setInterval(() => {
      for (const one of jobs.values()) if (one.row?.item.isConnected && !finals.includes(one.status)) age(one);
    }, 500);

    // MARK: The one connection

    function state(text, status) {
      at("state").textContent = text;
      at("connection").dataset.status = status;
    }

    let source;
    function connect() {
      source?.close();
      source = new EventSource("/translations/events");
      source.onopen = () => { isLive = true; state("live", "completed"); draw(); };
      source.onmessage = update;
      source.addEventListener("reset", forget);
      source.onerror = () => source.readyState === EventSource.CLOSED
        ? state("refused: reload to try again", "error") : state("lost, reconnecting …", "pending");
    }

    // All that there is follows.
    function forget() {
      jobs = new Map();
      newest = null;
      draw();
    }

    connect();
    // Nobody tells when the server lets go of an old translation: begin anew now and then.
    setInterval(() => { forget(); connect(); }, 3600_000);
    """#
}
