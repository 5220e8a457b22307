// How long updates are on their way: three numbers and a plot of the last minute.

extension ListPage {
  static let delays = #"""
    // A slot is half a second, and keeps up to so many of its delays.
    const slots = [], slotCount = 120, slotSize = 400, sparkSize = 28;
    let slot = { count: 0, delays: [] };
    // The last thousand of all.
    const recent = new Float64Array(1000);
    let recentCount = 0;
    // What the plots' whole height stands for, in milliseconds.
    let scale = 10;

    function addDelay(job, delay) {
      job.delay = delay;
      job.delays.push(delay);
      if (job.delays.length > sparkSize) job.delays.shift();
      recent[recentCount++ % recent.length] = delay;
      slot.count += 1;
      if (slot.delays.length < slotSize) slot.delays.push(delay);
      else if (Math.random() < slotSize / slot.count) slot.delays[Math.floor(Math.random() * slotSize)] = delay;
    }

    const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
    const sorted = delays => Float64Array.from(delays).sort();

    function milliseconds(delay) {
      const size = Math.abs(delay);
      const text = size < 9.95 ? size.toFixed(1) : size < 999.5 ? size.toFixed(0) : (size / 1000).toFixed(1);
      return `${delay < 0 && Number(text) ? "−" : ""}${text} ${size < 999.5 ? "ms" : "s"}`;
    }

    // Heights go by the logarithm, from a tenth of a millisecond: most are near one, and a few are far from it.
    const height = delay => Math.max(0.05, Math.min(1, Math.log10(Math.max(delay, 0.1) / 0.1) / Math.log10(scale / 0.1)));

    // A column a value, of an area that is so high: one path.
    function columns(delays, first, area) {
      let path = "";
      delays.forEach((delay, index) => {
        if (delay === null) return;
        path += `M${first + index + .15} ${area}V${(area - height(delay) * area).toFixed(2)}h.7V${area}z`;
      });
      return path;
    }

    // A line for each power of ten, named on the left.
    function drawScale() {
      at("lines").replaceChildren();
      at("scale").replaceChildren();
      for (let line = 1; line <= scale; line *= 10) {
        const y = 40 - height(line) * 40;
        drawing("path", at("lines"), { d: `M0 ${y}H120` });
        make("span", at("scale")).textContent = milliseconds(line).replace(".0", "");
        at("scale").lastChild.style.top = `${y / .4}%`;
      }
    }

    function plot() {
      const delays = sorted(slot.delays);
      slots.push(delays.length ? { count: slot.count, middle: quantile(delays, .5), high: quantile(delays, .95) }
        : { count: 0, middle: null, high: null });
      slot = { count: 0, delays: [] };
      if (slots.length > slotCount) slots.shift();
      if (document.hidden) return;
      const decade = 10 ** Math.ceil(Math.log10(Math.max(10, ...slots.map(one => one.high ?? 0))));
      if (decade !== scale) {
        scale = decade;
        drawScale();
        for (const row of rows.values()) row.job.isStale = true;
        draw();
      }
      at("high").setAttribute("d", columns(slots.map(one => one.high), slotCount - slots.length, 40));
      at("middle").setAttribute("d", columns(slots.map(one => one.middle), slotCount - slots.length, 40));
      const seconds = slots.slice(-10);
      const rate = seconds.reduce((sum, one) => sum + one.count, 0) / (seconds.length / 2);
      say(at("rate"), rate < 9.95 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en"));
      if (recentCount === 0) return;
      const all = sorted(recent.subarray(0, Math.min(recentCount, recent.length)));
      say(at("median"), milliseconds(quantile(all, .5)));
      say(at("most"), milliseconds(quantile(all, .95)));
    }

    function showClocks() {
      const off = clock() + ahead - Date.now();
      const gap = Math.abs(off) < 500 ? "" : `; this browser's is ${milliseconds(Math.abs(off))} ${off > 0 ? "behind" : "ahead"}`;
      say(at("clocks"), doubt === null ? ", if the clocks of the server and this browser agree"
        : `, right to ± ${milliseconds(doubt)} by a comparison of the server's clock with this browser's${gap}`);
    }
    """#
}
