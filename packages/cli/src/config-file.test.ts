import { symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { password, run, settings, start } from './testing/sallyport-command.ts'

vi.setConfig({ testTimeout: 60_000 })

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** Creates the folder of a customer, with a configuration file and installed packages. Returns the path of the file. */
function fileOf(name: string, text: string): string {
  const folder = temporaryFolder()
  symlinkSync(modules, join(folder, 'node_modules'))
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** Returns the settings of a test without those that are in the file. */
const without = (...names: string[]) =>
  settings({ DATA_DIR: temporaryFolder(), ...Object.fromEntries(names.map((name) => [name, undefined])) })

async function urlOf({ child, output, ended }: ReturnType<typeof start>): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0]
      if (found !== undefined) resolve(found)
    })
    void ended.then(({ stderr }) => reject(new Error(stderr)))
  })
}

const typescript = `import { defineConfig } from '@sallyport/server'

export default defineConfig({
  audience: 'from-the-file',
  defaultRoles: ['from-the-file'],
  userFields: { company: { type: 'text', required: true, writable: ['sign-up'] } },
  hooks: {
    beforeSignUp: ({ email }: { email: string }) =>
      email.endsWith('@example.com') ? undefined : { field: 'email', message: 'Company addresses only.' },
    claims: ({ fields }) => ({ company: fields.company }),
  },
})
`

test('reads settings, hooks and fields from a .ts file; environment variables take precedence', async () => {
  const file = fileOf('sallyport.config.ts', typescript)
  const env = { ...without('SALLYPORT_AUDIENCE'), SALLYPORT_DEFAULT_ROLES: 'from-the-environment' }
  const url = await urlOf(start(['serve', '--config', file], env))
  const signUp = (email: string) =>
    fetch(`${url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email,
        password,
        name: 'Ada',
        transport: 'bearer',
        fields: { company: 'Ledgerline' },
      }),
    })
  expect((await signUp('eve@evil.example')).status).toBe(422)
  const answer = (await (await signUp('ada@example.com')).json()) as { accessToken: string; user: object }
  expect(answer.user).toMatchObject({ fields: { company: 'Ledgerline' }, roles: ['from-the-environment'] })
  const claims = JSON.parse(Buffer.from(answer.accessToken.split('.')[1] ?? '', 'base64url').toString())
  expect(claims).toMatchObject({ aud: ['from-the-file'], company: 'Ledgerline' })
  // The other commands read the same file and accept the same fields.
  const withFile = { ...env, SALLYPORT_CONFIG: file }
  const [shown, exported] = await Promise.all([
    run(['users', 'show', 'ada@example.com', '--json'], withFile),
    run(['users', 'export', '--csv', '--config', file], env),
  ])
  expect(JSON.parse(shown.stdout)).toMatchObject({ fields: { company: 'Ledgerline' } })
  expect(exported.stdout).toContain('"{""company"":""Ledgerline""}"')
})

test('a relative import may leave out the ending .ts, as in a Next app', async () => {
  const text = (name: string) =>
    `import { audience } from './${name}'\nexport default { audience, port: 'many' }\n`
  const start = (name: string) => {
    const file = fileOf('config.ts', text(name))
    writeFileSync(join(dirname(file), 'audience.ts'), "export const audience = 'billing-api'\n")
    return run(['serve', '--config', file], without('SALLYPORT_AUDIENCE', 'AUTH_PORT'))
  }
  const [found, missing] = await Promise.all([start('audience'), start('audeince')])
  // The import was found, because the next mistake is reported.
  expect(found.stderr).toContain('AUTH_PORT must be a whole number')
  expect(missing.stderr).toMatch(/config\.ts cannot be read: .*\/audeince'/)
})

test('reads settings from a .json file', async () => {
  const file = fileOf('sallyport.json', JSON.stringify({ audience: 'billing-api', port: 0 }))
  const env = without('SALLYPORT_AUDIENCE', 'AUTH_PORT')
  await urlOf(start(['serve', '--config', file], env))
})

const wrong: [text: string | null, line: RegExp][] = [
  [null, /^There is no configuration file \/.*nowhere\.ts\.\n$/],
  [
    'export default { audeince: "x" }',
    /config\.mjs: There is no setting audeince\. Did you mean audience\?\n$/,
  ],
  [
    'export default { hooks: { beforeSignup() {} } }',
    /^There is no hook beforeSignup\..*\n.*config\.mjs\.\n$/,
  ],
  ['export default { port: "many" }', /^AUTH_PORT must be a whole number.*\n.*config\.mjs\.\n$/],
  ['export const port = 1', /config\.mjs has no default export\./],
  ['export default {', /config\.mjs cannot be read: /],
]

test('reports the place of a syntax error in a .json file, without its secrets', async () => {
  const text = '{\n  "secret": "server-7RtYh3NbVc9XzLk5JhGf2DsAqW",\n  "port": many }'
  const { code, stderr } = await run(['serve', '--config', fileOf('config.json', text)], without())
  expect([code, stderr]).toEqual([1, expect.stringMatching(/config\.json is not valid JSON.*\.\n$/)])
  expect(stderr).not.toMatch(/server-7R|many/)
})

test('reports an invalid file in a sentence that names it, with exit code 1', async () => {
  const ended = await Promise.all(
    wrong.map(([text]) => {
      const file = text === null ? '/nowhere.ts' : fileOf('config.mjs', text)
      return run(['serve', '--config', file], without('AUTH_PORT'))
    }),
  )
  for (const [at, { code, stdout, stderr }] of ended.entries()) {
    expect(stderr).toMatch(wrong[at]?.[1] ?? '')
    expect([code, stdout]).toEqual([1, ''])
  }
})
