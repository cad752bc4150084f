import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshStore, storeKinds } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { serveInProcess } from './testing/in-process.ts'
import { clientOf } from './testing/running-server.ts'
import { commandOn, settingsOf } from './testing/sallyport-command.ts'

const next = 'server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS'
const otherKind = { SQLite: 'PostgreSQL', PostgreSQL: 'SQLite' } as const

describe.each(storeKinds)('on %s', (kind) => {
  test('backs up beside a running server to a private file, never overwrites it, and restores it into the other kind', async () => {
    const env = settingsOf(await freshStore(kind))
    const { url } = await serveInProcess(env)
    const command = commandOn(env)
    await command.createUser('ada@example.com')
    const tokens = await clientOf(url).signIn('ada@example.com')
    const folder = temporaryFolder()
    const file = join(folder, 'one.backup')
    expect(await command.text(`backup ${file}`)).toMatch(
      /^Wrote \S+: 1 users, 1 sessions, \d+ audit events\.\n$/,
    )
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const bytes = readFileSync(file)
    expect(await command.run(`backup ${file}`)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/There is a file .* already/),
    })
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(readdirSync(folder)).toEqual(['one.backup'])

    const target = settingsOf(await freshStore(otherKind[kind]))
    const restored = commandOn(target)
    expect(await restored.run(`restore ${join(folder, 'none.backup')}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is no file/),
    })
    const wrong = await commandOn({ ...target, SALLYPORT_SECRET: next }).run(`restore ${file}`)
    expect(wrong).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/made under another SALLYPORT_SECRET/),
    })
    expect(await restored.text(`restore ${file}`)).toMatch(
      /^Restored 1 users and \d+ audit events, as they were at \S+ \S+Z\.\n1 sessions have ended: all users must sign in again/,
    )
    expect(await restored.run(`restore ${file}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not empty/),
    })
    const after = clientOf((await serveInProcess(target)).url)
    expect((await after.tryRefresh(tokens)).status).toBe(401)
    expect(await after.isActive(tokens)).toBe(false)
    expect(await after.isActive(await after.signIn('ada@example.com'))).toBe(true)
    expect(await restored.json('audit export --action store_restored')).toMatchObject([{ actor: 'operator' }])
  })

  test('replaces the secret while a server runs: reseal reports what depends on it, and the old one can be removed', async () => {
    const store = await freshStore(kind)
    const before = await serveInProcess(settingsOf(store))
    const env = settingsOf(store, { SALLYPORT_SECRET: `${next},${settingsOf(store).SALLYPORT_SECRET}` })
    await commandOn(settingsOf(store)).createUser('ada@example.com')
    const tokens = await clientOf(before.url).signIn('ada@example.com')
    await before.close()
    const early = await commandOn(settingsOf(store, { SALLYPORT_SECRET: next })).run('users list')
    expect(early).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/SALLYPORT_SECRET=new,old/),
    })
    const { run: runLine } = commandOn(env)
    expect((await runLine('secret status')).stdout).toContain(
      'Signing keys: 0 under the first secret, 2 under another.',
    )
    const during = clientOf((await serveInProcess(env)).url)
    const resealed = await runLine('secret reseal')
    expect(resealed.code).toBe(0)
    expect(resealed.stdout).toContain('Signing keys: 2 under the first secret, 0 under another.')
    expect(resealed.stdout).toContain('Set SALLYPORT_SECRET to the first secret only.')
    expect(resealed.stderr).toContain('a secret other than the first within the last three minutes')
    const renewed = await during.refresh(tokens)
    const alone = settingsOf(store, { SALLYPORT_SECRET: next })
    const after = clientOf((await serveInProcess(alone)).url)
    expect(await after.isActive(await after.refresh(renewed))).toBe(true)
    expect(await runLine('secret forget')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/pass --yes/),
    })
    expect(await commandOn(alone).text('secret forget --yes')).toMatch(/^Ended 1 session\./)
    expect((await after.tryRefresh(renewed)).status).toBe(401)
    expect(await commandOn(alone).text('sessions revoke --all --yes')).toMatch(/^Ended 0 sessions\./)
  })
})

test('refuses a truncated file or one that is not a backup, and creates no database', async () => {
  const env = settingsOf(await freshStore('SQLite'))
  const { text, run: runLine, createUser } = commandOn(env)
  expect(await runLine(`backup ${join(temporaryFolder(), 'x.backup')}`)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is no database/),
  })
  await text('migrate')
  await createUser('ada@example.com')
  const file = join(temporaryFolder(), 'one.backup')
  await text(`backup ${file}`)
  truncateSync(file, statSync(file).size - 20)
  const target = settingsOf(await freshStore('SQLite'))
  const none = join(temporaryFolder(), 'none')
  writeFileSync(none, 'email,name\n')
  for (const wrong of [file, none]) {
    const ended = await commandOn(target).run(`restore ${wrong}`)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/damaged|no backup/)
    expect(ended.stderr).not.toMatch(/\n {4}at /)
  }
  expect(existsSync(join(target.DATA_DIR ?? '', 'sallyport.db'))).toBe(false)
})
