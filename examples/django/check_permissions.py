"""Reads a file of test vectors about permissions: `python3 check_permissions.py FILE` prints what the class makes of them."""

import json
import sys

from django.conf import settings

with open(sys.argv[1], encoding="utf-8") as stream:
    VECTORS = json.load(stream)

settings.configure(
    SALLYPORT={
        "ISSUER": VECTORS["issuer"],
        "AUDIENCE": VECTORS["audience"],
        "VERIFIER_SECRET": "not-used",
        "ACCESS": VECTORS["definition"],
    }
)

import django  # noqa: E402

django.setup()

from sallyport import Access, HasPermission, HasRole, KeySet, Revocations, Verifier  # noqa: E402


def permissions(access):
    keys = KeySet("the file", fetch=lambda: VECTORS["jwks"])
    verifier = Verifier(VECTORS["issuer"], VECTORS["audience"], keys, Revocations(), clock=lambda: VECTORS["now"], access=access)
    return [[case["name"], verifier.verify(case["token"]).permissions] for case in VECTORS["cases"]]


def fault_of_guard(kind, name):
    try:
        HasRole(name) if kind == "role" else HasPermission(name)
        return None
    except TypeError as error:
        return str(error)


def is_definition(given):
    try:
        Access(given)
        return True
    except ValueError:
        return False


print(
    json.dumps(
        {
            "withDefinition": permissions(Access(VECTORS["definition"])),
            "withoutDefinition": permissions(None),
            "faults": [fault_of_guard(one["kind"], one["name"]) for one in VECTORS["names"]],
            "accepted": [wrong for wrong in VECTORS["wrongDefinitions"] if is_definition(wrong)],
        }
    )
)
