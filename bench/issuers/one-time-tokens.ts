import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccessTokenClaims, accessTokenType, paths } from '@sallyport/protocol'
import { calculateJwkThumbprint } from 'jose'

/**
 * An issuer that hands out access tokens as fast as a load generator spends them. A real one hashes a password for each
 * sign-in, so tens of thousands of tokens, each used once, are not to be had from it.
 */
export async function startOneTimeIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint({ ...jwk, kty: 'EC' })
  const body = JSON.stringify({ keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] })
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const header = encode({ alg: 'ES256', typ: accessTokenType, kid })

  function newToken(): string {
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
  }

  return {
    issuer,
    jwksUrl: issuer + paths.jwks,
    newTokens: (count: number): string[] => Array.from({ length: count }, newToken),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
