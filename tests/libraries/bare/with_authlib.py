import json
import os
import urllib.request

from authlib.jose import JsonWebKey, jwt

with urllib.request.urlopen(f"{os.environ['SALLYPORT_ISSUER']}/.well-known/jwks.json") as answer:
    keys = JsonWebKey.import_key_set(json.load(answer))


def verify(token):
    claims = jwt.decode(token, keys)
    claims.validate()
    return claims
