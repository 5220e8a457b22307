// One row of the list: made when it comes into sight, filled when what it shows has changed.

extension ListPage {
  static let rows = #"""
    function make(name, parent, className, attributes = {}) {
      const element = document.createElement(name);
      if (className) element.className = className;
      for (const attribute in attributes) element.setAttribute(attribute, attributes[attribute]);
      parent?.append(element);
      return element;
    }

    function drawing(name, parent, attributes) {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const attribute in attributes) element.setAttribute(attribute, attributes[attribute]);
      parent.append(element);
      return element;
    }

    // Sets what has changed, and nothing else: what is set is laid out and painted anew.
    function say(node, text) {
      if (node.said === text) return;
      node.said = text;
      node.textContent = text;
    }
    function tell(node, attribute, value) {
      const said = node.told ??= {};
      if (said[attribute] === value) return;
      said[attribute] = value;
      if (value === null) node.removeAttribute(attribute); else node.setAttribute(attribute, value);
    }

    function makeRow(job) {
      const row = make("div", null, "row", { role: "row" });
      const cell = name => make("div", row, name, { role: "cell" });
      const what = cell("what");
      const link = make("a", what, "", { href: `${root}translations/${encodeURIComponent(job.id)}/status`, tabindex: "-1" });
      const about = make("span", what, "about");
      const status = cell("status");
      make("span", status, "dot", { "aria-hidden": "true" });
      const word = make("span", status);
      const progress = cell("progress");
      const bar = make("div", progress, "bar", { role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" });
      const done = make("i", bar), percent = make("span", progress, "percent", { "aria-hidden": "true" });
      const elapsed = cell("elapsed"), delay = cell("delay"), last = cell("end");
      const spark = drawing("path", drawing("svg", delay,
        { class: "spark", viewBox: `0 0 ${sparkSize} 10`, preserveAspectRatio: "none", "aria-hidden": "true" }), {});
      const latency = make("span", delay);
      const cancel = make("button", last, "cancel", { type: "button", tabindex: "-1" });
      drawing("path", drawing("svg", cancel, { viewBox: "0 0 8 8", "aria-hidden": "true" }), { d: "M1 1l6 6M7 1l-6 6" });
      link.onfocus = cancel.onfocus = () => enter(job.id);
      cancel.onclick = () => confirmEnd(job);
      job.isStale = true;
      return Object.assign(row, { job, link, about, word, bar, done, percent, elapsed, latency, spark, cancel });
    }

    function fill(row) {
      const { job } = row;
      const name = nameOf(job), isFinal = finals.includes(job.status);
      tell(row, "data-status", job.status);
      say(row.link, name);
      const tongues = job.title && job.source ? `${job.source} → ${job.target}` : null;
      say(row.about, [tongues, job.message].filter(Boolean).join(" · ") || job.id);
      say(row.word, job.status);
      const part = typeof job.progress === "number" ? job.progress : job.status === "completed" ? 1 : null;
      const percent = part === null ? null : Math.floor(part * 100);
      // Sets the width as a style of its own, which the policy allows to scripts.
      if (row.shown !== (part ?? 0)) row.done.style.transform = `scaleX(${row.shown = part ?? 0})`;
      say(row.percent, percent === null ? "" : `${percent} %`);
      tell(row.bar, "aria-label", `Progress of ${name}`);
      tell(row.bar, "aria-valuenow", percent === null ? null : `${percent}`);
      tell(row.bar, "aria-valuetext", percent === null ? "unknown" : `${percent} per cent`);
      say(row.latency, job.delay === undefined ? "–" : milliseconds(job.delay));
      tell(row.spark, "d", columns(job.delays, sparkSize - job.delays.length, 10));
      row.cancel.hidden = isFinal;
      tell(row.cancel, "aria-label", `Cancel ${name}`);
      tell(row.cancel, "title", "Cancel");
      fillElapsed(row);
      job.isStale = false;
    }

    function fillElapsed({ job, elapsed }) {
      if (typeof job.created !== "number") return;
      const isFinal = finals.includes(job.status);
      // As of the last moment that is known of.
      const end = isFinal ? job.timestamp : ((lostAt ?? clock()) + ahead) / 1000;
      say(elapsed, duration(Math.max(0, end - job.created), isFinal));
    }

    function duration(seconds, isFinal) {
      if (seconds < 59.95) return isFinal ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds)} s`;
      const [hours, minutes, rest] = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(Math.floor);
      const two = number => `${number}`.padStart(2, "0");
      return hours ? `${hours} h ${two(minutes)} min` : `${minutes} min ${two(rest)} s`;
    }
    """#
}
