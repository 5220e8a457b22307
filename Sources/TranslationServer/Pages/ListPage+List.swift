// Which rows there are: chosen, sorted, and made for as much of them as is in sight.

extension ListPage {
  static let list = #"""
    const rows = new Map();
    let order = [], filter = null, sorting = "newest", sought = "";
    let shallReorder = true, reorderedAt = -Infinity, drawnAt = -Infinity, isDrawing = false;
    // The row that the keys move from.
    let current = null;
    const ended = {};
    const isFiltered = () => filter !== null || sought !== "";
    const narrow = matchMedia("(max-width: 48rem)");
    const stateOrder = { running: 0, pending: 1, error: 2, cancelled: 3, completed: 4 };
    const newer = (a, b) => b.made - a.made || (a.id < b.id ? -1 : 1);
    const orders = {
      newest: newer,
      progress: (a, b) => (b.progress ?? -1) - (a.progress ?? -1) || newer(a, b),
      state: (a, b) => stateOrder[a.status] - stateOrder[b.status] || newer(a, b),
    };

    // Ten times a second is as much as an eye can read, however many updates come.
    function draw(wait = Math.max(0, drawnAt + 100 - performance.now())) {
      if (isDrawing) return;
      isDrawing = true;
      const frame = () => requestAnimationFrame(now => { isDrawing = false; drawnAt = now; drawNow(); });
      if (wait > 0) setTimeout(frame, wait); else frame();
    }

    function drawNow() {
      const since = performance.now() - reorderedAt;
      // Rows that change places all the time cannot be read.
      if (shallReorder && since > (sorting === "newest" && jobs.size < 5000 ? 90 : 1000)) reorder();
      const height = (narrow.matches ? 6.75 : 3.625) * parseFloat(getComputedStyle(document.documentElement).fontSize);
      const host = at("rows");
      host.style.setProperty("--row", `${height}px`);
      host.style.height = `${order.length * height}px`;
      const top = host.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(-top / height) - 3);
      const last = Math.min(order.length, Math.ceil((innerHeight - top) / height) + 3);
      const shown = order.slice(first, last);
      // A row with the focus stays, wherever it is.
      const focused = document.activeElement?.closest?.("#rows .row");
      const isListed = focused && order[focused.job.index] === focused.job;
      if (isListed && focused.job.index < first) shown.unshift(focused.job);
      if (isListed && focused.job.index >= last) shown.push(focused.job);
      place(host, shown, height);
      if (focused && !isListed) focusRow(Math.min(focused.job.index, order.length - 1));
      fillCounts();
      if (shallReorder) draw(250);
    }

    function place(host, shown, height) {
      const isShown = new Set(shown);
      for (const [id, row] of rows) {
        if (isShown.has(row.job)) continue;
        row.remove();
        rows.delete(id);
      }
      shown.forEach((job, position) => {
        let row = rows.get(job.id);
        if (!row) rows.set(job.id, row = makeRow(job));
        if (host.children[position] !== row) {
          const holder = document.activeElement;
          host.insertBefore(row, host.children[position] ?? null);
          if (row.contains(holder)) holder.focus({ preventScroll: true });
        }
        const y = job.index * height;
        if (row.y !== y) row.style.transform = `translateY(${row.y = y}px)`;
        tell(row, "aria-rowindex", `${job.index + 2}`);
        const isCurrent = current === job.id || (!rows.has(current) && position === 0);
        tell(row.link, "tabindex", isCurrent ? "0" : "-1");
        tell(row.cancel, "tabindex", isCurrent ? "0" : "-1");
        if (job.isStale) fill(row);
      });
    }

    function reorder(keepsPlace = true) {
      // What is being looked at stays where it is when others come before it.
      const host = at("rows"), held = keepsPlace && host.getBoundingClientRect().top < 0
        ? [...rows.values()].find(row => row.getBoundingClientRect().top >= 0) : null;
      const before = held?.job.index;
      // Words that begin like those that are sought, or an id that does.
      const beginnings = wordsOf(sought).map(word => ` ${word}`);
      const isSought = job => (filter === null || job.status === filter) && (!sought
        || beginnings.length > 0 && beginnings.every(word => job.text.includes(word))
        || job.id.toLowerCase().startsWith(sought));
      order = [...jobs.values()].filter(isSought).sort(orders[sorting]);
      order.forEach((job, index) => { job.index = index; });
      shallReorder = false;
      reorderedAt = performance.now();
      tell(at("table"), "aria-rowcount", `${order.length + 1}`);
      at("empty").hidden = order.length > 0 || !isFiltered();
      at("table").hidden = order.length === 0;
      at("hint").hidden = jobs.size !== 1 || isFiltered();
      if (held && order[held.job.index] === held.job && held.job.index !== before) {
        scrollBy(0, (held.job.index - before) * held.offsetHeight);
      }
    }

    function choose(change) {
      change();
      reorder(false);
      draw(0);
    }

    function fillCounts() {
      for (const button of at("counts").children) {
        const word = button.dataset.word;
        say(button.lastChild, (word === "all" ? jobs.size : counts[word]).toLocaleString("en"));
        tell(button, "aria-pressed", `${(filter ?? "all") === word}`);
      }
    }

    for (const word of ["all", ...words]) {
      const button = make("button", at("counts"), "", { type: "button", "data-word": word });
      if (word !== "all") {
        button.dataset.status = word;
        make("span", button, "dot", { "aria-hidden": "true" });
      }
      button.append(word, " ");
      make("b", button);
      button.onclick = () => choose(() => { filter = word === "all" || filter === word ? null : word; });
    }
    at("search").oninput = () => choose(() => { sought = at("search").value.trim().toLowerCase(); });
    at("sort").onchange = () => choose(() => { sorting = at("sort").value; });
    const showAll = () => choose(() => { filter = null; sought = at("search").value = ""; });
    at("all").onclick = () => { showAll(); at("search").focus(); };
    addEventListener("scroll", () => draw(0), { passive: true });
    addEventListener("resize", () => draw(0));
    """#
}
