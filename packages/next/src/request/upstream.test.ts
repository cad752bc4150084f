import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RequestBody } from './request-body.ts'
import { type Answer, askUpstream, type Failure, type Outgoing } from './upstream.ts'

const patient = { connectMs: 20_000, answerMs: 20_000, silenceMs: 20_000 }
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A server of bytes: what it does with each connection. `ended` are the connections that have been closed. */
async function startTcp(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const ended: Promise<void>[] = []
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    ended.push(new Promise((resolve) => socket.once('close', () => resolve())))
    socket.on('error', () => {})
    serve(socket)
  })
  const port = await portOf(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { target: new URL(`http://127.0.0.1:${port}/things`), ended }
}

async function startApi(listener: RequestListener): Promise<URL> {
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    request.on('error', () => {})
    listener(request, response)
  })
  const port = await portOf(server)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${port}/things`)
}

const ask = (target: URL, outgoing: Partial<Outgoing> = {}) =>
  askUpstream({
    method: 'GET',
    target,
    headers: {},
    body: null,
    timeouts: patient,
    signal: new AbortController().signal,
    ...outgoing,
  })

async function textOf(answer: Answer | Failure): Promise<string> {
  if (typeof answer === 'string') return answer
  let text = ''
  for await (const part of answer.message) text += part
  return text
}

/** A body whose parts are asked for one by one. `given` tells when it is given up before its end. */
function bodyOf(parts: Iterable<string | Promise<string>>, length: number | null) {
  const up = Promise.withResolvers<void>()
  const state = { taken: 0, givenUp: up.promise }
  async function* generate() {
    let isWhole = false
    try {
      for (const part of parts) {
        const text = await part
        state.taken += 1
        yield Buffer.from(text)
      }
      isWhole = true
    } finally {
      if (!isWhole) up.resolve()
    }
  }
  const body: RequestBody = { parts: generate(), length }
  return { body, state }
}

/** A part of a body that comes so many milliseconds later. */
const after = (ms: number, part: string) =>
  new Promise<string>((resolve) => void setTimeout(() => resolve(part), ms))

/** Answers one request on each connection, and closes it when another comes. */
async function startForgetful() {
  const taken: string[] = []
  const { target } = await startTcp((socket) => {
    let isFirst = true
    socket.on('data', (data) => {
      if (!isFirst) return void socket.destroy()
      isFirst = false
      taken.push(String(data))
      socket.write(String(data).startsWith('HEAD') ? ok.slice(0, -2) : ok)
    })
  })
  return { target, taken, methods: () => taken.map((text) => text.split(' ', 1)[0]) }
}

describe('a reused connection that the API has closed', () => {
  it.each(['GET', 'HEAD'])('repeats %s on a new connection', async (method) => {
    const { target, taken, methods } = await startForgetful()
    expect(await textOf(await ask(target))).toBe('ok')
    const second = await ask(target, { method, headers: { 'x-mine': '1' } })
    expect(await textOf(second)).toBe(method === 'HEAD' ? '' : 'ok')
    expect(methods()).toEqual(['GET', method])
    expect(taken[0]).toMatch(/\r\nconnection: keep-alive\r\n/i)
    expect(taken[1]).toMatch(/\r\nconnection: close\r\n/i)
    expect(taken[1]).toMatch(/\r\nx-mine: 1\r\n/)
  })

  it.each(['POST', 'DELETE', 'OPTIONS'])('does not repeat %s', async (method) => {
    const { target, methods } = await startForgetful()
    expect(await textOf(await ask(target))).toBe('ok')
    expect(await ask(target, { method })).toBe('broken')
    expect(methods()).toEqual(['GET'])
  })

  it('does not repeat a request with a body, which was already read', async () => {
    const { target, methods } = await startForgetful()
    expect(await textOf(await ask(target))).toBe('ok')
    expect(await ask(target, { body: bodyOf(['{}'], 2).body, headers: { 'content-length': '2' } })).toBe(
      'broken',
    )
    expect(methods()).toEqual(['GET'])
  })

  it('repeats nothing for a browser that has disconnected', async () => {
    const gone = new AbortController()
    let connections = 0
    const { target } = await startTcp((socket) => {
      connections += 1
      let isFirst = true
      socket.on('data', () => {
        if (isFirst) socket.write(ok)
        else gone.abort()
        isFirst = false
      })
    })
    expect(await textOf(await ask(target))).toBe('ok')
    expect(await ask(target, { signal: gone.signal })).toBe('broken')
    expect(connections).toBe(1)
  })

  it('repeats nothing on a new connection, because the API may have acted', async () => {
    let connections = 0
    const { target } = await startTcp((socket) => {
      connections += 1
      socket.once('data', () => socket.destroy())
    })
    expect(await ask(target)).toBe('broken')
    expect(connections).toBe(1)
  })
})

describe('an API that cannot be reached', () => {
  it('refuses the connection, so nothing was sent', async () => {
    const server = createTcpServer()
    const port = await portOf(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await ask(new URL(`http://127.0.0.1:${port}`))).toBe('unreached')
  })

  it('accepts the connection without a TLS handshake, so nothing was sent', async () => {
    let bytes = 0
    const { target, ended } = await startTcp((socket) => {
      socket.on('data', (data) => {
        bytes += data.length
      })
    })
    const https = new URL(target)
    https.protocol = 'https:'
    expect(await ask(https, { timeouts: { ...patient, connectMs: 200, answerMs: 1 } })).toBe('unreached')
    await ended[0]
    expect(bytes).toBeGreaterThan(0)
  })

  it('gets no request if the browser has already disconnected', async () => {
    let asked = 0
    const target = await startApi((_, response) => {
      asked += 1
      response.end()
    })
    expect(await ask(target, { signal: AbortSignal.abort() })).toBe('unreached')
    expect(asked).toBe(0)
  })
})

