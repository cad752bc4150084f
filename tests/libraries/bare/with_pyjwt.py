import os

import jwt

keys = jwt.PyJWKClient(f"{os.environ['SALLYPORT_ISSUER']}/.well-known/jwks.json")


def verify(token):
    """As at the beginning of the documentation of PyJWKClient. Without an audience, PyJWT refuses every token that has one."""
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=["ES256"], audience="billing-api")
