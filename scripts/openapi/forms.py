"""What schemathesis cannot know of the forms of a request."""
import json
import os
import random
import re
import uuid

import schemathesis
from schemathesis.core import NotSet

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
# What opens everything, at a server that wants tokens.
TOKEN = os.environ.get("TOKEN")
VALID_KEY = re.compile("[ -~]{1,255}")


@schemathesis.hook
def before_call(context, case, kwargs):
    # Accept is no parameter in OpenAPI, so only one form of a resource would ever be asked for.
    forms = {form for _, answer in case.operation.responses.items() for form in answer.definition.get("content", {})}
    forms.discard("application/problem+json")
    if TOKEN and case.path != "/":
        # Pages are open.
        forms.discard("text/html")
        # The token is sent once: in the header, where schemathesis puts it.
        case.query.pop("access_token", None)
    if TOKEN and case.method.upper() != case.operation.method.upper():
        # A method that is not in the document might change something: who has no token is not told that there is none.
        case.headers["Authorization"] = "Bearer " + TOKEN
    if forms:
        case.headers.setdefault("Accept", random.choice(sorted(forms) + ["*/*"]))
    # A key is drawn anew for each request; one that was used for another is refused.
    if VALID_KEY.fullmatch(case.headers.get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Content of these "might lead some implementations to reject the request" (RFC 9110, 9.3): it is refused as
    # malformed before anybody asks whether there is such a method.
    if case.method in ("DELETE", "TRACE"):
        case.body = NotSet()


@schemathesis.hook
def filter_body(context, body):
    """Without language tags that a pattern cannot tell from well-formed ones: no variant, no singleton comes twice."""
    tags = [body.get(name) for name in ("source", "target")] if isinstance(body, dict) else []
    parts = [tag.lower().split("-") for tag in tags if isinstance(tag, str)]
    return all(len(set(some)) == len(some) for some in parts)


@schemathesis.serializer(*LINES)
def to_lines(context, value):
    values = value if isinstance(value, list) else [value]
    return {"data": "\n".join(json.dumps(value) for value in values).encode()}


@schemathesis.deserializer(*LINES)
def from_lines(context, response):
    return [json.loads(line) for line in response.content.splitlines()]
