import { describe, expect, test } from 'vitest'
import { freshStore, storeKinds } from '../../server/src/testing/stores.ts'
import { serveInProcess } from './testing/in-process.ts'
import { clientOf, partOf } from './testing/running-server.ts'
import { commandOn, settingsOf } from './testing/sallyport-command.ts'

type Key = { kid: string; state: string; activeAt: string; revokedAt: string | null }

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe.each(storeKinds)('sallyport keys on %s', (kind) => {
  test('list prints a signing key and a reserve key; rotate prints when the reserve key signs', async () => {
    const { text, json } = commandOn(settingsOf(await freshStore(kind)))
    await text('migrate')
    const keys = await json<Key>('keys list')
    expect(keys).toEqual(
      ['reserve', 'signing'].map((state) => ({
        kid: expect.stringMatching(/^[\w-]{43}$/),
        algorithm: 'ES256',
        state,
        createdAt: expect.stringMatching(isoTime),
        activeAt: expect.stringMatching(isoTime),
        retiredAt: null,
        revokedAt: null,
      })),
    )
    const [reserve, signing] = keys
    const [header, ...rows] = (await text('keys list')).trimEnd().split('\n')
    expect(header).toMatch(/^KID +STATE +ALGORITHM +SIGNS FROM +ENDED$/)
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      [reserve?.kid, 'reserve', 'ES256', expect.stringMatching(/Z \(in 30 days\)$/), '-'],
      [signing?.kid, 'signing', 'ES256', expect.stringMatching(/Z \((?:now|\d+ seconds? ago)\)$/), '-'],
    ])

    expect(await text('keys rotate')).toMatch(
      new RegExp(
        `^Key ${reserve?.kid} takes over at \\S+ \\S+Z \\(in 2 hours\\): .* Key ${signing?.kid} signs until then\\.\n$`,
      ),
    )
    const [again] = await json<Key>('keys rotate')
    expect(again).toMatchObject({
      kid: reserve?.kid,
      state: 'reserve',
      activeAt: expect.stringMatching(isoTime),
    })
    const twoHoursMs = 7_200_000
    expect(Math.abs(Date.parse(again?.activeAt ?? '') - Date.now() - twoHoursMs)).toBeLessThan(60_000)
  })

  test('rotate uses a key at once that every verifier has', async () => {
    const store = await freshStore(kind)
    const { text, json } = commandOn(settingsOf(store))
    await text('migrate')
    const [reserve] = await json<Key>('keys list')
    await store.query(`update signing_key set "createdAt" = "createdAt" - ${3 * 3_600_000}`)
    expect(await text('keys rotate')).toBe(
      `Key ${reserve?.kid} signs from now on. Tokens of the previous key are accepted until they expire.\n`,
    )
    expect((await json<Key>('keys list')).map(({ state }) => state)).toEqual([
      'reserve',
      'signing',
      'published',
    ])
  })

  test('revoke: a running server refuses tokens of the key and removes it from the JWKS; users stay signed in', async () => {
    const env = settingsOf(await freshStore(kind))
    const { url } = await serveInProcess(env)
    const { text, json, run, createUser } = commandOn(env)
    await createUser('ada@example.com')
    const client = clientOf(url)
    const tokens = await client.signIn('ada@example.com')
    const { kid } = partOf(tokens, 0)
    const stream = await client.follow()
    expect(await client.isActive(tokens)).toBe(true)

    expect(await text(`keys revoke ${kid} --yes`)).toMatch(
      new RegExp(`^Key ${kid} is revoked: .* Key [\\w-]{43} signs now, and users stay signed in\\.\n$`),
    )
    expect(await stream.next()).toMatchObject({ kid })
    expect(await client.isActive(tokens)).toBe(false)
    await expect.poll(() => client.publishedKids()).not.toContain(kid)
    const renewed = await client.refresh(tokens)
    expect(partOf(renewed, 0).kid).not.toBe(kid)
    expect(await client.isActive(renewed)).toBe(true)
    expect(await client.publishedKids()).toContain(partOf(renewed, 0).kid)

    const [revoked] = await json<Key>(`keys revoke ${kid} --yes`)
    expect(revoked).toMatchObject({ kid, state: 'revoked', revokedAt: expect.stringMatching(isoTime) })
    expect(await run(`keys revoke ${kid} -y`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^Key ${kid} was revoked already, at .*\\.\n$`)),
    })
  })
})

test('revoke reports an unknown key, also if its id begins with a dash, with exit code 1', async () => {
  const { text, run } = commandOn(settingsOf(await freshStore('SQLite')))
  await text('migrate')
  for (const kid of ['nonsense', `-y${'A'.repeat(41)}`])
    expect(await run(`keys revoke ${kid} --yes`)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `There is no key ${kid}. See: sallyport keys list\n`,
    })
})
