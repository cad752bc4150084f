import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BackendUnreachable, createSend } from './send.ts'

const nobody = { address: null, userAgent: null, requestId: null, device: null }

type Seen = { line: string; headers: IncomingHttpHeaders; body: string }

/** A backend that writes down what arrives. */
async function startBackend(answer: RequestListener = (_, response) => response.end('{}')) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { seen, url, send: createSend(url, 5_000, nobody) }
}

describe('requests to the backend', () => {
  it('have only the given headers if there is no body', async () => {
    const { seen, send } = await startBackend()
    await send('GET', '/me?full=1')
    expect(seen).toEqual([{ line: 'GET /me?full=1', headers: expect.anything(), body: '' }])
    expect(seen[0]?.headers.accept).toBe('application/json')
    for (const name of ['content-type', 'authorization', 'cookie', 'x-forwarded-for', 'x-request-id'])
      expect(seen[0]?.headers).not.toHaveProperty(name)
    expect(seen[0]?.headers['user-agent']).toBe('node')
  })

  it('send an object as JSON, and a form as a form', async () => {
    const { seen, send } = await startBackend()
    await send('POST', '/login', { name: 'Ada & co' })
    await send('PUT', '/login', new URLSearchParams({ name: 'Ada & co' }))
    expect(seen.map(({ line, headers, body }) => [line, headers['content-type'], body])).toEqual([
      ['POST /login', 'application/json', '{"name":"Ada & co"}'],
      ['PUT /login', 'application/x-www-form-urlencoded', 'name=Ada+%26+co'],
    ])
  })

  it('have the known details of the browser', async () => {
    const { seen, url } = await startBackend()
    const browser = { address: '203.0.113.9', userAgent: 'Firefox', requestId: 'request-1', device: 'secret' }
    await createSend(url, 5_000, browser)('DELETE', '/session')
    expect(seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'user-agent': 'Firefox',
      'x-request-id': 'request-1',
    })
    expect(JSON.stringify(seen)).not.toContain('secret')
  })

  it('have a token, cookies and headers, and given headers take precedence', async () => {
    const { seen, send } = await startBackend()
    await send('GET', '/me', undefined, {
      accessToken: 'opaque',
      cookies: { a: '1', b: '2' },
      headers: { accept: 'text/plain', 'x-tenant': 'acme' },
    })
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer opaque',
      cookie: 'a=1; b=2',
      accept: 'text/plain',
      'x-tenant': 'acme',
    })
  })

  it.each(['me', '', 'https://127.0.0.1/me', '//127.0.0.1/me'])(
    'are not sent for the invalid path %j [X15]',
    async (path) => {
      const { seen, send, url } = await startBackend()
      await expect(send('GET', path)).rejects.toThrow(TypeError)
      // The backend's own address is none either: where it goes is said once, at start.
      await expect(send('GET', `${url.origin}/me`)).rejects.toThrow('Start it with one slash.')
      expect(seen).toEqual([])
    },
  )
})

describe('responses of the backend', () => {
  it.each([
    [200, true],
    [204, true],
    [302, false],
    [401, false],
    [500, false],
  ])('have for status %i the `ok` %j', async (status, ok) => {
    const { send } = await startBackend((_, response) => response.writeHead(status, { 'x-a': '1' }).end())
    const answer = await send('GET', '/me')
    expect(answer).toMatchObject({ status, ok, body: {}, cookies: {} })
    expect(answer.headers.get('x-a')).toBe('1')
  })

  it.each([
    ['{"id":7}', { id: 7 }],
    ['[1]', {}],
    ['null', {}],
    ['"text"', {}],
    ['7', {}],
    ['<html>', {}],
    ['', {}],
  ])('read %j as the object %j', async (text, body) => {
    const { send } = await startBackend((_, response) => response.end(text))
    expect((await send('GET', '/me')).body).toEqual(body)
  })

  it('trim blanks around cookies and quotes around values', async () => {
    const lines = [' a = 1 ;Path=/', 'b="2"', 'c="3', 'd=4"', 'e=x"5"', 'f="6"x', 'g=a=b', 'h="7" ; Path=/']
    const { send } = await startBackend((_, response) => response.setHeader('set-cookie', lines).end())
    expect((await send('GET', '/me')).cookies).toEqual({
      ...{ a: '1', b: '2', c: '"3', d: '4"', e: 'x"5"', f: '"6"x', g: 'a=b', h: '7' },
    })
  })

  it('report a time-out with the path and without secrets', async () => {
    const { url } = await startBackend(() => {})
    const error = await createSend(url, 100, nobody)('POST', '/refresh?token=secret', {}).catch((it) => it)
    expect(error).toBeInstanceOf(BackendUnreachable)
    expect(error).toMatchObject({ name: 'BackendUnreachable', message: 'POST /refresh was not answered' })
    expect(error.cause).toMatchObject({ name: 'TimeoutError' })
  })
})
