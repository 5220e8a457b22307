"""Reads Prometheus metrics with Prometheus' own parser, and checks what a scraper would.

    metrics.py URL NAME…        each NAME has to be there
"""
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

url, names = sys.argv[1], sys.argv[2:]
families, samples = {}, {}
for family in text_string_to_metric_families(urllib.request.urlopen(url).read().decode()):
    if family.name in families:
        sys.exit("metrics: %s is there twice" % family.name)
    if family.type not in ("counter", "gauge", "histogram") or not family.documentation.endswith("."):
        sys.exit("metrics: %s has no type or no help" % family.name)
    families[family.name] = family
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        if key in samples:
            sys.exit("metrics: %s is there twice" % (key,))
        samples[key] = sample.value
        if family.type == "counter" and not sample.name.endswith("_total"):
            sys.exit("metrics: the counter %s does not end with _total" % sample.name)
for name, family in families.items():
    if family.type == "histogram":
        counts = [sample.value for sample in family.samples if sample.name == name + "_bucket"]
        total = samples[(name + "_count", ())]
        if counts != sorted(counts) or counts[-1] != total:
            sys.exit("metrics: the buckets of %s do not add up" % name)
missing = [name for name in names if name not in families]
if missing:
    sys.exit("metrics: %s is not there" % ", ".join(missing))
print("%d metrics in %d samples" % (len(families), len(samples)))
