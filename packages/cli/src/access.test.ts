import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { readAccess } from '../../protocol/src/access.ts'
import { storeKinds } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { runInProcess } from './testing/in-process.ts'
import { commandOnFreshStore, type Environment, settings, start } from './testing/sallyport-command.ts'

vi.setConfig({ testTimeout: 60_000 })

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const definition = {
  permissions: ['report:read', 'invoice:read'],
  roles: { owner: ['report:read', 'invoice:read'], member: ['invoice:read'], guest: [] },
}
const source = `import { defineAccess } from '@sallyport/next/access'

export const access = defineAccess({
  permissions: ['report:read', 'invoice:read'],
  roles: { owner: '*', member: ['invoice:read'], guest: [] },
})
`

/** Writes files into a new folder with installed packages. Returns the folder. */
function folderOf(files: Record<string, string>): string {
  const folder = temporaryFolder()
  symlinkSync(modules, join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

describe('sallyport access export', () => {
  test('prints the definition of a .ts file as JSON that is itself a definition', async () => {
    const cwd = folderOf({
      'access.ts': source,
      'default.mjs': source.replace('export const access =', 'export default'),
    })
    const [named, other] = await Promise.all(
      ['access.ts', 'default.mjs'].map(
        (file) => start(['access', 'export', file], settings(), { cwd }).ended,
      ),
    )
    expect(named).toMatchObject({ code: 0, stderr: '', stdout: `${JSON.stringify(definition, null, 2)}\n` })
    expect(other?.stdout).toBe(named?.stdout)
    expect(readAccess(JSON.parse(named?.stdout ?? ''))).toEqual(definition)
  })

  test.each([
    [
      'access.json',
      '{"permissions":["a"],"roles":{"owner":["b"]}}',
      'The role owner has "b", which `permissions`',
    ],
    [
      'access.json',
      '{"access":{}}',
      'A definition has no member "access". It has `permissions` and `roles`.',
    ],
    ['access.json', 'permissions', 'is not valid JSON'],
    [
      'access.mjs',
      'export const rights = {}',
      'exports no definition. Write: export const access = defineAccess(',
    ],
    ['access.yaml', '', 'a definition must be .ts, .mjs, .js or .json.'],
  ])('refuses a file without a valid definition: %s %j', async (name, text, message) => {
    const file = join(folderOf({ [name]: text }), name)
    const { code, stdout, stderr } = await runInProcess(['access', 'export', file], {})
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(name)
    expect(stderr).toContain(message)
  })

  test('refuses a file that does not exist', async () => {
    const { code, stderr } = await runInProcess(['access', 'export', '/nowhere/access.json'], {})
    expect([code, stderr]).toEqual([1, 'There is no definition /nowhere/access.json.\n'])
  })
})

const page = `import { auth } from './auth'
export default async function Reports() {
  await auth.require({ permission: 'report:read' })
}
`
const api = `app.get('/invoices', requireAuth(verifier, { permission: 'invoice:read' }), list)\n`

/** Runs the check with the definition in access.json, without a database. */
async function check(files: Record<string, string>, { env = {}, words = [] as string[] } = {}) {
  const folder = folderOf({ 'access.json': JSON.stringify(definition), ...files })
  const typed = ['access', 'check', '--access', join(folder, 'access.json'), '--no-database', ...words]
  if (!words.includes('--code')) typed.push('--code', folder)
  const { code, stdout, stderr } = await runInProcess(typed, env as Environment)
  return { code, stderr, lines: stdout.replaceAll(`${folder}/`, '').split('\n').slice(0, -1) }
}

describe('sallyport access check', () => {
  test('exits with 0 if all names in the code are defined', async () => {
    expect(await check({ 'app/page.tsx': page, 'api.ts': api })).toEqual({
      code: 0,
      stderr: '',
      lines: ['No mistake: 3 roles and 2 permissions, compared with the settings and 2 guards in 2 files.'],
    })
  })

  test('prints one line for each mistake in the code, with its place, and exits with 1', async () => {
    const files = {
      'app/page.tsx': page.replace('report:read', 'report:raed'),
      'api.ts': `${api}const x = requireAuth(verifier, { role: ['owner', 'x'] })\n`,
      'broken.ts': 'auth.require({ role: })',
    }
    expect(await check(files)).toEqual({
      code: 1,
      stderr: '3 mistakes found.\n',
      lines: [
        'api.ts:2:51  There is no role "x".',
        'app/page.tsx:3:36  There is no permission "report:raed". Did you mean report:read?',
        expect.stringMatching(/^broken\.ts:1:22 {2}This file is not valid code: .+\.$/),
        'note: No guard requires the permission report:read.',
      ],
    })
  })

  test('reads neither packages, build results, tests nor declarations, unless they are named', async () => {
    const wrong = "auth.require({ role: 'wrong' })\n"
    const skipped = ['.next/a.js', 'dist/a.js', 'a.test.ts', 'a.spec.tsx', '__tests__/a.ts', 'a.d.ts', 'a.md']
    const files = {
      'page.tsx': page,
      'api.ts': api,
      ...Object.fromEntries(skipped.map((file) => [file, wrong])),
    }
    expect(await check(files)).toMatchObject({ code: 0 })
    const folder = folderOf(files)
    const named = await check({}, { words: ['--code', join(folder, 'dist'), join(folder, 'a.test.ts')] })
    expect(named).toMatchObject({ code: 1, stderr: '2 mistakes found.\n' })
    const missing = await check({}, { words: ['--code', join(folder, 'nowhere')] })
    expect(missing).toMatchObject({ code: 1, lines: [] })
    expect(missing.stderr).toContain('There is no file or folder ')
  })

  test('notes a guard whose name is not a literal', async () => {
    const { code, lines } = await check({
      'page.tsx': page,
      'api.ts': `${api}auth.require({ role: asked })\n`,
    })
    expect([code, lines[0]]).toEqual([
      0,
      'note: api.ts:2:22: this guard was not checked, because its names are not in the file.',
    ])
  })

  test('compares the settings with the definition', async () => {
    const env = {
      SALLYPORT_DEFAULT_ROLES: 'membr',
      SALLYPORT_SECOND_FACTOR_ROLES: 'owner,admin',
      SALLYPORT_VERIFIED_PERMISSIONS: 'report:raed',
      SALLYPORT_ROLES: '{"owner":["invoice:read"],"member":["invoice:read"],"x":[]}',
    }
    expect(await check({ 'page.tsx': page, 'api.ts': api }, { env })).toEqual({
      code: 1,
      stderr: '6 mistakes found.\n',
      lines: [
        'SALLYPORT_DEFAULT_ROLES  There is no role "membr". Did you mean member?',
        'SALLYPORT_SECOND_FACTOR_ROLES  There is no role "admin".',
        'SALLYPORT_VERIFIED_PERMISSIONS  There is no permission "report:raed". Did you mean report:read?',
        'SALLYPORT_ROLES  The role owner differs. Here: invoice:read. In the definition: report:read, invoice:read.',
        'SALLYPORT_ROLES  The role guest differs. Here: not defined. In the definition: no permissions.',
        'SALLYPORT_ROLES  The role x differs. Here: no permissions. In the definition: not defined.',
      ],
    })
  })

  test('notes that the default role of new users is not defined', async () => {
    const json = JSON.stringify({ permissions: [], roles: { owner: [] } })
    const { code, lines } = await check({ 'access.json': json })
    expect([code, lines[0]]).toEqual([
      0,
      'note: SALLYPORT_DEFAULT_ROLES is not set. So new users get the role member, which is not defined.',
    ])
  })

  test('takes the definition from the configuration file, or from SALLYPORT_ROLES', async () => {
    const config = join(folderOf({ 'config.json': JSON.stringify({ access: definition }) }), 'config.json')
    const code = folderOf({ 'page.tsx': page, 'api.ts': api })
    const words = ['access', 'check', '--no-database', '--code', code]
    const ofFile = await runInProcess(words, { SALLYPORT_CONFIG: config })
    expect(ofFile).toMatchObject({ code: 0, stdout: expect.stringContaining('3 roles and 2 permissions') })
    const ofSetting = await runInProcess(words, { SALLYPORT_ROLES: '{"member":["invoice:read"]}' })
    expect(ofSetting.stdout).toContain('There is no permission "report:read".')
    const none = await runInProcess(words, {})
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/^There is no definition of roles/)])
  })

  test.each(storeKinds)('compares the roles of users on %s', async (kind) => {
    const { env, createUser } = await commandOnFreshStore(kind)
    await createUser('ada@example.com', ' --role owner --role ownr')
    await createUser('bob@example.com', ' --role ownr')
    const folder = folderOf({ 'access.json': JSON.stringify(definition), 'page.tsx': page, 'api.ts': api })
    const words = ['access', 'check', '--access', join(folder, 'access.json'), '--code', folder]
    const text = await runInProcess(words, env)
    expect(text).toMatchObject({ code: 1, stderr: '1 mistake found.\n' })
    expect(text.stdout.split('\n')).toEqual([
      'users  There is no role "ownr". Did you mean owner? 2 users have it.',
      'note: Nobody has the role member.',
      'note: Nobody has the role guest.',
      '',
    ])
    const json = await runInProcess([...words, '--json'], env)
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      1,
      {
        mistakes: [
          { where: 'users', message: 'There is no role "ownr". Did you mean owner? 2 users have it.' },
        ],
        notes: ['Nobody has the role member.', 'Nobody has the role guest.'],
      },
    ])
  })

  test('says how to leave out the database if it cannot be opened, and does not open it with wrong settings', async () => {
    const folder = folderOf({ 'access.json': JSON.stringify(definition) })
    const words = ['access', 'check', '--access', join(folder, 'access.json'), '--code', folder]
    const env = settings({ DATA_DIR: temporaryFolder() })
    const missing = await runInProcess(words, env)
    expect(missing).toMatchObject({ code: 1, stdout: '' })
    expect(missing.stderr).toMatch(/^There is no database .*\n.*--no-database\.\n$/)
    const wrong = await runInProcess(words, { ...env, SALLYPORT_DEFAULT_ROLES: 'x' })
    expect(wrong.stdout).toContain('note: The roles of users were not compared, because a setting is wrong.')
  })
})
