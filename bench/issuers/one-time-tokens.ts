import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { paths } from '@sallyport/protocol/endpoints'
import { createTokenSigner } from './token-signer.ts'

/**
 * An issuer that creates access tokens as fast as a load generator uses them. A real one hashes a password for each sign-in, so it cannot
 * supply tens of thousands of tokens that are each used once.
 */
export async function startOneTimeIssuer() {
  let body = ''
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const signer = await createTokenSigner(issuer)
  body = JSON.stringify(signer.keySet)

  return {
    issuer,
    jwksUrl: issuer + paths.jwks,
    publicKey: signer.keySet.keys[0],
    newTokens: (count: number): string[] => Array.from({ length: count }, signer.newToken),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
