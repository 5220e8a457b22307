// What time it is by the server's clock, which dates each status.

extension Page {
  /// Needs `root`, the relative URL of the server's first page.
  static let clock = #"""
    // Milliseconds since 1970 by this browser, which never go back.
    const clock = () => performance.timeOrigin + performance.now();
    // The server's are so far ahead of them, give or take the doubt. Without a doubt the clocks are assumed equal.
    let ahead = null, doubt = null, isComparing = false;

    // How finely this browser tells the time: some tell no more than whole milliseconds.
    const grain = Math.min(...Array.from({ length: 3 }, () => {
      const start = performance.now();
      let now = start;
      while (now === start) now = performance.now();
      return now - start;
    }));

    // By NTP's four timestamps (RFC 5905, 8), of several questions the one that took least.
    async function compareClocks() {
      if (isComparing) return;
      isComparing = true;
      const url = new URL(`${root}time`, location).href;
      let best = null;
      try {
        for (let round = 0; round < 8; round++) {
          let asked = clock();
          const answer = await fetch(url, { cache: "no-store" });
          let answered = clock();
          const { received, sent } = await answer.json();
          // When it was on the wire, and not when this page had its turn.
          const { requestStart, responseStart } = performance.getEntriesByName(url).at(-1) ?? {};
          performance.clearResourceTimings();
          if (requestStart && responseStart) {
            asked = performance.timeOrigin + requestStart;
            answered = performance.timeOrigin + responseStart;
          }
          const way = answered - asked - (sent - received) * 1000;
          if (!Number.isFinite(way)) throw new TypeError("not the time");
          if (!best || way < best.way) best = { way, ahead: (received * 1000 - asked + sent * 1000 - answered) / 2 };
        }
      } catch { /* With what was learned so far. */ }
      if (best) [ahead, doubt] = [best.ahead, Math.max(best.way, 0) / 2 + grain];
      ahead ??= Date.now() - clock();
      isComparing = false;
      showClocks();
    }

    // Clocks drift, and a machine that slept has missed some time.
    setInterval(() => { if (!document.hidden) compareClocks(); }, 60_000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) compareClocks(); });
    """#
}
