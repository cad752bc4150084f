import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { type AccessTokenClaims, accessTokenType } from '@sallyport/protocol'
import { calculateJwkThumbprint } from 'jose'

/** Signs access tokens as our auth server does (ES256). Each token is for a different session. */
export async function createTokenSigner(issuer: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint({ ...jwk, kty: 'EC' })
  const header = encode({ alg: 'ES256', typ: accessTokenType, kid })

  return {
    keySet: { keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] },
    newToken(): string {
      const now = Math.floor(Date.now() / 1000)
      const claims: AccessTokenClaims = {
        iss: issuer,
        aud: ['billing-api', 'billing-web'],
        sub: randomUUID(),
        sid: randomUUID(),
        ver: 0,
        jti: randomUUID(),
        iat: now,
        exp: now + 600,
        auth_time: now,
        amr: ['pwd'],
        roles: ['member'],
        permissions: ['invoice:read', 'invoice:write', 'customer:read'],
      }
      const input = `${header}.${encode(claims)}`
      const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
