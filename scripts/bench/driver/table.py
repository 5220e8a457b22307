"""Figures and judgements, as a table for people and as JSON."""
import statistics


class Table:
    """Each row is a figure with its noise; some have a target that the median meets or not."""

    def __init__(self):
        self.sections = []

    def section(self, title, note=None):
        print("\n%s\n%s" % (title, "-" * len(title)))
        if note:
            print(note)
        self.sections.append({"title": title, "note": note, "rows": []})

    def figure(self, name, samples, unit, at_least=None, at_most=None):
        median, low, high = statistics.median(samples), min(samples), max(samples)
        row = {"name": name, "unit": unit, "median": median, "min": low, "max": high, "samples": list(samples)}
        judgement = ""
        if at_least is not None or at_most is not None:
            row["target"] = {"at_least": at_least} if at_least is not None else {"at_most": at_most}
            row["met"] = median >= at_least if at_least is not None else median <= at_most
            judgement = "%s %s  %s" % ("≥" if at_least is not None else "≤", number(at_most if at_least is None else at_least),
                                       "met" if row["met"] else "NOT MET")
        self.sections[-1]["rows"].append(row)
        spread = "%s..%s" % (number(low), number(high)) if len(samples) > 1 else ""
        print("  %-56s %9s %-12s %-18s %s" % (name, number(median), unit, spread, judgement), flush=True)

    def missing(self, name, reason):
        self.sections[-1]["rows"].append({"name": name, "missing": reason})
        print("  %-56s %s" % (name, reason), flush=True)

    def close(self):
        judged = [row for section in self.sections for row in section["rows"] if "met" in row]
        if judged:
            print("\n%d of %d targets met" % (sum(row["met"] for row in judged), len(judged)))


def number(value):
    """Three significant digits, without powers of ten."""
    if value == 0 or abs(value) >= 100:
        return format(value, ",.0f")
    return format(value, ".%df" % (1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3))
