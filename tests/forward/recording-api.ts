import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request as it arrived. `body` has the length and the hash of its body. */
export type Recorded = {
  line: string
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: string
  text: string
  isComplete: boolean
}

/** Starts a plain Node server that records requests, and responds as the test says. */
export async function startRecordingApi(later: (end: () => void) => void = onTestFinished) {
  const api = {
    url: '',
    port: 0,
    seen: [] as Recorded[],
    /** Sends the response. Called after the whole request was recorded. */
    answer: ((_, response) => void response.end('ok')) as (
      recorded: Recorded,
      response: ServerResponse,
    ) => void | Promise<void>,
    /** Called when the head of a request has arrived. If it returns true, it has responded itself, and the request is not recorded. */
    early: (_request: IncomingMessage, _response: ServerResponse): boolean => false,
    last: (): Recorded => {
      const last = api.seen.at(-1)
      if (!last) throw new Error('No request has arrived.')
      return last
    },
  }
  const server = createServer({ requestTimeout: 0 }, async (request, response) => {
    if (api.early(request, response)) return
    const hash = createHash('sha256')
    const first: Buffer[] = []
    let size = 0
    const { rawHeaders, headers } = request
    const recorded = { line: `${request.method} ${request.url}`, rawHeaders, headers, body: '', text: '' }
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        hash.update(chunk)
        if (size < 10_000) first.push(chunk)
        size += chunk.length
      }
    } catch {
      api.seen.push({ ...recorded, body: `${size}`, isComplete: false })
      return
    }
    const text = Buffer.concat(first).toString()
    api.seen.push({ ...recorded, body: `${size} ${hash.digest('hex')}`, text, isComplete: true })
    await api.answer(api.last(), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  later(() => {
    server.closeAllConnections()
    server.close()
  })
  api.port = (server.address() as AddressInfo).port
  api.url = `http://127.0.0.1:${api.port}`
  return api
}