describe('an API that does not respond', () => {
  it('times out, and its connection is closed', async () => {
    const { target, ended } = await startTcp((socket) => void socket.resume())
    expect(await ask(target, { timeouts: { ...patient, answerMs: 150 } })).toBe('late')
    await ended[0]
  })

  it('may take longer than the connection time-out', async () => {
    const target = await startApi((_, response) => void setTimeout(() => response.end('ok'), 250))
    expect(await textOf(await ask(target, { timeouts: { ...patient, connectMs: 100 } }))).toBe('ok')
  })

  it('does not time out while it sends 102 Processing', async () => {
    const target = await startApi((_, response) => {
      const steps = [
        () => response.writeProcessing(),
        () => response.writeProcessing(),
        () => response.end('ok'),
      ]
      steps.forEach((step, at) => void setTimeout(step, (at + 1) * 150))
    })
    expect(await textOf(await ask(target, { timeouts: { ...patient, answerMs: 300 } }))).toBe('ok')
  })

  it('does not time out after it has begun to respond', async () => {
    const target = await startApi((_, response) => {
      response.write('first, ')
      setTimeout(() => response.end('second'), 300)
    })
    expect(await textOf(await ask(target, { timeouts: { ...patient, answerMs: 150 } }))).toBe('first, second')
  })

  it('times out after a complete upload, however long the upload took', async () => {
    const { target, ended } = await startTcp((socket) => void socket.resume())
    const { body } = bodyOf(['{', '}'], 2)
    const answer = ask(target, { method: 'POST', body, timeouts: { ...patient, answerMs: 150 } })
    expect(await answer).toBe('late')
    await ended[0]
  })

  it('times out if it stops reading an upload, which is then cancelled', async () => {
    const { target } = await startTcp((socket) => void socket.pause())
    const part = 'x'.repeat(1024 * 1024)
    const { body, state } = bodyOf(Array<string>(200).fill(part), 200 * part.length)
    const answer = ask(target, { method: 'POST', body, timeouts: { ...patient, answerMs: 300 } })
    expect(await answer).toBe('late')
    await state.givenUp
    // What the sockets of both sides hold, and not the whole of it.
    expect(state.taken).toBeLessThan(100)
  })
})

describe('the length of a body', () => {
  it.each([
    ['shorter than was said', () => ['ab', 'c'], 4],
    // What is too long is there at once, and the end of the body is not.
    ['longer than was said', () => ['ab', 'cde', after(300, 'f')], 4],
    ['missing', () => [], 1],
  ])('%s: the connection is cut, so the API gets no complete request', async (_, parts, length) => {
    let received = ''
    const { target, ended } = await startTcp((socket) => {
      socket.on('data', (data) => {
        received += data
      })
    })
    const { body } = bodyOf(parts(), length)
    const headers = { 'content-length': `${length}` }
    expect(await ask(target, { method: 'POST', body, headers })).toBe('cut')
    await expect.poll(() => ended.length).toBe(1)
    await ended[0]
    expect((received.split('\r\n\r\n')[1] ?? '').length).toBeLessThan(length)
  })

  it('correct or unknown: the API gets the whole body', async () => {
    const target = await startApi(async (request, response) => response.end(await textOfRequest(request)))
    for (const length of [4, null]) {
      const headers: Record<string, string> =
        length === null ? { 'transfer-encoding': 'chunked' } : { 'content-length': `${length}` }
      const answer = await ask(target, { method: 'POST', body: bodyOf(['ab', 'cd'], length).body, headers })
      expect(await textOf(answer)).toBe('abcd')
      expect(typeof answer === 'object' && answer.isSent()).toBe(true)
    }
  })

  it('cuts the connection if the browser disconnects', async () => {
    const target = await startApi((request) => void request.resume())
    const broken = Promise.reject(new Error('gone'))
    broken.catch(() => {})
    const { body } = bodyOf(['ab', broken], 4)
    expect(await ask(target, { method: 'POST', body, headers: { 'content-length': '4' } })).toBe('cut')
  })

  it('does not time out while the browser pauses its upload', async () => {
    const target = await startApi(async (request, response) => response.end(await textOfRequest(request)))
    const { body } = bodyOf([after(300, 'ab'), after(600, 'cd')], 4)
    const answer = ask(target, {
      method: 'POST',
      body,
      headers: { 'content-length': '4' },
      timeouts: { ...patient, answerMs: 150 },
    })
    expect(await textOf(await answer)).toBe('abcd')
  })
})

