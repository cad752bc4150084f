import { execFileSync } from 'node:child_process'
import { chownSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import { requireAuth } from '@sallyport/verify/express'
import express from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { settings } from '../../packages/server/src/index.ts'
import { frontendSecret, testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { freshStore } from '../../packages/server/src/testing/stores.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { untilReady } from '../../scripts/example/processes.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'
import { findInterpreter, skipping } from '../system/interpreters.ts'
import { type Container, type Service, startContainer } from './container.ts'
import { type Image, missingBuildah, openBuilder, writeContext, writeWeb } from './images.ts'

if (missingBuildah !== null) skipping(`The images of examples/docker. ${missingBuildah}`)
const needsYaml = ['-e', 'require "yaml"; require "json"']
const ruby = findInterpreter('compose.yaml', ['ruby', '/usr/bin/ruby'], needsYaml)
const composed = it.skipIf(ruby === null)
const built = it.skipIf(ruby === null || missingBuildah !== null)

type Compose = { services: Record<'auth' | 'web' | 'api' | 'postgres', Service & { secrets: string[] }> }
const compose = (ruby === null ? null : JSON.parse(readYaml('examples/docker/compose.yaml'))) as Compose
const password = 'velvet harbour quilt seven'
const endings: (() => unknown)[] = []
const images = {} as Record<'auth' | 'web', Image>

function readYaml(file: string): string {
  const program = 'require "yaml"; require "json"; puts YAML.load_file(ARGV[0], aliases: true).to_json'
  return execFileSync(String(ruby), ['-e', program, join(root, file)], { encoding: 'utf8' })
}

beforeAll(async () => {
  if (missingBuildah !== null || ruby === null) return
  const folder = temporaryFolder((ending) => endings.push(ending))
  const builder = openBuilder(folder)
  endings.push(() => builder.close())
  const contexts = { auth: join(folder, 'auth'), web: join(folder, 'web') }
  const server = ['@sallyport/protocol', '@sallyport/verify', '@sallyport/server', 'sallyport']
  await Promise.all([builder.buildBase(), writeContext(contexts.auth, server), writeWeb(contexts.web)])
  for (const name of ['auth', 'web'] as const) {
    await builder.build(name, contexts[name])
    images[name] = await builder.open(name)
  }
}, 900_000)
afterAll(async () => {
  for (const ending of endings.reverse()) await ending()
})

/** A container as in compose.yaml, on this machine's network. */
function start(
  name: 'auth' | 'web',
  options: { env: Record<string, string>; secrets: string; volumes?: Record<string, string> },
): Container {
  const container = startContainer(images[name], compose.services[name], options)
  endings.push(async () => {
    try {
      container.signal('SIGKILL')
    } catch {
      // It has ended already.
    }
    await container.ended
  })
  return container
}

async function ports() {
  const [auth, web] = [await freePort(), await freePort()]
  return { auth, web, authUrl: `http://localhost:${auth}`, webUrl: `http://localhost:${web}` }
}

/** Waits until a URL responds. If the container ends first, the test fails with its output. */
async function until(url: string, { ended, log }: Container): Promise<void> {
  const early = ended.then(([code]) => {
    throw new Error(`The container has ended: ${code}\n${log.join('')}`)
  })
  early.catch(() => {}) // the test ends it later
  await Promise.race([early, untilReady(url, 60_000)])
}

const authEnv = ({ auth, authUrl, webUrl }: Awaited<ReturnType<typeof ports>>) => ({
  AUTH_PORT: String(auth),
  SALLYPORT_ISSUER: authUrl,
  SALLYPORT_ORIGINS: webUrl,
})
const authSecrets = `SALLYPORT_SECRET=${testOptions.secret}
SALLYPORT_FRONTEND_SECRET=${frontendSecret}
SALLYPORT_VERIFIER_SECRET=${verifierSecret}
`
const webSecrets = `SALLYPORT_FRONTEND_SECRET=${frontendSecret}\nSALLYPORT_VERIFIER_SECRET=${verifierSecret}\n`
const post = (url: string, body: unknown, headers = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

composed('compose.yaml names only settings that exist, and no secret', () => {
  const known = new Set([
    ...Object.values(settings).map(({ env }) => env),
    ...['SALLYPORT_URL', 'APP_URL', 'API_URL'],
  ])
  const secret = new Set<string>(Object.values(settings).flatMap((one) => ('secret' in one ? [one.env] : [])))
  for (const name of ['auth', 'web', 'api'] as const) {
    const names = Object.keys(compose.services[name].environment ?? {})
    expect(names.filter((one) => !known.has(one) || secret.has(one))).toEqual([])
    expect(compose.services[name]).toMatchObject({ init: true, read_only: true, secrets: [name] })
  }
})

built(
  'the images run as a user without rights, start Node directly, and contain no secret of the context',
  () => {
    for (const { config, folder, history } of Object.values(images)) {
      expect([config.User, config.Cmd[0]]).toEqual(['1000:1000', 'node'])
      expect(history).not.toContain('canary')
      const files = readdirSync(join(folder, 'app'), { recursive: true, encoding: 'utf8' })
      const own = files.filter((file) => !file.includes('node_modules/'))
      expect(own.filter((file) => /(?:^|\/)(?:\.env|secrets|\.sallyport)|\.db/.test(file))).toEqual([])
    }
  },
)

built(
  'auth server, pages and an API on PostgreSQL: sign-in, a page that calls the API, and health checks',
  async () => {
    const at = await ports()
    const store = await freshStore('PostgreSQL')
    if (!('databaseUrl' in store.options)) throw new Error('PostgreSQL has an address')
    const secrets = `${authSecrets}DATABASE_URL=${store.options.databaseUrl}\n`
    const auth = start('auth', { env: authEnv(at), secrets })
    expect(await auth.checkHealth()).toBe(1)
    await until(`${at.authUrl}/readyz`, auth)
    expect(await auth.checkHealth()).toBe(0)

    const verifier = createVerifier({
      issuer: at.authUrl,
      audience: 'my-api',
      feed: { credential: verifierSecret },
    })
    endings.push(() => verifier.close())
    const app = express()
    app.get('/invoices', requireAuth(verifier), (_, response) => void response.json({ total: 42 }))
    const apiPort = await freePort()
    const api = createServer(app)
    await new Promise<void>((resolve) => api.listen(apiPort, '127.0.0.1', resolve))
    endings.push(() => void api.close())
    const env = {
      PORT: String(at.web),
      // There is no /etc/hosts, which an engine would write.
      SALLYPORT_URL: `http://127.0.0.1:${at.auth}`,
      SALLYPORT_ISSUER: at.authUrl,
      APP_URL: at.webUrl,
      API_URL: `http://127.0.0.1:${apiPort}`,
    }
    const web = start('web', { env, secrets: webSecrets })
    await until(at.webUrl, web)
    expect(await web.checkHealth()).toBe(0)
    expect((await fetch(`${at.webUrl}/robots.txt`)).status).toBe(200)

    const account = { email: 'ada@example.com', password, name: 'Ada' }
    const signedUp = await post(`${at.webUrl}/api/auth/register`, account, { origin: at.webUrl })
    expect(signedUp.status, [...web.log, ...auth.log].join('')).toBe(200)
    const cookie = signedUp.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ')
    const page = await fetch(`${at.webUrl}/dashboard`, { headers: { cookie } })
    expect(await page.text()).toMatch(/has <!-- -->42<!-- --> invoices/)

    // Requests under way may end: the stream is closed, and the process ends by itself.
    const feed = await fetch(at.authUrl + paths.revocations, {
      headers: { authorization: `Bearer ${verifierSecret}`, accept: 'text/event-stream' },
    })
    web.signal('SIGTERM')
    auth.signal('SIGTERM')
    expect(await auth.ended).toEqual([0, null])
    expect(await feed.text()).toContain('snapshot')
    const [code] = await web.ended
    expect([0, 143]).toContain(code)
    expect(`${web.log.join('')}${auth.log.join('')}`).not.toMatch(/EROFS|EACCES|EPERM/)
  },
)

built('the auth server on SQLite: a volume keeps the accounts of a container that is replaced', async () => {
  const data = temporaryFolder()
  chownSync(data, 1000, 1000)
  const account = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }
  for (const path of [paths.signUp, paths.signIn]) {
    const at = await ports()
    const auth = start('auth', { env: authEnv(at), secrets: authSecrets, volumes: { data } })
    await until(`${at.authUrl}/readyz`, auth)
    const { name, ...credentials } = account
    const answer = await post(at.authUrl + path, path === paths.signUp ? account : credentials)
    expect(answer.status, auth.log.join('')).toBe(200)
    auth.signal('SIGTERM')
    expect(await auth.ended).toEqual([0, null])
  }
})

built('pages without a required setting end at the start, with one line that names it', async () => {
  const at = await ports()
  const env = { PORT: String(at.web), APP_URL: at.webUrl, SALLYPORT_URL: at.authUrl }
  const web = start('web', { env, secrets: `SALLYPORT_VERIFIER_SECRET=${verifierSecret}\n` })
  expect(await web.ended).toEqual([1, null])
  expect(web.log.join('')).toMatch(/^Sallyport: `frontendSecret` is not set/m)
})
