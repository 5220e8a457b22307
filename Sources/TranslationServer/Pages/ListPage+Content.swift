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
    let changed = new Set();
    let filter = null, isDrawing = false, isAsking = false;

    function make(name, parent, className) {
      const element = document.createElement(name);
      if (className) element.className = className;
      parent.append(element);
      return element;
    }

    // MARK: What is known

    function job(id) {
      if (!jobs.has(id)) jobs.set(id, { id, order: -jobs.size });
      return jobs.get(id);
    }

    function update(event) {
      let news;
      try { news = JSON.parse(event.data); } catch { return; }
      if (typeof news.job !== "string" || typeof news.timestamp !== "number") return;
      const known = job(news.job);
      if (known.timestamp > news.timestamp) return;
      Object.assign(known, { progress: undefined, message: undefined }, news);
      changed.add(known);
      // What it is of is not said in an update: ask once for all that are new.
      if (known.created === undefined && !isAsking) {
        isAsking = true;
        setTimeout(describe, 50);
      }
      draw();
    }

    async function describe() {
      try {
        let next = "";
        do {
          const answer = await fetch("/translations?limit=500" + (next && "&cursor=" + encodeURIComponent(next)));
          const page = await answer.json();
          for (const { id, source, target, title, created } of page.translations) {
            const known = job(id);
            Object.assign(known, { source, target, title, created, order: created });
            changed.add(known);
          }
          next = page.next;
        } while (next && jobs.size < 2 * shown);
      } catch { /* The connection tells. */ }
      isAsking = false;
      draw();
    }

    // MARK: What is seen

    function draw() {
      if (isDrawing) return;
      isDrawing = true;
      requestAnimationFrame(() => {
        isDrawing = false;
        const all = [...jobs.values()].filter(one => one.status);
        count(all);
        const chosen = all.filter(one => !filter || one.status === filter).sort((a, b) => b.order - a.order);
        const list = at("jobs");
        chosen.slice(0, shown).forEach((one, index) => {
          if (!one.row) { one.row = row(one); changed.add(one); }
          if (list.children[index] !== one.row.item) list.insertBefore(one.row.item, list.children[index] ?? null);
          if (changed.has(one)) fill(one);
        });
        while (list.children.length > Math.min(chosen.length, shown)) list.lastChild.remove();
        changed.clear();
        at("more").hidden = chosen.length <= shown;
        at("more").textContent = `and ${chosen.length - shown} older ones`;
        at("empty").hidden = all.length > 0;
      });
    }

    function count(all) {
      const counts = { all: all.length };
      for (const one of all) counts[one.status] = (counts[one.status] ?? 0) + 1;
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
      if (one.created === undefined) return;
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
      button.onclick = () => { filter = word === "all" || filter === word ? null : word; draw(); };
    }
    setInterval(() => {
      for (const one of jobs.values()) if (one.row?.item.isConnected && !finals.includes(one.status)) age(one);
    }, 500);

    // MARK: The one connection

    function state(text, status) {
      at("state").textContent = text;
      at("connection").dataset.status = status;
    }

    const source = new EventSource("/translations/events");
    source.onopen = () => state("live", "completed");
    source.onmessage = update;
    // Everything there is follows: forget what may be there no more.
    source.addEventListener("reset", () => { jobs = new Map(); changed = new Set(); draw(); });
    source.onerror = () => source.readyState === EventSource.CLOSED
      ? state("refused: reload to try again", "error") : state("lost, reconnecting …", "pending");
    draw();
    """#
}
