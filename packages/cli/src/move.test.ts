import { describe, expect, test, vi } from 'vitest'
import { freshStore, stopHalfWay, type TestStore, waitedFor } from '../../server/src/testing/stores.ts'
import { temporaryFolder } from '../../server/src/testing/temporary-folder.ts'
import { clientOf, partOf } from './testing/running-server.ts'
import { commandOn, serve, settingsOf, start } from './testing/sallyport-command.ts'

// These tests start about twelve processes one after the other, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const ways = [
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'SQLite' },
] as const

function addressOf({ options }: TestStore): string {
  return 'dataDir' in options ? options.dataDir : options.databaseUrl
}

async function stopped({ child, ended }: Awaited<ReturnType<typeof serve>>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

describe.each(ways)('from $from to $to', ({ from, to }) => {
  test('keeps sessions, access tokens and revocations valid on the new database [S16]', async () => {
    const store = await freshStore(from)
    const target = await freshStore(to)
    const env = settingsOf(store)
    const command = commandOn(env)
    const before = await serve(env)
    await command.createUser('ada@example.com')
    const client = clientOf(before.url)
    const kept = await client.signIn('ada@example.com')
    const revoked = await client.signIn('ada@example.com')
    await command.text(`sessions revoke ${partOf(revoked, 1).sid} --yes`)
    const kids = await client.publishedKids()

    const line = `move --to ${addressOf(target)}`
    expect(await command.run(line)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/is in use by another process\. Stop every server/),
    })
    await stopped(before)
    expect(await command.text(line)).toMatch(/^Moved 1 users, 2 sessions and \d+ audit events to \S+\.\n/)

    const after = await serve(settingsOf(target))
    const there = clientOf(after.url)
    expect(await there.publishedKids()).toEqual(kids)
    expect(await there.isActive(kept)).toBe(true)
    expect(await there.isActive(revoked)).toBe(false)
    expect((await there.tryRefresh(revoked)).status).toBe(401)
    const renewed = await there.refresh(kept)
    expect(partOf(renewed, 0).kid).toBe(partOf(kept, 0).kid)
    expect(await there.isActive(renewed)).toBe(true)
    const there2 = commandOn(settingsOf(target))
    expect(await there2.json('audit export --action store_moved')).toMatchObject([{ actor: 'operator' }])

    expect(await command.run(line)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/in use|not empty/),
    })
    await stopped(after)
    expect(await command.run(line)).toMatchObject({ code: 1, stderr: expect.stringMatching(/not empty/) })
  })
})

test('leaves an empty target and an unchanged source if it is killed', async () => {
  const store = await freshStore('SQLite')
  const target = await freshStore('PostgreSQL')
  const env = settingsOf(store, { SALLYPORT_MOVE_TO: addressOf(target) })
  const command = commandOn(env)
  const server = await serve(env)
  await command.createUser('ada@example.com')
  const client = clientOf(server.url)
  const tokens = await client.signIn('ada@example.com')
  await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password: 'a wrong one', transport: 'bearer' }),
  })
  await stopped(server)

  const release = await stopHalfWay(target)
  const moving = start(['move'], env)
  await waitedFor(target)
  moving.child.kill('SIGKILL')
  await moving.ended
  await release()
  expect(await target.query('select id from "user"')).toEqual([])

  expect(await command.text('move')).toMatch(/^Moved 1 users, 1 sessions/)
  const after = clientOf((await serve(settingsOf(target))).url)
  expect(await after.isActive(await after.refresh(tokens))).toBe(true)
})

test('reports a missing argument, and creates no database', async () => {
  const store = await freshStore('SQLite')
  const { run } = commandOn(settingsOf(store))
  expect(await run('move')).toMatchObject({ code: 2, stderr: expect.stringMatching(/--to <address>/) })
  expect(await run('move --to postgres://127.0.0.1:1/none')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is no database/),
  })
})

test('reports in a sentence that the old database does not respond', async () => {
  const store = await freshStore('PostgreSQL')
  const address = new URL(addressOf(store))
  address.host = '127.0.0.1:1'
  const env = { ...settingsOf(store), DATABASE_URL: address.href }
  expect(await commandOn(env).run(`move --to ${temporaryFolder()}`)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^(?:error: )?The database is not available[^\n]*\n$/i),
  })
})
