// What a person does: make a translation, cancel one, move by keys.

extension ListPage {
  static let actions = #"""
    let quiet;
    function notice(text) {
      say(at("notice"), text);
      clearTimeout(quiet);
      quiet = setTimeout(() => say(at("notice"), ""), 6000);
    }

    for (const button of document.querySelectorAll("[data-close]")) {
      button.onclick = () => button.closest("dialog").close();
    }

    // MARK: Making

    const form = at("making").querySelector("form"), fields = form.elements;
    // The same for a request that is sent again: it is then made once.
    let key = null;

    function wrong(text, name) {
      say(at("making-error"), text);
      for (const field of ["source", "target", "title", "seconds"]) {
        tell(fields[field], "aria-invalid", field === name ? "true" : null);
      }
      if (name) fields[name].focus();
    }

    at("new").onclick = () => { wrong(""); at("making").showModal(); fields.source.select(); };
    form.oninput = () => { key = null; };
    form.onsubmit = async event => {
      event.preventDefault();
      const { source, target, title, seconds, fails } = fields;
      const wanted = { source: source.value.trim(), target: target.value.trim() };
      if (title.value.trim()) wanted.title = title.value.trim();
      // What is no number reads as empty.
      if (seconds.validity.badInput) return wrong("The seconds have to be a number.", "seconds");
      if (seconds.value || fails.checked) {
        const time = Number(seconds.value);
        wanted.simulate = { seconds: time, steps: Math.min(1000, Math.max(1, Math.round(time * 4))), fail: fails.checked };
      }
      key ??= Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join("-");
      const submit = form.querySelector("[type=submit]");
      submit.disabled = true;
      try {
        const made = await ask(`${root}translations`, {
          method: "POST", body: JSON.stringify(wanted),
          headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        });
        key = null;
        current = made.id;
        at("making").close();
        fields.title.value = "";
        notice(`Made: ${nameOf(made)}`);
      } catch (error) {
        const field = error.field?.startsWith("simulate") ? "seconds" : error.field;
        wrong(error.status ? error.message : "The server cannot be reached.", field in fields ? field : undefined);
        if (error.wantsToken) {
          at("making").close();
          // With all that was typed.
          askForToken(error.message, () => at("new").click());
        }
      }
      submit.disabled = false;
    };

    // MARK: Cancelling

    let ending = null;
    function confirmEnd(job) {
      if (!job || finals.includes(job.status)) return;
      ending = job;
      say(at("ending-words"), `“${nameOf(job)}” ends for everybody who waits for it, and cannot be taken up again.`);
      at("ending").showModal();
    }

    at("end").onclick = async () => {
      const job = ending;
      at("ending").close();
      try {
        await ask(`${root}translations/${encodeURIComponent(job.id)}`, { method: "DELETE" });
        notice(`Cancelled: ${nameOf(job)}`);
      } catch (error) {
        if (error.wantsToken) return askForToken(error.message, () => confirmEnd(job));
        notice(error.status ? error.message : "The server cannot be reached.");
      }
    };
    """#

  static let keys = #"""
    let usesLetters = true;
    try { usesLetters = localStorage.getItem("letters") !== "no"; } catch { /* Then it is not kept. */ }
    at("letters").checked = usesLetters;
    at("letters").onchange = () => {
      usesLetters = at("letters").checked;
      try { localStorage.setItem("letters", usesLetters ? "yes" : "no"); } catch { /* Not kept. */ }
    };
    at("keys").onclick = () => at("help").showModal();

    function enter(id) {
      current = id;
      draw(0);
    }

    function focusRow(index) {
      const job = order[Math.max(0, Math.min(index, order.length - 1))];
      if (!job) return at("search").focus();
      current = job.id;
      const height = at("rows").offsetHeight / order.length, top = at("rows").getBoundingClientRect().top + job.index * height;
      const above = narrow.matches ? 0 : at("tools").offsetHeight;
      if (top < above) scrollBy(0, top - above);
      if (top + height > innerHeight) scrollBy(0, top + height - innerHeight);
      drawNow();
      rows.get(job.id)?.link.focus({ preventScroll: true });
    }

    const letters = {
      "/": () => { at("search").focus(); at("search").select(); },
      "n": () => at("new").click(),
      "?": () => at("help").showModal(),
      "x": () => confirmEnd(jobs.get(document.activeElement.closest("#rows .row")?.job.id)),
    };
    ["all", ...words].forEach((word, number) => {
      letters[number] = () => choose(() => { filter = word === "all" ? null : word; });
    });

    addEventListener("keydown", event => {
      if (event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
      const row = document.activeElement.closest("#rows .row");
      const isTyping = document.activeElement.matches("input, select");
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
      if (event.key === "Escape") {
        if (row) at("search").focus();
        if (isFiltered()) showAll(); else if (isTyping) document.activeElement.blur();
      } else if (event.key in moves && !event.altKey && (row || event.key === "ArrowDown" && !document.activeElement.matches("select"))) {
        const known = jobs.get(current)?.index;
        focusRow(row ? row.job.index + moves[event.key] : order[known]?.id === current ? known : 0);
      } else if (letters[event.key] && !isTyping && usesLetters !== event.altKey) {
        letters[event.key]();
      } else {
        return;
      }
      event.preventDefault();
    });

    // MARK: What passes with the time

    let tellsAt = 0;
    // For those who listen: what has ended, and not each update.
    function summarize() {
      const parts = finals.filter(word => ended[word]).map(word => `${ended[word]} ${word}`);
      if (!parts.length || clock() < tellsAt) return;
      tellsAt = clock() + 15_000;
      say(at("summary"), `Newly ${parts.join(", ")}. ${counts.running} running, ${counts.pending} pending.`);
      for (const word of finals) delete ended[word];
    }

    setInterval(() => {
      if (retryAt !== null && clock() >= retryAt) connect();
      showState();
      const state = stopped ?? (lostAt === null ? null : "lost");
      const news = state ? `${state} · ` : counts.running ? `${counts.running} running · ` : "";
      document.title = `${news}Translations`;
      summarize();
      if (lostAt === null) for (const row of rows.values()) if (!finals.includes(row.job.status)) fillElapsed(row);
    }, 1000);
    setInterval(plot, 500);
    // Nobody tells when the server lets go of an old translation: asks for all anew now and then.
    setInterval(() => { if (lostAt === null && !stopped) connect(true); }, 3600_000);
    drawScale();
    connect();
    lookAtName();
    draw(0);
    """#
}
