#!/usr/bin/env python3
"""What is true of a server that wants tokens: takes in an OpenAPI document, and gives it out without `{}` among the
ways to meet an operation's security, which is there for servers that want none. The page at `/` keeps it, for it is open.
"""
import json
import sys

document = json.load(sys.stdin)
for path, item in document["paths"].items():
    for operation in item.values():
        if path != "/" and isinstance(operation, dict):
            operation["security"] = [way for way in operation["security"] if way]
json.dump(document, sys.stdout)