describe('an API that responds before it has the whole body', () => {
  it('gets the rest of the body while its response continues', async () => {
    const target = await startApi(async (request, response: ServerResponse) => {
      response.write('begun, ')
      response.write(await textOfRequest(request))
      setTimeout(() => response.end('.'), 300)
    })
    const begun = Promise.withResolvers<string>()
    const { body } = bodyOf(['ab', begun.promise], 4)
    const answer = await ask(target, {
      method: 'POST',
      body,
      headers: { 'content-length': '4' },
      timeouts: { ...patient, answerMs: 150 },
    })
    expect(typeof answer === 'object' && answer.isSent()).toBe(false)
    setTimeout(() => begun.resolve('cd'), 400)
    expect(await textOf(answer)).toBe('begun, abcd.')
    expect(typeof answer === 'object' && answer.isSent()).toBe(true)
  })

  it('gets nothing more after its response is complete', async () => {
    const closed = Promise.withResolvers<void>()
    const target = await startApi((request, response) => {
      request.resume()
      request.socket.once('close', () => closed.resolve())
      response.end('enough')
    })
    const never = new Promise<string>(() => {})
    const { body } = bodyOf(['ab', never], 4)
    const answer = await ask(target, { method: 'POST', body, headers: { 'content-length': '4' } })
    expect(await textOf(answer)).toBe('enough')
    await closed.promise
  })

  it('is called on the same connection again if it had the whole body', async () => {
    let connections = 0
    const { target } = await startTcp((socket) => {
      connections += 1
      socket.on('data', () => socket.write(ok))
    })
    for (const body of [null, bodyOf(['{}'], 2).body, null]) {
      const headers: Record<string, string> = body === null ? {} : { 'content-length': '2' }
      const answer = await ask(target, { method: 'POST', body, headers })
      expect(await textOf(answer)).toBe('ok')
    }
    expect(connections).toBe(1)
  })
})

it('cancels the request to the API if the browser disconnects', async () => {
  const gone = new AbortController()
  const { target, ended } = await startTcp((socket) => {
    socket.once('data', () => gone.abort())
  })
  expect(await ask(target, { signal: gone.signal })).toBe('broken')
  await ended[0]
})

it('treats an unrequested protocol switch (101) as a failure', async () => {
  const bytes = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n'
  const { target } = await startTcp((socket) => void socket.once('data', () => socket.end(bytes)))
  expect(await ask(target)).toBe('broken')
})

describe('a finished request', () => {
  it('no longer waits for its browser', async () => {
    const { signal } = new AbortController()
    const target = await startApi((_, response) => response.end('ok'))
    expect(await textOf(await ask(target, { signal }))).toBe('ok')
    await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([])
  })

  it('leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { target } = await startTcp((socket) => void socket.once('data', () => socket.destroy()))
    const api = await startApi((_, response) => response.end('ok'))
    expect(await ask(target)).toBe('broken')
    expect(await textOf(await ask(api))).toBe('ok')
    await vi.waitUntil(() => vi.getTimerCount() === 0)
  })
})

it('a connection uses TCP keep-alive', async () => {
  const setKeepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive')
  onTestFinished(() => void setKeepAlive.mockRestore())
  const target = await startApi((_, response) => response.end('ok'))
  await textOf(await ask(target))
  expect(setKeepAlive).toHaveBeenCalledWith(true, 30_000)
})

it('forwards headers of 60 KB, as Next accepts them', async () => {
  const long = 'x'.repeat(60 * 1024)
  const target = await startApi((_, response) => response.setHeader('x-long', long).end('ok'))
  const answer = await ask(target)
  expect(typeof answer === 'object' && answer.message.headers['x-long']).toBe(long)
  await textOf(answer)
})

it('leaves no listeners on the connection after an upload with many pauses', async () => {
  const warned: string[] = []
  const hear = ({ name }: Error) => void warned.push(name)
  process.on('warning', hear)
  onTestFinished(() => void process.off('warning', hear))
  const target = await startApi(async (request, response) => {
    let size = 0
    for await (const part of request) size += (part as Buffer).length
    response.end(`${size}`)
  })
  const part = 'x'.repeat(1024 * 1024)
  const { body } = bodyOf(Array<string>(16).fill(part), 16 * part.length)
  const headers = { 'content-length': `${16 * part.length}` }
  expect(await textOf(await ask(target, { method: 'POST', body, headers }))).toBe(`${16 * part.length}`)
  expect(warned).toEqual([])
})

async function textOfRequest(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += part
  return text
}
