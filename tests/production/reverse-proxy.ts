import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { generate } from 'selfsigned'
import { root } from '../../scripts/install.mjs'

export type Topology = 'same-origin' | 'shared-domain'
/** The addresses of the processes behind the proxy. */
export type Upstreams = { pages: number; auth: number; api: number }

/** A reverse proxy of examples/, and the command that checks whether this machine has it. */
type Kind = {
  command: string
  version: string[]
  debian: string
  configure(topology: Topology, upstreams: Upstreams, at: Place): string[]
}
type Place = { folder: string; port: number }

const names = ['app', 'api', 'auth'].map((name) => `${name}.sallyport.test`)

const withAddresses = (text: string, { pages, auth, api }: Upstreams) =>
  text
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${pages}`)
    .replaceAll('127.0.0.1:4000', `127.0.0.1:${auth}`)
    .replaceAll('127.0.0.1:4100', `127.0.0.1:${api}`)
    .replaceAll('example.com', 'sallyport.test')

export const proxyKinds: Record<'nginx' | 'Caddy', Kind> = {
  nginx: {
    command: '/usr/sbin/nginx',
    version: ['-v'],
    debian: 'nginx-light',
    configure(topology, upstreams, { folder, port }) {
      const file = readFileSync(join(root, `examples/nginx/${topology}.conf`), 'utf8')
      const own = withAddresses(file, upstreams)
        .replaceAll('listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`)
        .replaceAll('listen 80;', `listen unix:${folder}/plain;`)
        .replace(/ssl_certificate +\S+;/, `ssl_certificate ${folder}/certificate.pem;`)
        .replace(/ssl_certificate_key +\S+;/, `ssl_certificate_key ${folder}/key.pem;`)
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${folder}/${name};`)
        .join(' ')
      const config = join(folder, 'nginx.conf')
      writeFileSync(
        config,
        `daemon off; worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${folder}/pid; error_log stderr warn;
        events { worker_connections 256; }
        http { access_log off; ${paths}
        ${own} }`,
      )
      return ['-c', config, '-e', 'stderr']
    },
  },
  Caddy: {
    command: '/usr/bin/caddy',
    version: ['version'],
    debian: 'caddy',
    configure(topology, upstreams, { folder, port }) {
      const file = readFileSync(join(root, `examples/caddy/${topology}.Caddyfile`), 'utf8')
      const tls = `\tbind 127.0.0.1\n\ttls ${folder}/certificate.pem ${folder}/key.pem`
      const own = withAddresses(file, upstreams).replace(
        /^(\w+\.sallyport\.test) \{$/gm,
        (_, host) => `${host}:${port} {\n${tls}`,
      )
      const config = join(folder, 'Caddyfile')
      writeFileSync(config, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${own}`)
      return ['run', '--adapter', 'caddyfile', '--config', config]
    },
  },
}

/** Null if this machine has the command. Otherwise what must be installed. */
export function missing({ command, version, debian }: Kind): string | null {
  return spawnSync(command, version, { stdio: 'ignore' }).status === 0
    ? null
    : `It needs Debian's package ${debian}.`
}

/** Runs a proxy with the file of examples/, on one port of loopback, with its own certificate. */
export async function startReverseProxy(kind: Kind, topology: Topology, upstreams: Upstreams, place: Place) {
  mkdirSync(place.folder, { recursive: true })
  const altNames = names.map((value) => ({ type: 2 as const, value }))
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'sallyport.test' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames }],
  })
  writeFileSync(join(place.folder, 'key.pem'), key)
  writeFileSync(join(place.folder, 'certificate.pem'), cert)
  const child = spawn(kind.command, kind.configure(topology, upstreams, place), {
    env: { ...process.env, HOME: place.folder, XDG_DATA_HOME: place.folder, XDG_CONFIG_HOME: place.folder },
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  const ended = once(child, 'close')
  while (!(await accepts(place.port))) {
    if (child.exitCode !== null) throw new Error(`${kind.command} has ended: ${log}`)
    await pause(20)
  }
  return {
    ask: (url: string, asked: Asked = {}) => ask(url, cert, asked),
    log: () => log,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
export type ReverseProxy = Awaited<ReturnType<typeof startReverseProxy>>

type Asked = { method?: string; headers?: Record<string, string>; body?: string; from?: string }

/** Sends a request from the address `from`, and returns the headers of its response. */
async function ask(
  url: string,
  ca: string,
  { method = 'GET', headers = {}, body, from = '127.0.0.1' }: Asked,
) {
  const outgoing = request(url, {
    ca,
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    localAddress: from,
    agent: false,
    lookup: (_, options, found) =>
      options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
  })
  outgoing.end(body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  incoming.setEncoding('utf8')
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    cookies: incoming.headers['set-cookie'] ?? [],
    stream: incoming,
    end: () => void outgoing.destroy(),
    async json() {
      let text = ''
      for await (const part of incoming) text += part
      return JSON.parse(text)
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
