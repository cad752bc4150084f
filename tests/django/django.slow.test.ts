import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Access, defineAccess } from '../../packages/protocol/src/access.ts'
import { accessTokenUrn, paths, tokenExchangeGrant } from '../../packages/protocol/src/endpoints/index.ts'
import { organizationPermissions } from '../../packages/protocol/src/index.ts'
import { createSallyport, type Sallyport } from '../../packages/server/src/index.ts'
import { type RunningServer, serve } from '../../packages/server/src/node.ts'
import { testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'
import { findDjango } from '../system/interpreters.ts'
import { exportedDefinition as fileOf, outcomesOf } from '../vectors/permission-outcomes.ts'

const python = findDjango()

type Operator = Sallyport['operator']

const folder = join(root, 'examples/django')
const password = 'velvet harbour quilt seven'
const json = { 'content-type': 'application/json' }

describe.skipIf(python === null)('the Django example', () => {
  it('gives each token the result of the test vectors [JWT-01 to JWT-25, AT-01 to AT-04]', () => {
    const file = join(root, 'tests/vectors/access-tokens.json')
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: { name: string; verdict: string }[] }
    const { stdout, stderr } = spawnSync(python ?? '', [join(folder, 'check_vectors.py'), file], {
      encoding: 'utf8',
    })
    // What the operator can fix, logged once each.
    expect(stderr).toMatch(
      /^a signing key is not a point of its curve, .*\nA token for nobody was refused here, .* is billing-api\. .*\n$/,
    )
    expect(JSON.parse(stdout)).toEqual(cases.map(({ name, verdict }) => [name, verdict]))
  })

  it('gives each token the permissions of the test vectors, and refuses the same names of guards', () => {
    const file = join(root, 'tests/vectors/permissions.json')
    const { stdout, stderr } = spawnSync(python ?? '', [join(folder, 'check_permissions.py'), file], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(outcomesOf(file))
  })

  /** @param definition The definition of the auth server and of the API. Without it, the auth server has the roles below. */
  async function startBoth(
    audience = 'billing-api',
    definition?: Access,
    organizations: 'on' | 'off' = 'off',
  ) {
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}`
    const rolePermissions = { member: ['invoice:read'], finance: ['invoice:read'], support: [] }
    const place = { host: '127.0.0.1', issuer, port, logLevel: 'silent' } as const
    const open = () =>
      definition
        ? serve(
            { ...testOptions, rolePermissions: undefined, organizations, ...place, dataDir },
            { access: definition },
          )
        : serve({ ...testOptions, rolePermissions, ...place, dataDir })
    const dataDir = temporaryFolder()
    let auth: RunningServer = await open()
    onTestFinished(() => auth.close())
    const child = spawn(python ?? '', [join(folder, 'api.py'), '0'], {
      env: {
        ...process.env,
        SALLYPORT_ISSUER: issuer,
        SALLYPORT_AUDIENCE: audience,
        SALLYPORT_VERIFIER_SECRET: verifierSecret,
        ...(definition && { SALLYPORT_ACCESS: fileOf(definition) }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = await new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve))
    const ask = (path: string, token?: string, sent?: unknown) =>
      fetch(url + path, {
        method: sent === undefined ? 'GET' : 'POST',
        headers: { ...json, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        ...(sent !== undefined && { body: JSON.stringify(sent) }),
      })
    const api = async (path: string, token?: string, sent?: unknown) => {
      const answer = await ask(path, token, sent)
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const post = async (path: string, body: object) => {
      const answer = await fetch(issuer + path, { method: 'POST', headers: json, body: JSON.stringify(body) })
      return (await answer.json()) as { accessToken: string; refreshToken: string }
    }
    const signIn = (email: string) => post(paths.signIn, { email, password, transport: 'bearer' })
    const refresh = (refreshToken: string) => post(paths.refresh, { refreshToken })
    return {
      issuer,
      dataDir,
      refresh,
      ask,
      api,
      log: () => log,
      signIn,
      operator: () => auth.sallyport.operator,
      /** At the command line, with no server running. */
      async operateBeside(work: (operator: Operator) => Promise<unknown>) {
        const beside = await createSallyport({ ...testOptions, issuer, dataDir, logLevel: 'silent' })
        await work(beside.operator)
        await beside.close()
      },
      stopAuth: () => auth.close(),
      async startAuth() {
        auth = await open()
      },
    }
  }

  it('accepts signed-in users by role, and refuses a session that ended a moment ago', async () => {
    const { api, signIn, operator, issuer } = await startBoth()
    const user = await operator().users.create({
      email: 'ada@example.com',
      name: 'Ada',
      password,
      roles: ['finance'],
    })
    await operator().users.create({ email: 'bob@example.com', name: 'Bob', password })
    const ada = await signIn('ada@example.com')
    const bob = await signIn('bob@example.com')

    expect(await api('/invoices')).toMatchObject({ status: 401 })
    expect(await api('/invoices', 'nonsense')).toMatchObject({ status: 401, body: { code: 'token_invalid' } })
    expect(await api('/invoices', ada.accessToken)).toEqual({
      status: 200,
      body: { for: user.id, roles: ['finance'] },
    })
    expect(await api('/reports', ada.accessToken)).toMatchObject({ status: 200 })
    expect(await api('/reports', bob.accessToken)).toMatchObject({ status: 403 })

    await fetch(issuer + paths.signOut, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ refreshToken: bob.refreshToken }),
    })
    await expect
      .poll(() => api('/invoices', bob.accessToken), { timeout: 20_000 })
      .toMatchObject({
        status: 401,
        body: { code: 'session_ended' },
      })
    await operator().users.setRoles(user.id, ['member'])
    await expect
      .poll(() => api('/reports', ada.accessToken), { timeout: 20_000 })
      .toMatchObject({
        status: 401,
        body: { code: 'token_stale' },
      })
  })

  it('refuses with problem+json, a numeric status and the codes of docs/errors.md', async () => {
    const { ask, api, signIn, operator } = await startBoth()
    await operator().users.create({ email: 'ada@example.com', name: 'Ada', password, roles: ['support'] })
    const { accessToken } = await signIn('ada@example.com')
    const refusal = async (...words: Parameters<typeof ask>) => {
      const answer = await ask(...words)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      const body = (await answer.json()) as Record<string, unknown>
      expect(body).toMatchObject({ status: answer.status, title: expect.any(String) })
      return [answer.status, body.code]
    }
    expect(await refusal('/invoices')).toEqual([401, 'token_missing'])
    expect(await refusal('/invoices', 'nonsense')).toEqual([401, 'token_invalid'])
    // A role of HasRole and a permission of HasPermission, neither of which this user has.
    expect(await refusal('/reports', accessToken)).toEqual([403, 'forbidden'])
    expect(await refusal('/invoices', accessToken)).toEqual([403, 'forbidden'])
    // Errors that do not concern authentication get the response of Django REST framework.
    expect(await api('/reports', accessToken, {})).toMatchObject({ status: 403 })
    await operator().users.create({ email: 'eve@example.com', name: 'Eve', password, roles: ['finance'] })
    const finance = (await signIn('eve@example.com')).accessToken
    expect(await api('/reports', finance, {})).toEqual({
      status: 405,
      body: { detail: 'Method "POST" not allowed.' },
    })
  })

  it('requires a recent authentication, and two factors, with the challenge of RFC 9470 section 3', async () => {
    const { ask, api, signIn, refresh, operator, dataDir } = await startBoth()
    await operator().users.create({ email: 'ada@example.com', name: 'Ada', password, roles: ['finance'] })
    await operator().users.create({ email: 'bob@example.com', name: 'Bob', password })
    const first = await signIn('ada@example.com')
    expect(await api('/export', first.accessToken)).toMatchObject({ status: 200 })
    const bob = (await signIn('bob@example.com')).accessToken
    expect(await api('/payouts', bob)).toMatchObject({ status: 403 })
    const elevenMinutes = 660_000
    const database = new Database(join(dataDir, 'sallyport.db'))
    database.prepare('update session set "authenticatedAt" = "authenticatedAt" - ?').run(elevenMinutes)
    database.close()
    const older = (await refresh(first.refreshToken)).accessToken
    const code = 'insufficient_user_authentication'
    const refused = await ask('/export', older)
    expect(refused.headers.get('www-authenticate')).toBe(`Bearer error="${code}", max_age="600"`)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({ status: 401, code, maxAgeSeconds: 600 })
    const weak = await ask('/payouts', older)
    expect(weak.headers.get('www-authenticate')).toBe(`Bearer error="${code}", acr_values="aal2"`)
    expect(await weak.json()).toMatchObject({ status: 401, code, acr: 'aal2' })
    expect(await api('/reports', older)).toMatchObject({ status: 200 })
  })

  it('one view lets some users read and others write, without a CSRF token', async () => {
    const { api, signIn, operator } = await startBoth()
    await operator().users.create({ email: 'ada@example.com', name: 'Ada', password, roles: ['finance'] })
    await operator().users.create({ email: 'bob@example.com', name: 'Bob', password })
    const [ada, bob] = [await signIn('ada@example.com'), await signIn('bob@example.com')]
    const invoice = { number: 'INV-002' }
    expect(await api('/invoices', bob.accessToken)).toMatchObject({ status: 200 })
    expect(await api('/invoices', bob.accessToken, invoice)).toMatchObject({ status: 403 })
    expect(await api('/invoices', ada.accessToken, invoice)).toEqual({ status: 201, body: invoice })
  })

  it('takes permissions that do not fit into the token from the exported definition', async () => {
    const many = Array.from({ length: 200 }, (_, at) => `project-${at}:read`)
    const definition = defineAccess({
      permissions: ['invoice:read', ...many],
      roles: { owner: '*', finance: many, member: [] },
    })
    const { api, signIn, operator } = await startBoth('billing-api', definition)
    const create = (email: string, roles: string[]) =>
      operator().users.create({ email, name: 'Ada', password, roles })
    await create('ada@example.com', ['owner'])
    await create('bob@example.com', ['finance'])
    const [ada, bob] = [await signIn('ada@example.com'), await signIn('bob@example.com')]
    for (const { accessToken } of [ada, bob]) {
      const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
      expect(claims).toMatchObject({ permissions_of: 'roles' })
    }
    expect(await api('/invoices', ada.accessToken)).toMatchObject({ status: 200 })
    expect(await api('/invoices', bob.accessToken)).toMatchObject({ status: 403 })
  })

  it('does not start with a guard for a name that the definition does not have', () => {
    const start = (permissions: string[]) =>
      spawnSync(python ?? '', [join(folder, 'api.py'), '0'], {
        encoding: 'utf8',
        env: {
          ...process.env,
          SALLYPORT_ISSUER: 'http://localhost:4000',
          SALLYPORT_VERIFIER_SECRET: verifierSecret,
          SALLYPORT_ACCESS: fileOf({ permissions, roles: { finance: [], owner: [] } }),
        },
      })
    const { status, stderr } = start(['invoice:raed'])
    expect(status).toBe(1)
    expect(stderr).toContain('There is no permission "invoice:read". Did you mean invoice:raed?')
  })

  it('logs once that tokens are for another audience, and does not tell the caller', async () => {
    const { api, signIn, operator, log } = await startBoth('reports-api')
    await operator().users.create({ email: 'ada@example.com', name: 'Ada', password })
    const { accessToken } = await signIn('ada@example.com')
    for (const _ of [1, 2]) {
      const { status, body } = await api('/invoices', accessToken)
      expect([status, body.code]).toEqual([401, 'token_invalid'])
      expect(JSON.stringify(body)).not.toContain('billing')
    }
    await expect.poll(log).toContain('reports-api')
    expect(log().match(/A token for billing-api, billing-web was refused here/g)).toHaveLength(1)
  })

  it('for organizations, accepts their tokens only, and refuses them after a demotion or a deletion [G03, G06]', async () => {
    const definition = defineAccess({
      permissions: [...organizationPermissions, 'invoice:read'],
      roles: { owner: '*', finance: [], member: ['invoice:read'] },
    })
    const { api, signIn, operator, issuer } = await startBoth('billing-api/organization', definition, 'on')
    const { id: userId } = await operator().users.create({ email: 'ada@example.com', name: 'Ada', password })
    const { accessToken } = await signIn('ada@example.com')
    const ask = async (path: string, body: object) => {
      const headers = { ...json, authorization: `Bearer ${(await signIn('ada@example.com')).accessToken}` }
      const answer = await fetch(issuer + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await answer.json()) as { organization: { id: string } }
    }
    const { organization } = await ask(paths.createOrganization, { name: 'Acme', slug: 'acme' })
    const trade = async () => {
      const answer = await fetch(issuer + paths.tradeToken, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: tokenExchangeGrant,
          subject_token: (await signIn('ada@example.com')).accessToken,
          subject_token_type: accessTokenUrn,
          organization: 'acme',
        }),
      })
      return ((await answer.json()) as { access_token: string }).access_token
    }
    expect(await api('/invoices', accessToken)).toMatchObject({
      status: 401,
      body: { code: 'token_invalid' },
    })
    const asOwner = await trade()
    expect(await api('/invoices', asOwner)).toEqual({
      status: 200,
      body: { for: userId, roles: ['owner'], organization: organization.id },
    })
    const stale = { status: 401, body: { code: 'token_stale' } }
    const { id: other } = await operator().users.create({ email: 'bob@example.com', name: 'Bob', password })
    await operator().organizations.setMember(organization.id, other, ['owner'])
    await operator().organizations.setMember(organization.id, userId, ['member'])
    await expect.poll(() => api('/invoices', asOwner), { timeout: 20_000 }).toMatchObject(stale)
    const asMember = await trade()
    expect(await api('/invoices', asMember)).toMatchObject({ status: 200, body: { roles: ['member'] } })
    await operator().organizations.delete(organization.id)
    await expect.poll(() => api('/invoices', asMember), { timeout: 20_000 }).toMatchObject(stale)
  })

  it('learns which sessions ended while it was disconnected', { timeout: 60_000 }, async () => {
    const { api, signIn, operator, operateBeside, stopAuth, startAuth } = await startBoth()
    const user = await operator().users.create({ email: 'ada@example.com', name: 'Ada', password })
    const { accessToken } = await signIn('ada@example.com')
    expect((await api('/invoices', accessToken)).status).toBe(200)
    await stopAuth()
    await operateBeside((beside) => beside.sessions.revokeAll(user.id))
    await startAuth()
    await expect
      .poll(() => api('/invoices', accessToken), { timeout: 20_000 })
      .toMatchObject({
        status: 401,
        body: { code: 'token_stale' },
      })
  })
})
