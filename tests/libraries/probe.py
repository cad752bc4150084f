"""Prints for each token of standard input its user, or "refused" and the error."""

import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("verifier", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
for line in sys.stdin:
    try:
        print(json.dumps({"for": verifier.verify(json.loads(line))["sub"]}))
    except Exception as error:
        print(json.dumps({"refused": type(error).__name__}))
