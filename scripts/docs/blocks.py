"""Makes a Swift file of each Swift code block, to be type-checked. blocks.py DIRECTORY PAGE…

A block is the body of a function, asynchronous if it awaits something, behind its imports; what it takes for granted is
in Given.swift. A block of a package's manifest is passed over."""
import pathlib
import re
import sys

directory = pathlib.Path(sys.argv[1])
directory.mkdir(parents=True)
count = 0
for page in map(pathlib.Path, sys.argv[2:]):
    text = page.read_text()
    for block in re.finditer(r"^```swift\n(.*?)^```$", text, re.M | re.S):
        code = block[1]
        if code.startswith("// Package.swift"):
            continue
        count += 1
        line = text.count("\n", 0, block.start(1)) + 1
        imports = [each for each in code.splitlines() if re.match(r"import \w+$", each)]
        body = re.sub(r"^import \w+$", "", code, flags=re.M)
        effects = "async throws" if re.search(r"\bawait\b", code) else "throws"
        (directory / f"Block{count}.swift").write_text("\n".join([
            *(imports or ["import " + (page.parent.stem or "TranslationClient")]),
            f"func block{count}() {effects} {{",
            f'#sourceLocation(file: "{page}", line: {line})',
            body + "#sourceLocation()",
            "}\n"]))
print(f"{count} code blocks")
