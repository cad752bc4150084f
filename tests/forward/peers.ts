import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import fastify from 'fastify'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'

/** What a peer reports of a request. */
export type Told = {
  method: string
  path: string
  query: string
  length: number
  hash: string
  type: string
  agent: string
  /** What the peer knows about the browser if the query has `?forwarded=1`: the browser's address, the scheme, and X-Real-IP. */
  forwarded?: string[]
}

/** Registers what must be done after the tests. */
type Later = (end: () => unknown) => void

/** A server that developers put behind `/api`. */
export type Peer = {
  name: string
  /** Null if this machine has what the peer needs. Otherwise what must be installed. */
  missing: string | null
  start(later: Later): Promise<string>
}

const folder = join(root, 'tests/forward/peers')
const python = '/usr/bin/python3'
const lacks = (command: string, args: string[], install: string) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0 ? null : install
const lacksPython = (names: string) =>
  lacks(python, ['-c', `import ${names}`], `the python3 packages ${names}`)

async function startProcess(
  later: Later,
  command: string,
  args: (port: number) => string[],
): Promise<string> {
  const port = await freePort()
  const child = spawn(command, args(port), { cwd: folder, stdio: 'ignore' })
  later(() => ended(child))
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${command} ended by itself: ${child.exitCode}`)
    await pause(20)
  }
  return `http://127.0.0.1:${port}`
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await closed
}

async function toldOf(request: IncomingMessage, path: string): Promise<Told> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk)
    length += chunk.length
  }
  const { method = '', url = '', headers } = request
  const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip']
  const forwarded = names.map((name) => String(headers[name] ?? ''))
  return {
    ...(url.endsWith('?forwarded=1') && { forwarded }),
    method,
    path,
    query: url.split('?', 2)[1] ?? '',
    length,
    hash: hash.digest('hex'),
    type: headers['content-type'] ?? '',
    agent: headers['user-agent'] ?? '',
  }
}

async function startExpress(later: Later): Promise<string> {
  const app = express()
  app.all('/*rest', async (request, response) => {
    response.json(await toldOf(request, `/${([] as string[]).concat(request.params.rest ?? []).join('/')}`))
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  later(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function startFastify(later: Later): Promise<string> {
  const app = fastify({ bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.all('/*', async (request) => toldOf(request.raw, `/${(request.params as { '*': string })['*']}`))
  later(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

/** Starts nginx in front of PHP. `proxy_pass` has a path, so nginx decodes and resolves the path of a request and encodes it again. */
async function startNginx(later: Later): Promise<string> {
  const behind = await startPhp(later)
  const own = mkdtempSync(join(tmpdir(), 'sallyport-nginx-'))
  later(() => rmSync(own, { recursive: true, force: true }))
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${own}/${name};`)
    .join(' ')
  const config = join(own, 'nginx.conf')
  return startProcess(later, '/usr/sbin/nginx', (port) => {
    writeFileSync(
      config,
      `daemon off; worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${own}/pid; error_log stderr crit;
      events { worker_connections 64; }
      http { access_log off; client_max_body_size 64m; ${paths}
        server { listen 127.0.0.1:${port};
          location / { proxy_pass ${behind}/; } } }`,
    )
    return ['-c', config, '-e', 'stderr']
  })
}

const startPhp = (later: Later) =>
  startProcess(later, 'php', (port) => ['-S', `127.0.0.1:${port}`, 'index.php'])
const lacksPhp = lacks('php', ['--version'], 'php-cli')

export const peers: Peer[] = [
  {
    name: 'Django under gunicorn',
    missing: lacksPython('django, rest_framework, gunicorn'),
    start: (later) =>
      startProcess(later, python, (port) => [
        ...['-m', 'gunicorn', '--log-level', 'error', '--workers', '1'],
        ...['--bind', `127.0.0.1:${port}`, 'django_api:wsgi'],
      ]),
  },
  {
    name: 'Django under uvicorn',
    missing: lacksPython('django, rest_framework, uvicorn'),
    start: (later) =>
      startProcess(later, python, (port) => [
        ...['-m', 'uvicorn', '--log-level', 'error', '--lifespan', 'off'],
        ...['--port', `${port}`, 'django_api:asgi'],
      ]),
  },
  { name: 'Express', missing: null, start: startExpress },
  { name: 'Fastify', missing: null, start: startFastify },
  { name: 'PHP', missing: lacksPhp, start: startPhp },
  {
    name: 'nginx',
    missing: lacks('/usr/sbin/nginx', ['-v'], 'nginx-light') ?? lacksPhp,
    start: startNginx,
  },
]
