import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import { commandOn, password, serve, settings } from '../packages/cli/src/testing/sallyport-command.ts'
import { temporaryFolder } from '../packages/server/src/testing/temporary-folder.ts'
import { samplesOf } from '../scripts/docs/samples.ts'
import { createProcesses } from '../scripts/example/processes.ts'
import { root } from '../scripts/install.mjs'
import { freePort } from '../tests/system/free-port.ts'

vi.setConfig({ testTimeout: 120_000 })

/** Starts the auth server and the API of docs/permissions.md, with the files of the page. */
async function startSamples() {
  const [authPort, apiPort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${authPort}`
  const url = `http://localhost:${apiPort}`
  // In this folder, packages resolve as they do for a customer.
  const folder = mkdtempSync(join(root, 'apps/billing-web/samples-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const { file, code } of samplesOf('docs/permissions.md'))
    if (!file.includes('/'))
      writeFileSync(
        join(folder, file),
        code.replaceAll('http://localhost:4000', issuer).replaceAll('4100', String(apiPort)),
      )
  const env = settings({
    DATA_DIR: temporaryFolder(),
    AUTH_PORT: String(authPort),
    SALLYPORT_ISSUER: issuer,
    SALLYPORT_AUDIENCE: 'my-api',
    SALLYPORT_CONFIG: join(folder, 'sallyport.config.ts'),
  })
  await serve(env)
  const databaseFile = join(temporaryFolder(), 'invoices.db')
  const processes = createProcesses(() => {})
  onTestFinished(() => processes.stop())
  processes.start(
    {
      name: 'api',
      args: [join(folder, 'invoices-api.ts')],
      env: { ...process.env, DATABASE_FILE: databaseFile },
      readyUrl: url,
    },
    () => {},
  )
  await vi.waitFor(() => fetch(url), { timeout: 30_000, interval: 100 })
  const { createUser } = commandOn(env)
  const json = { 'content-type': 'application/json' }
  return {
    env,
    databaseFile,
    /** Creates a user with this role, and returns a function that calls the API for the user. */
    async callerWith(role: string | null) {
      const email = `${randomBytes(4).toString('hex')}@example.com`
      const user = await createUser(email, role === null ? '' : ` --role ${role}`)
      if (role === null) await commandOn(env).text(`users set-roles ${email} --none`)
      const body = JSON.stringify({ email, password, transport: 'bearer' })
      const signedIn = await fetch(`${issuer}/api/auth/login`, { method: 'POST', headers: json, body })
      const { accessToken } = (await signedIn.json()) as { accessToken: string }
      return { id: user.id, call: callOf(accessToken) }
    },
    stranger: callOf(null),
  }

  function callOf(accessToken: string | null) {
    const authorization = accessToken === null ? {} : { authorization: `Bearer ${accessToken}` }
    return async (method: 'GET' | 'POST', path: string, sent?: object) => {
      const body = sent && JSON.stringify(sent)
      const answer = await fetch(url + path, {
        method,
        headers: { ...json, ...authorization },
        ...(body !== undefined && { body }),
      })
      const text = await answer.text()
      return [answer.status, answer.ok ? JSON.parse(text) : null]
    }
  }
}

test('the samples run: the API returns only the rows of the user, and only to users with the permission', async () => {
  const { callerWith, stranger, databaseFile } = await startSamples()
  const [finance, other, member, owner, nobody] = await Promise.all(
    ['finance', 'finance', 'member', 'owner', null].map(callerWith),
  )
  expect(await finance?.call('POST', '/invoices', { amount: 100 })).toEqual([201, { id: 1 }])
  expect(await other?.call('POST', '/invoices', { amount: 200 })).toEqual([201, { id: 2 }])
  expect(await member?.call('POST', '/invoices', { amount: 300 })).toEqual([403, null])
  const rows = new Database(databaseFile, { readonly: true })
    .prepare('select * from invoice order by id')
    .all()
  expect(rows).toEqual([
    { id: 1, ownerId: finance?.id, amount: 100 },
    { id: 2, ownerId: other?.id, amount: 200 },
  ])

  expect(await finance?.call('GET', '/invoices')).toEqual([200, [{ id: 1, amount: 100 }]])
  expect(await other?.call('GET', '/invoices')).toEqual([200, [{ id: 2, amount: 200 }]])
  expect(await member?.call('GET', '/invoices')).toEqual([200, []])
  expect(await nobody?.call('GET', '/invoices')).toEqual([403, null])
  expect(await stranger('GET', '/invoices')).toEqual([401, null])

  expect(await finance?.call('GET', '/invoices/1')).toEqual([200, { id: 1, amount: 100 }])
  for (const caller of [other, member, owner])
    expect(await caller?.call('GET', '/invoices/1')).toEqual([404, null])
})
