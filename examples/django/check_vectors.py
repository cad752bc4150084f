"""Verifies every token of a file of test vectors, at the time in the file: `python3 check_vectors.py FILE` prints the results."""

import json
import sys

from django.conf import settings

settings.configure()

import django  # noqa: E402

django.setup()

from sallyport import KeySet, Revocations, TokenRefused, Verifier  # noqa: E402




def main(file):
    with open(file, encoding="utf-8") as stream:
        vectors = json.load(stream)
    verifier = Verifier(
        issuer=vectors["issuer"],
        audience=vectors["audience"],
        keys=KeySet("the file", fetch=lambda: vectors["jwks"]),
        revocations=Revocations(),
        clock=lambda: vectors["now"],
    )

    def verdict(token):
        try:
            verifier.verify(token)
            return "accepted"
        except TokenRefused as refused:
            return refused.detail["code"]

    print(json.dumps([[case["name"], verdict(case["token"])] for case in vectors["cases"]]))


if __name__ == "__main__":
    main(sys.argv[1])
