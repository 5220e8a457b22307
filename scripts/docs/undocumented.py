"""Ends with an error if a public symbol has no documentation of its own. undocumented.py GRAPH…

What the compiler makes is left out, and what only says which type stands for a protocol's associated one."""
import json
import pathlib
import sys
import urllib.parse

missing, count = [], 0
for path in map(pathlib.Path, sys.argv[1:]):
    graph = json.loads(path.read_text())
    module = graph["module"]["name"]
    for symbol in graph["symbols"]:
        # Nothing that stands in a source file: the compiler's.
        if "location" not in symbol or symbol["accessLevel"] not in ("public", "open"):
            continue
        if symbol["kind"]["identifier"] == "swift.typealias" and symbol["pathComponents"][-1] in ("Element", "Failure"):
            continue
        count += 1
        # That of a protocol's requirement is given to what fulfils it, with the protocol's module.
        if symbol.get("docComment", {}).get("module") != module:
            file = urllib.parse.unquote(symbol["location"]["uri"]).removeprefix("file://")
            line = symbol["location"]["position"]["line"] + 1
            missing.append(f"{file}:{line}: {'.'.join(symbol['pathComponents'])} is not documented")
print("\n".join(sorted(missing)), end="\n" if missing else "")
print(f"{count} public symbols, {len(missing)} without documentation")
sys.exit(bool(missing))
