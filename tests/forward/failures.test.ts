import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../system/free-port.ts'
import { startFront } from './front.ts'
import { exchange } from './raw-exchange.ts'
import { startRecordingApi } from './recording-api.ts'

const quick = { connectSeconds: 0.3, answerSeconds: 0.3, silenceSeconds: 0.3 }
/** For responses that must not be cut off: a busy machine may pause for half a second. */
const patient = { connectSeconds: 5, answerSeconds: 1.5, silenceSeconds: 1.5 }

async function startBoth(apiTimeouts = quick) {
  const api = await startRecordingApi()
  const front = await startFront({ api: api.url, apiTimeouts })
  const ask = (
    method = 'GET',
    headers: Record<string, string> = {},
    body?: AsyncIterable<string> | string[],
  ) =>
    exchange({
      method,
      url: `${front.url}/things`,
      headers: { ...front.own, ...headers },
      ...(body && { body }),
    })
  /** How the API treats the next requests, before their bodies are read. */
  const does = (work: (request: IncomingMessage, response: ServerResponse) => void) => {
    api.early = (request, response) => {
      request.on('error', () => {})
      work(request, response)
      return true
    }
  }
  return { api, front, ask, does }
}

/** A server on the level of bytes: what it does with each connection. */
async function startTcp(serve: (socket: Socket) => void) {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const codeOf = ({ status, text }: { status: number; text: string }) => [
  status,
  (JSON.parse(text) as { code: string }).code,
]

describe('an API that fails before it responds', () => {
  it('cannot be reached, and the client may try again', async () => {
    const front = await startFront({ api: `http://127.0.0.1:${await freePort()}` })
    const answer = await exchange({
      method: 'POST',
      url: `${front.url}/things`,
      headers: front.own,
      body: ['{}'],
    })
    expect(codeOf(answer)).toEqual([502, 'upstream_failed'])
    expect(answer.text).toContain('Nothing was sent')
    expect(answer.headers['retry-after']).toEqual(['2'])
  })

  it('closes the connection: the response says that the outcome is unknown', async () => {
    const { api, ask, does } = await startBoth()
    let asked = 0
    does((request) => {
      asked++
      request.socket.destroy()
    })
    const answer = await ask('POST', { 'content-length': '2' }, ['{}'])
    expect(codeOf(answer)).toEqual([502, 'upstream_failed'])
    expect(answer.text).toContain('may have carried out the request')
    expect(answer.headers['retry-after']).toBeUndefined()
    expect([asked, api.seen.length]).toEqual([1, 0])
  })

  it('does not respond: 504 without Retry-After', async () => {
    const { ask, does } = await startBoth()
    does(() => {})
    for (const method of ['GET', 'POST']) {
      const answer = await ask(method)
      expect(codeOf(answer)).toEqual([504, 'upstream_late'])
      expect(answer.headers['retry-after']).toBeUndefined()
    }
  })

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n'],
    [
      'a protocol that was not requested',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n',
    ],
    ['a status that HTTP does not have', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['a status below those of HTTP', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('responds with %s: 502', async (_, bytes) => {
    const url = await startTcp((socket) => socket.once('data', () => socket.end(bytes)))
    const front = await startFront({ api: url })
    expect(codeOf(await exchange({ method: 'GET', url: `${front.url}/things`, headers: front.own }))).toEqual(
      [502, 'upstream_failed'],
    )
  })

  it('sends interim responses (102, 103): each restarts the time-out', async () => {
    const { ask, does } = await startBoth(patient)
    does(async (_, response) => {
      for (let told = 0; told < 4; told++) {
        await pause(500)
        response.writeProcessing()
      }
      response.end('done')
    })
    expect(await ask()).toMatchObject({ status: 200, text: 'done' })
  })
})

describe('time-outs start at the last byte', () => {
  it('waits for an API that reads an upload slowly', async () => {
    const { ask, does } = await startBoth(patient)
    const size = 24 * 1024 * 1024
    does(async (request, response) => {
      let read = 0
      for await (const chunk of request) {
        read += (chunk as Buffer).length
        await pause(5)
      }
      response.end(`${read}`)
    })
    const part = 'x'.repeat(1024 * 1024)
    const parts = Array<string>(24).fill(part)
    expect((await ask('POST', { 'content-length': `${size}` }, parts)).text).toBe(`${size}`)
  })

  it('causes no time-out while a browser sends slowly', async () => {
    const { ask, does } = await startBoth(patient)
    does(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      response.end(text)
    })
    async function* slow() {
      yield 'a'
      await pause(2000)
      yield 'b'
    }
    expect(await ask('POST', { 'content-length': '2' }, slow())).toMatchObject({ status: 200, text: 'ab' })
  })

  it('cuts off a body that stops, with an error', async () => {
    const { ask, does } = await startBoth()
    does((_, response) => void response.writeHead(200).write('half'))
    const { status, error } = await ask()
    expect([status, error]).toEqual([200, expect.stringContaining('aborted')])
  })

  it('never cuts off an event stream without events', async () => {
    const { ask, does } = await startBoth(patient)
    does(async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      await pause(2000)
      response.end('data: 2\n\n')
    })
    expect(await ask()).toMatchObject({ text: 'data: 1\n\ndata: 2\n\n', error: null })
  })

  it('0 means no limit', async () => {
    const { ask, does } = await startBoth({ connectSeconds: 0, answerSeconds: 0, silenceSeconds: 0 })
    does(async (_, response) => {
      await pause(50)
      response.write('first, ')
      await pause(50)
      response.end('second')
    })
    expect(await ask()).toMatchObject({ status: 200, text: 'first, second' })
  })

  it('causes no time-out while a browser reads slowly', async () => {
    const { front, does } = await startBoth(patient)
    const size = 24 * 1024 * 1024
    does((_, response) => void response.end(Buffer.alloc(size, 'x')))
    const incoming = await new Promise<IncomingMessage>((resolve) => {
      httpRequest(`${front.url}/things`, { headers: front.own }, resolve).end()
    })
    await pause(2000)
    let read = 0
    for await (const chunk of incoming) read += (chunk as Buffer).length
    expect(read).toBe(size)
  })
})

describe('a truncated response', () => {
  it.each([
    ['a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('in %s is an error at the browser', async (_, bytes) => {
    const url = await startTcp((socket) => socket.once('data', () => socket.end(bytes)))
    const front = await startFront({ api: url })
    const { status, error } = await exchange({
      method: 'GET',
      url: `${front.url}/things`,
      headers: front.own,
    })
    expect([status, error]).toEqual([200, expect.stringContaining('aborted')])
  })
})

describe('a browser that disconnects', () => {
  it.each([['before the answer'], ['in the middle of it']])(
    '%s: the API connection is closed',
    async (when) => {
      const { front, does } = await startBoth()
      const arrived = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      does((_, response) => {
        response.once('close', closed.resolve)
        if (when !== 'before the answer')
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
        arrived.resolve()
      })
      const outgoing = httpRequest(`${front.url}/things`, { headers: front.own })
      outgoing.on('error', () => {})
      const begun = new Promise((resolve) => outgoing.once('response', resolve))
      outgoing.end()
      await (when === 'before the answer' ? arrived.promise : begun)
      outgoing.destroy()
      await closed.promise
    },
  )
})

describe('a reused connection', () => {
  it('closed by the API: repeats a GET, but not a POST', async () => {
    const taken: string[] = []
    let connections = 0
    // Responds to one request on each connection, and closes it at the next.
    const url = await startTcp((socket) => {
      connections++
      let isFirst = true
      socket.on('data', (data) => {
        if (!isFirst) return void socket.destroy()
        isFirst = false
        taken.push(String(data).split(' ', 1)[0] ?? '')
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const front = await startFront({ api: url })
    const ask = (method: string) => exchange({ method, url: `${front.url}/things`, headers: front.own })
    expect((await ask('GET')).text).toBe('ok')
    expect((await ask('GET')).text).toBe('ok')
    expect([taken, connections]).toEqual([['GET', 'GET'], 2])
    expect((await ask('GET')).text).toBe('ok')
    expect(codeOf(await ask('POST'))).toEqual([502, 'upstream_failed'])
    expect(taken).toEqual(['GET', 'GET', 'GET'])
  })
})

it('forwards the response of an API that refuses an upload early', async () => {
  const { ask, does } = await startBoth()
  does((request, response) => {
    request.pause()
    // The API keeps the connection, and drops the rest of the upload. If it closed the connection with unread data, the operating system
    // could drop the response too.
    response.writeHead(413, { 'content-length': '9' }).end('too large')
  })
  async function* endless() {
    for (let sent = 0; sent < 40; sent++) {
      yield 'x'.repeat(64 * 1024)
      await pause(5)
    }
  }
  const answer = await ask('POST', { 'transfer-encoding': 'chunked' }, endless())
  expect([answer.status, answer.text]).toEqual([413, 'too large'])
})
