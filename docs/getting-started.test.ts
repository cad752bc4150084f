import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { run, settings, start } from '../packages/cli/src/testing/sallyport-command.ts'
import { temporaryFolder } from '../packages/server/src/testing/temporary-folder.ts'
import { samplesOf } from '../scripts/docs/samples.ts'
import { createProcesses, untilReady } from '../scripts/example/processes.ts'
import { root } from '../scripts/install.mjs'
import { freePort } from '../tests/system/free-port.ts'

vi.setConfig({ testTimeout: 120_000 })

const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8')
const email = 'you@example.com'
const password = 'correct horse battery staple'

/** The settings of the auth server as the page gives them, and the line that its third step adds. */
function documentedSettings(dataDir: string, at: (text: string) => string): string {
  const block = /^The auth server reads[^`]*(?:`[^`]*`[^`]*)*?```sh\n([\s\S]*?)```/m.exec(page)?.[1] ?? ''
  const lines = [...block.matchAll(/^export (\w+)=(\S+)/gm)].map(([, name, value = '']) => {
    if (name === 'DATA_DIR') return `DATA_DIR=${dataDir}`
    return `${name}=${value.startsWith('$(openssl') ? randomBytes(32).toString('base64') : at(value)}`
  })
  const roles = page.match(/^SALLYPORT_ROLES=.*$/m)?.[0] ?? ''
  return `${[...lines, roles].join('\n')}\n`
}

test('followed to the letter, its API answers 200 to a user who has signed in, 401 to nobody, and takes an invoice from finance', async () => {
  const [authPort, apiPort] = [await freePort(), await freePort()]
  const authUrl = `http://localhost:${authPort}`
  const apiUrl = `http://localhost:${apiPort}`
  const at = (text: string) =>
    text.replaceAll('http://localhost:4000', authUrl).replaceAll('4100', `${apiPort}`)
  const folder = temporaryFolder()
  const file = join(folder, '.env.sallyport.local')
  const written = documentedSettings(join(folder, '.sallyport'), at)
  writeFileSync(file, written)
  // Nothing but what the page says, the port, and the cheapest hash.
  const { PATH, NODE_COMPILE_CACHE, SALLYPORT_HASH_MEMORY_KIBIBYTES, SALLYPORT_HASH_ITERATIONS } = settings()
  const env = { PATH, NODE_COMPILE_CACHE, SALLYPORT_HASH_MEMORY_KIBIBYTES, SALLYPORT_HASH_ITERATIONS }
  const known = ['--settings', file]
  start(['serve', ...known], { ...env, AUTH_PORT: String(authPort) })
  await untilReady(`${authUrl}/readyz`, 60_000)
  const create = ['users', 'create', email, '--name', 'You', '--password-stdin', ...known]
  expect(await run(create, env, `${password}\n`)).toMatchObject({ code: 0 })

  // Where packages resolve as they do in an app of somebody's own.
  const api = mkdtempSync(join(root, 'apps/billing-web/samples-'))
  onTestFinished(() => rmSync(api, { recursive: true, force: true }))
  const sample = samplesOf('docs/getting-started.md').find((each) => each.file === 'express.ts')
  writeFileSync(join(api, 'express.ts'), at(sample?.code ?? ''))
  const secret = written.match(/^SALLYPORT_VERIFIER_SECRET=(.*)$/m)?.[1]
  const processes = createProcesses(() => {})
  onTestFinished(() => processes.stop())
  processes.start(
    {
      name: 'api',
      args: [join(api, 'express.ts')],
      env: { PATH, SALLYPORT_VERIFIER_SECRET: secret } as unknown as NodeJS.ProcessEnv,
      readyUrl: apiUrl,
    },
    () => {},
  )
  const refused = await vi.waitFor(() => fetch(`${apiUrl}/invoices`), { timeout: 30_000, interval: 100 })
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'token_missing' }])

  const json = { 'content-type': 'application/json' }
  const signIn = async () => {
    const body = JSON.stringify({ email, password, transport: 'bearer' })
    const signedIn = await fetch(`${authUrl}/api/auth/login`, { method: 'POST', headers: json, body })
    return (await signedIn.json()) as { accessToken: string; user: { id: string } }
  }
  const invoices = async (accessToken: string, sent?: unknown) => {
    const answer = await fetch(`${apiUrl}/invoices`, {
      headers: { ...json, authorization: `Bearer ${accessToken}` },
      ...(sent !== undefined && { method: 'POST', body: JSON.stringify(sent) }),
    })
    return [answer.status, await answer.json()]
  }
  const { accessToken, user } = await signIn()
  expect(await invoices(accessToken)).toMatchObject([200, { userId: user.id }])

  // The form of its fourth step: refused to a member, and there for the list once it was created.
  expect(await invoices(accessToken, { number: 'INV-002' })).toMatchObject([403, { code: 'forbidden' }])
  const setRoles = page
    .match(/`npx --no sallyport (users set-roles you@example\.com finance)/)?.[1]
    ?.split(' ')
  expect(await run([...(setRoles ?? []), ...known], env)).toMatchObject({ code: 0 })
  const finance = (await signIn()).accessToken
  expect(await invoices(finance, { number: 'INV-002' })).toEqual([201, { id: '2', number: 'INV-002' }])
  expect(await invoices(finance)).toMatchObject([200, { items: [{ id: '1' }, { number: 'INV-002' }] }])
})
