import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeNextRequest, NodeNextResponse } from 'next/dist/server/base-http/node.js'
import { sendResponse } from 'next/dist/server/send-response.js'
import {
  NextRequestAdapter,
  signalFromNodeResponse,
} from 'next/dist/server/web/spec-extension/adapters/next-request.js'
import { onTestFinished } from 'vitest'
import { type AuthOptions, readConfig } from '../../packages/next/src/config/config.ts'
import { customIssuer } from '../../packages/next/src/config/custom-issuer.ts'
import { createHandlers, type Handlers } from '../../packages/next/src/server/handlers.ts'
import { runtimeFor } from '../../packages/next/src/session/runtime.ts'
import { optionsFor } from '../../packages/next/src/testing/custom-pages.ts'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import { startStrictBackend } from '../../packages/next/src/testing/strict-backend.ts'

export const appOrigin = 'http://localhost:3000'

/**
 * Starts the SDK's handlers behind a Node server that creates requests and sends responses with Next's own code. A user is signed in. `own`
 * has the headers that the user's browser sends.
 */
export async function startFront(options: AuthOptions) {
  const issuer = await startStrictBackend()
  const config = readConfig(
    {
      app: appOrigin,
      issuer: customIssuer({ ...optionsFor(issuer.url) }),
      apiPaths: ['/things'],
      trustedProxyHops: 1,
      ...options,
    },
    {},
  )
  const runtime = runtimeFor(config)
  const handlers = createHandlers(() => runtime)
  const page = openPage(runtime)
  await page.ask('POST', 'login', {
    body: JSON.stringify({ email: 'ada@example.com', password: 'right' }),
    headers: { origin: config.appUrl.origin },
  })
  const cookie = Object.entries(page.jar())
    .map((pair) => pair.join('='))
    .join('; ')

  const server = createServer({ requestTimeout: 0 }, async (request, response) => {
    const handler = handlers[request.method as keyof Handlers]
    const asked = new NodeNextRequest(request)
    const signal = signalFromNodeResponse(response)
    try {
      const answer = await handler(NextRequestAdapter.fromNodeNextRequest(asked, signal))
      await sendResponse(asked, new NodeNextResponse(response), answer)
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const own = { cookie, origin: config.appUrl.origin, 'sec-fetch-site': 'same-origin' }
  return {
    url: `http://127.0.0.1:${port}/api`,
    port,
    own,
    runtime,
    page,
    issuer,
    accessToken: page.jar().accessToken ?? '',
  }
}
