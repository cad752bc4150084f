import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { paths } from '../../packages/protocol/src/endpoints/index.ts'
import { serve } from '../../packages/server/src/node.ts'
import { testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'
import { findRuby } from '../system/interpreters.ts'
import { exportedDefinition, outcomesOf } from '../vectors/permission-outcomes.ts'

const ruby = findRuby()

const folder = join(root, 'examples/ruby')
const password = 'velvet harbour quilt seven'
const json = { 'content-type': 'application/json' }
/** The tests of this suite in addition to the vectors, without a server. */
const probes = `
require "./sallyport"
set = Sallyport::KeySet.new("http://localhost/", fetch: -> { { "keys" => [] } })
guard = Sallyport::Guard.new(nil, Sallyport::Verifier.new(issuer: "http://localhost", audience: "a", introspection: false, keys: set))
odd = ["", "Basic x", "Bearer", "bearer x", "Bearer \\xff.\\xff.\\xff", "\\xff x", "Bearer a, Bearer b"].map do |header|
  status, headers, = guard.call({ "HTTP_AUTHORIZATION" => header })
  [status, headers["www-authenticate"]]
end
puts JSON.generate(odd)
`
const parallelProbe = `
require "./sallyport"
key = OpenSSL::PKey::EC.generate("prime256v1")
jwk = JWT::JWK.new(key).export.merge(kid: "new", alg: "ES256").transform_keys(&:to_s)
answer = Queue.new
set = Sallyport::KeySet.new("http://localhost/", fetch: -> { answer.pop })
finders = Array.new(3) { Thread.new { set.find("new") } }
Thread.pass until finders.all?(&:stop?)
answer << { "keys" => [jwk] }
puts JSON.generate(finders.map { |finder| !finder.value.nil? })
`
const rememberProbe = `
require "./sallyport"
asked = 0
now = 0
Sallyport::Http.define_singleton_method(:json) { |*| { "active" => (asked += 1) == 1 } }
introspection = Sallyport::Introspection.new("http://localhost/", "y", clock: -> { now })
told = [0, 4.9, 5, 9.9].map { |time| now = time; introspection.active?("a") }
introspection.active?("b")
puts JSON.generate([told, asked])
`

const requirementProbe = `
require "./sallyport"
set = Sallyport::KeySet.new("http://localhost/", fetch: -> { { "keys" => [] } })
verifier = Sallyport::Verifier.new(issuer: "http://localhost", audience: "a", introspection: false, keys: set)
outcomes = JSON.parse(ARGV[0], symbolize_names: true).map do |asked|
  verifier.requirement(**asked)
  nil
rescue ArgumentError => e
  e.message
end
puts JSON.generate(outcomes)
`

describe.skipIf(ruby === null)('the Ruby example', () => {
  const run = (...words: string[]) => {
    const { stdout, stderr } = spawnSync(ruby ?? '', words, { cwd: folder, encoding: 'utf8' })
    expect(stderr).toBe('')
    return JSON.parse(stdout) as unknown
  }

  it('gives each token the result of the test vectors [JWT-01 to JWT-25, AT-01 to AT-04]', () => {
    const file = join(root, 'tests/vectors/access-tokens.json')
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: { name: string; verdict: string }[] }
    const { stdout, stderr } = spawnSync(ruby ?? '', ['check_vectors.rb', file], {
      cwd: folder,
      encoding: 'utf8',
    })
    // What the operator can fix, logged once.
    expect(stderr).toBe('sallyport: a token for nobody was refused: audience is billing-api here\n')
    expect(JSON.parse(stdout)).toEqual(cases.map(({ name, verdict }) => [name, verdict]))
  })

  it('gives each token the permissions of the test vectors, and refuses the same names of guards', () => {
    const file = join(root, 'tests/vectors/permissions.json')
    expect(run('check_permissions.rb', file)).toEqual(outcomesOf(file))
  })

  it('refuses a requirement without names, because it would admit everybody', () => {
    const asked = [{}, { role: null }, { permission: [] }, { role: [''] }, { rol: 'a' }, { permission: 'a' }]
    const outcomes = run('-e', requirementProbe, JSON.stringify(asked))
    expect(outcomes).toEqual([...Array(5).fill(expect.stringMatching(/^requirement takes role/)), null])
  })

  it('does not start with a requirement for a name that the definition does not have', () => {
    const { status, stderr } = spawnSync(ruby ?? '', ['api.rb', '0'], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        SALLYPORT_ISSUER: 'http://localhost:4000',
        SALLYPORT_VERIFIER_SECRET: verifierSecret,
        SALLYPORT_ACCESS: exportedDefinition({ permissions: [], roles: { owner: [], finanse: [] } }),
      },
    })
    expect(status).toBe(1)
    expect(stderr).toContain('There is no role "finance". Did you mean finanse?')
  })

  it('refuses every malformed header', () => {
    const [missing, invalid] = ['Bearer', 'Bearer error="invalid_token"'].map((header) => [401, header])
    expect(run('-e', probes)).toEqual([missing, missing, missing, invalid, invalid, missing, invalid])
  })

  it('fetches the keys once, however many requests wait for them at the start', () => {
    expect(run('-e', parallelProbe)).toEqual([true, true, true])
  })

  it('an introspection response is cached for five seconds, for that token only', () => {
    expect(run('-e', rememberProbe)).toEqual([[true, true, false, false], 3])
  })

  async function startBoth(credential = verifierSecret) {
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}`
    const dataDir = temporaryFolder()
    const auth = await serve({
      ...testOptions,
      ...{ host: '127.0.0.1', issuer, port, dataDir, logLevel: 'silent' },
    })
    onTestFinished(() => auth.close())
    const child = spawn(ruby ?? '', [join(folder, 'api.rb'), '0'], {
      env: {
        ...process.env,
        SALLYPORT_ISSUER: issuer,
        SALLYPORT_AUDIENCE: 'billing-api',
        SALLYPORT_VERIFIER_SECRET: credential,
        REMEMBER_SECONDS: '1',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = await new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve))
    const { users } = auth.sallyport.operator
    await users.create({ email: 'bob@example.com', name: 'Bob', password })
    const user = await users.create({
      ...{ email: 'ada@example.com', name: 'Ada', password, roles: ['finance'] },
    })
    return {
      url,
      auth,
      user,
      dataDir,
      async api(path: string, token?: string) {
        const answer = await fetch(url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} })
        const challenge = answer.headers.get('www-authenticate')
        const body = (await answer.json()) as Record<string, unknown>
        return { status: answer.status, body, ...(challenge !== null && { challenge }) }
      },
      async post(path: string, body: object) {
        const answer = await fetch(issuer + path, {
          method: 'POST',
          headers: json,
          body: JSON.stringify(body),
        })
        return (await answer.json().catch(() => ({}))) as { accessToken: string; refreshToken: string }
      },
    }
  }

  it('accepts signed-in users by role, and refuses an ended session after a few seconds', async () => {
    const { api, post, user, auth } = await startBoth()
    const signIn = (email: string) => post(paths.signIn, { email, password, transport: 'bearer' })
    const ada = await signIn('ada@example.com')
    const bob = await signIn('bob@example.com')
    expect(await api('/invoices')).toMatchObject({ status: 401, body: { code: 'token_missing' } })
    expect(await api('/invoices', 'nonsense')).toMatchObject({ status: 401, body: { code: 'token_invalid' } })
    expect(await api('/invoices', ada.refreshToken)).toMatchObject({ status: 401 })
    expect(await api('/invoices', ada.accessToken)).toEqual({
      status: 200,
      body: { for: user.id, roles: ['finance'] },
    })
    expect(await api('/reports', ada.accessToken)).toMatchObject({ status: 200 })
    expect(await api('/reports', bob.accessToken)).toMatchObject({ status: 403 })

    await post(paths.signOut, { refreshToken: bob.refreshToken })
    const stale = { status: 401, body: { code: 'token_stale' } }
    await expect.poll(() => api('/invoices', bob.accessToken), { timeout: 20_000 }).toMatchObject(stale)
    expect(await api('/invoices', ada.accessToken)).toMatchObject({ status: 200 })
    await auth.close()
    const unavailable = { status: 503, body: { code: 'unavailable' } }
    await expect.poll(() => api('/invoices', ada.accessToken), { timeout: 20_000 }).toMatchObject(unavailable)
  })

  it('requires a recent authentication, and two factors, with the challenge of RFC 9470 section 3', async () => {
    const { api, post, dataDir } = await startBoth()
    const signIn = (email: string) => post(paths.signIn, { email, password, transport: 'bearer' })
    const first = await signIn('ada@example.com')
    expect(await api('/export', first.accessToken)).toMatchObject({ status: 200 })
    expect(await api('/payouts', (await signIn('bob@example.com')).accessToken)).toMatchObject({
      status: 403,
    })
    const elevenMinutes = 660_000
    const database = new Database(join(dataDir, 'sallyport.db'))
    database.prepare('update session set "authenticatedAt" = "authenticatedAt" - ?').run(elevenMinutes)
    database.close()
    const older = (await post(paths.refresh, { refreshToken: first.refreshToken })).accessToken
    const code = 'insufficient_user_authentication'
    expect(await api('/export', older)).toMatchObject({
      status: 401,
      body: { status: 401, code, maxAgeSeconds: 600 },
      challenge: `Bearer error="${code}", max_age="600"`,
    })
    expect(await api('/payouts', older)).toMatchObject({
      status: 401,
      body: { status: 401, code, acr: 'aal2' },
      challenge: `Bearer error="${code}", acr_values="aal2"`,
    })
    expect(await api('/reports', older)).toMatchObject({ status: 200 })
  })

  it('accepts and signs out nobody with a wrong credential', async () => {
    const { url, api, post } = await startBoth('another-credential-of-the-same-length')
    const { accessToken } = await post(paths.signIn, {
      ...{ email: 'ada@example.com', password, transport: 'bearer' },
    })
    expect(await api('/invoices', accessToken)).toMatchObject({ status: 503 })
    const answer = await fetch(`${url}/invoices`, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(answer.headers.get('retry-after')).toBe('1')
  })
})
