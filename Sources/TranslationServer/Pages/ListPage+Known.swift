// What the page knows of the translations, and how it comes to know it.

extension ListPage {
  static let known = #"""
    const words = ["pending", "running", "completed", "error", "cancelled"];
    const finals = words.slice(2);
    const at = id => document.getElementById(id);

    // By id. What an update tells, what is asked for besides, and what the page itself needs.
    const jobs = new Map();
    const counts = Object.fromEntries(words.map(word => [word, 0]));
    // Those that were told of in this generation are there; a new one begins when all are told again.
    let generation = 0, toldAgain = Infinity;
    let isAsking = false, shallAskAgain = false;

    function update(event) {
      const now = clock();
      let news;
      try { news = JSON.parse(event.data); } catch { return; }
      const { job: id, status, timestamp, progress, message } = news;
      if (typeof id !== "string" || typeof timestamp !== "number" || !words.includes(status)) return;
      let job = jobs.get(id);
      if (!job) {
        // The first status came about when the translation was made. Others wait for its description.
        job = { id, made: status === "pending" ? timestamp : 0, text: "", delays: [] };
        jobs.set(id, job);
        counts[status] += 1;
        shallReorder = true;
      } else if (job.timestamp > timestamp) {
        return toldOf(job);
      } else if (job.status !== status) {
        counts[job.status] -= 1;
        counts[status] += 1;
        if (finals.includes(status)) ended[status] = (ended[status] ?? 0) + 1;
        if (isFiltered() || sorting !== "newest") shallReorder = true;
      } else if (sorting === "progress") {
        shallReorder = true;
      }
      job.status = status;
      job.timestamp = timestamp;
      job.progress = progress;
      job.message = message;
      job.isStale = true;
      // What came about before the connection was told late because of that, and says nothing of the way.
      const madeAt = timestamp * 1000 - ahead;
      if (ahead !== null && madeAt >= openedAt) addDelay(job, now - madeAt);
      if (job.created === undefined) describe();
      toldOf(job);
      draw();
    }

    function toldOf(job) {
      if (job.generation === generation) return;
      job.generation = generation;
      toldAgain -= 1;
      if (toldAgain === 0) sweep();
    }

    // All translations are going to be told of anew: so many of them, if that is known.
    function tellAgain(count = Infinity) {
      generation += 1;
      toldAgain = count;
      if (count === 0) sweep();
    }

    // Those that were not are gone from the server.
    function sweep() {
      toldAgain = Infinity;
      for (const job of jobs.values()) {
        if (job.generation === generation) continue;
        counts[job.status] -= 1;
        jobs.delete(job.id);
        shallReorder = true;
      }
      draw();
    }

    // What a translation is of is not said in an update: asks for the newest ones, as far back as there are unknown ones.
    function describe() {
      shallAskAgain = isAsking;
      if (isAsking) return;
      isAsking = true;
      setTimeout(async () => {
        let unknown = new Set([...jobs.values()].filter(job => job.created === undefined));
        let cursor = "", limit = Math.max(20, unknown.size);
        try {
          while (unknown.size > 0) {
            limit = Math.min(500, limit * 2);
            const page = await ask(`${root}translations?limit=${limit}${cursor && `&cursor=${cursor}`}`);
            for (const one of page.translations) {
              const job = jobs.get(one.id);
              if (!job) continue;
              unknown.delete(job);
              know(job, one);
            }
            shallReorder = true;
            draw();
            cursor = page.next ? encodeURIComponent(page.next) : "";
            if (!cursor) break;
          }
          // Not there any more.
          for (const job of unknown) job.created = null;
        } catch {
          shallAskAgain = false;
          // A connection that is lost asks again when it is back.
          if (lostAt === null) setTimeout(describe, 5000);
        }
        isAsking = false;
        if (shallAskAgain) describe();
      }, 150);
    }

    function know(job, { source, target, title, created }) {
      Object.assign(job, { source, target, title, created, made: created, isStale: true });
      job.text = wordsOf(`${title ?? ""} ${source} ${target}`).map(word => ` ${word}`).join("");
    }

    // Letters and digits, of whatever script.
    const wordsOf = text => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

    const nameOf = job => job.title ?? (job.source ? `${job.source} → ${job.target}` : job.id);
    """#
}
