import { generateKeyPairSync } from 'node:crypto'
import { createVerifier, type Verifier } from '@sallyport/verify'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Database, migrate, openStore } from '../store/database.ts'
import { seededRandom } from '../testing/random.ts'
import { frozenClock } from '../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../testing/stores.ts'
import { isWide } from '../testing/wide.ts'
import { signAccessToken } from '../tokens/access-token.ts'
import { keySchedule } from '../tokens/key-schedule.ts'
import { keyringOf } from '../tokens/keyring.ts'
import { openSigningKey, type SigningKey } from '../tokens/signing-key.ts'
import { openSigningKeys, type SigningKeys } from './signing-keys.ts'

const keyring = keyringOf('server-7RtYh3NbVc9XzLk5JhGf2DsAqW')
const issuer = 'http://localhost:4000'
const minuteMs = 60_000
const hourMs = 60 * minuteMs

async function open(kind: StoreKind, processes: number) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  // One connection on SQLite: two in one thread would wait for each other.
  const shared = kind === 'SQLite' ? openStore(store.address).database : null
  const databases = Array.from({ length: processes }, () => shared ?? openStore(store.address).database)
  onTestFinished(async () => void (await Promise.all([...new Set(databases)].map((one) => one.destroy()))))
  await migrate(databases[0] as Database)
  const keys = await Promise.all(databases.map((database) => openSigningKeys(database, keyring, clock)))
  return { store, clock, keys, databases }
}

function tokenBy(key: SigningKey, now: number, lifeSeconds: number, sid = 'session-1'): string {
  const iat = Math.floor(now / 1000)
  return signAccessToken(
    {
      iss: issuer,
      aud: ['billing-api'],
      sub: 'user-1',
      sid,
      ver: 0,
      jti: `${sid}-${now}`,
      iat,
      exp: iat + lifeSeconds,
      auth_time: iat,
      amr: ['pwd'],
      roles: [],
    },
    key,
  )
}

/** A verifier that fetches the keys of whichever process answers, and keeps them for as long as it may. */
function verifierOf(answering: () => SigningKeys, clock: () => number): Verifier {
  return createVerifier({
    issuer,
    audience: 'billing-api',
    clock,
    jwksMaxAgeSeconds: 86_400,
    jwksCooldownSeconds: 3_600,
    fetch: async () =>
      Response.json(
        { keys: answering().publicJwks() },
        { headers: { 'cache-control': 'public, max-age=300' } },
      ),
  })
}

/** A key signs for thirty of them. */
const days = isWide ? 366 : 93

describe.each(storeKinds)('signing keys on %s', (kind) => {
  test('processes that start at once make one key that signs and one in reserve', async () => {
    const { keys, store } = await open(kind, 5)
    expect(new Set(keys.map((one) => one.current().kid)).size).toBe(1)
    expect(keys[0]?.describe().map(({ state }) => state)).toEqual(['reserve', 'signing'])
    expect(await store.query('select kid from signing_key')).toHaveLength(2)
  })

  test(`J27: over ${days} days, with three processes and verifiers whose cache is as old as is allowed, no valid token is refused and no retired key believed`, async () => {
    const { keys, clock, databases } = await open(kind, 3)
    const { next: random, pick, shuffle } = seededRandom(20_261_123)
    const verifiers = Array.from({ length: 3 }, () => verifierOf(() => pick(keys), clock))
    const end = clock.now + days * 24 * hourMs
    const retired = new Map<string, SigningKey>()
    let live: { token: string; exp: number }[] = []
    let verified = 0
    let refused = 0
    let switchedAt = clock.now
    let current = keys[0]?.current() as SigningKey

    while (clock.now < end) {
      // Quickly where something happens, in long strides between.
      const next = switchedAt + keySchedule.signsForMs
      const nearby = Math.abs(clock.now - next) < 3 * hourMs || clock.now - switchedAt < 4 * hourMs
      clock.now += nearby ? Math.ceil(random() * 7) * minuteMs : Math.ceil(random() * 40) * hourMs
      if (!nearby && clock.now > next) clock.now = next - 2 * hourMs
      // Every process looks once a minute; which of them is first is chance.
      for (const one of shuffle(keys)) await one.reload()
      const signing = pick(keys).current()
      if (signing.kid !== current.kid) {
        retired.set(current.kid, current)
        current = signing
        switchedAt = clock.now
      }
      const life = pick([60, 600, 3_600])
      live = live.filter(({ exp }) => exp * 1000 > clock.now)
      live.push({ token: tokenBy(signing, clock.now, life), exp: Math.floor(clock.now / 1000) + life })
      for (const { token } of live) {
        await pick(verifiers).verify(token)
        verified += 1
      }
      // Whoever has kept the private part of an old key cannot use it, once the caches may not hold it any more.
      for (const [kid, key] of retired) {
        if (
          kid === [...retired.keys()].at(-1) &&
          clock.now - switchedAt < keySchedule.lingerMs + hourMs + minuteMs
        )
          continue
        await expect(pick(verifiers).verify(tokenBy(key, clock.now, 600))).rejects.toMatchObject({
          code: 'token_invalid',
        })
        refused += 1
      }
    }
    expect(retired.size).toBe(Math.floor(days / 30))
    expect(verified).toBeGreaterThan(80 * retired.size)
    expect(refused).toBeGreaterThan(40 * retired.size)
    const rows = await (databases[0] as Database).selectFrom('signing_key').selectAll().execute()
    expect(rows).toHaveLength(retired.size + 2)
    for (const row of rows) expect(row.sealedPrivateKey === '').toBe(row.retiredAt !== null)
  })

  test('rotation by hand takes over at once, in every process, and the old tokens go on', async () => {
    const { keys, clock } = await open(kind, 2)
    const [here, there] = keys as [SigningKeys, SigningKeys]
    const verifier = verifierOf(() => there, clock)
    const before = here.current()
    const token = tokenBy(before, clock.now, 3_600)
    await verifier.verify(token)
    clock.advance(86_400)
    const fresh = tokenBy(here.current(), clock.now, 3_600)
    expect(await here.rotate()).toBe(clock.now)
    expect(here.current().kid).not.toBe(before.kid)
    await there.reload()
    expect(there.current().kid).toBe(here.current().kid)
    expect(here.describe().map(({ state }) => state)).toEqual(['reserve', 'signing', 'published'])
    await verifier.verify(fresh)
    await verifier.verify(tokenBy(here.current(), clock.now, 600))
  })

  test('processes that rotate at the same moment do not make the new key sign before verifiers know it', async () => {
    const { keys, clock } = await open(kind, 3)
    clock.advance(86_400)
    const times = await Promise.all(keys.map((one) => one.rotate()))
    await Promise.all(keys.map((one) => one.reload()))
    expect(Math.min(...times)).toBe(clock.now)
    const [signing] = (keys[0] as SigningKeys).describe().filter(({ state }) => state === 'signing')
    expect(signing?.createdAt).toBe(clock.now - 86_400_000)
  })

  test('a compromised key signs no more, is published no more, and is named in the log for longer than any cache', async () => {
    const { keys, clock, store } = await open(kind, 2)
    const [here, there] = keys as [SigningKeys, SigningKeys]
    const { kid } = here.current()
    await here.revoke(kid)
    await here.revoke(kid)
    await there.reload()
    for (const one of keys) {
      expect(one.current().kid).not.toBe(kid)
      expect(one.publicJwks().map((jwk) => jwk.kid)).not.toContain(kid)
      expect(await one.keySet.find(kid)).toBeNull()
      expect(one.describe().find((key) => key.kid === kid)?.state).toBe('revoked')
      expect(
        one
          .describe()
          .map(({ state }) => state)
          .sort(),
      ).toEqual(['reserve', 'revoked', 'signing'])
    }
    expect(await store.query('select kid, until from revocation')).toEqual([
      { kid, until: clock.now + keySchedule.revokedForMs },
    ])
    const [row] = await store.query<{ sealedPrivateKey: string }>(
      `select "sealedPrivateKey" from signing_key where kid = '${kid}'`,
    )
    expect(row?.sealedPrivateKey).toBe('')
  })

  test('where the key that signs is compromised, the one in reserve takes over; where another is, nothing else changes', async () => {
    const { keys, clock } = await open(kind, 1)
    const here = keys[0] as SigningKeys
    const [reserve, signing] = here.describe()
    clock.advance(3_600)
    await here.revoke(signing?.kid ?? '')
    const now = clock()
    const [next, ...others] = here.describe()
    expect(others).toMatchObject([
      { kid: reserve?.kid, state: 'signing', activeAt: now - keySchedule.backdatedMs },
      { kid: signing?.kid, state: 'revoked', revokedAt: now },
    ])
    expect(next).toMatchObject({ state: 'reserve', createdAt: now })
    await here.revoke(next?.kid ?? '')
    expect(here.describe().find(({ kid }) => kid === reserve?.kid)).toEqual(others[0])
    expect(here.current().kid).toBe(reserve?.kid)
  })

  test('an older key that is compromised leaves the one that signs and the one in reserve as they are', async () => {
    const { keys, clock } = await open(kind, 1)
    const here = keys[0] as SigningKeys
    clock.now = await here.rotate()
    await here.reload()
    const before = here.describe()
    expect(before.map(({ state }) => state)).toEqual(['reserve', 'signing', 'published'])
    await here.revoke(before[2]?.kid ?? '')
    expect(here.describe().slice(0, 2)).toEqual(before.slice(0, 2))
  })

  test('every key can be compromised, one after the other, the one in reserve too', async () => {
    const { keys } = await open(kind, 1)
    const [here] = keys as [SigningKeys]
    for (const key of here.describe()) await here.revoke(key.kid)
    expect(
      here
        .describe()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['reserve', 'revoked', 'revoked', 'signing'])
    await expect(here.revoke('no-such-key')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('after a hundred days without a look, one look does all that is due', async () => {
    const { keys, clock, databases, store } = await open(kind, 1)
    const [here] = keys as [SigningKeys]
    const [reserve, first] = here.describe()
    clock.advance(100 * 86_400)
    await here.reload()
    expect(here.describe()).toMatchObject([
      { state: 'reserve', createdAt: clock(), activeAt: clock() + keySchedule.leadMs },
      { kid: reserve?.kid, state: 'signing' },
      { kid: first?.kid, state: 'retired', retiredAt: clock() },
    ])
    expect(here.publicJwks().map((jwk) => jwk.kid)).toEqual([reserve?.kid, here.describe()[0]?.kid])
    expect(await here.keySet.find(first?.kid ?? '')).toBeNull()
    expect(await here.keySet.find(reserve?.kid ?? '')).not.toBeNull()
    const rows = await store.query('select * from signing_key order by kid')
    await here.reload()
    const again = await openSigningKeys(databases[0] as Database, keyring, clock)
    expect(again.describe()).toEqual(here.describe())
    expect(await store.query('select * from signing_key order by kid')).toEqual(rows)
    // Opened once: a signature is made with each answer.
    expect(again.current()).toBe(again.current())
  })

  test('says since when the key signs and until when, before a look, after a rotation and where the clock is put back', async () => {
    const { keys, clock } = await open(kind, 1)
    const [here] = keys as [SigningKeys]
    const start = clock()
    const { signsForMs } = keySchedule
    expect(here.times()).toEqual({ since: start, until: start + signsForMs })
    clock.now = start - hourMs
    expect(here.times()).toEqual({ since: start, until: start + signsForMs })
    clock.now = start + signsForMs
    expect(here.times()).toEqual({ since: clock(), until: clock() + signsForMs })
    await here.rotate()
    const [reserve, signing, published] = here.describe()
    expect([reserve?.state, signing?.state, published?.state]).toEqual(['reserve', 'signing', 'published'])
    expect(here.times()).toEqual({ since: signing?.activeAt, until: reserve?.activeAt })
  })

  test('a key that is compromised while none is in reserve is replaced by one that is made then', async () => {
    const { keys, clock } = await open(kind, 1)
    const [here] = keys as [SigningKeys]
    clock.now += keySchedule.signsForMs
    const compromised = here.current().kid
    await here.revoke(compromised)
    const [reserve, revoked, signing] = here.describe()
    const activeAt = clock() - keySchedule.backdatedMs
    expect(signing).toMatchObject({ state: 'signing', createdAt: clock(), activeAt })
    expect([reserve?.state, revoked?.kid]).toEqual(['reserve', compromised])
  })

  test('a wrong secret is told at the start, before any key is made under it', async () => {
    const { store, clock, databases } = await open(kind, 1)
    const rows = await store.query('select * from signing_key order by kid')
    clock.advance(100 * 86_400)
    const other = keyringOf('another secret, also long enough')
    await expect(openSigningKeys(databases[0] as Database, other, clock)).rejects.toThrow(/SALLYPORT_SECRET/)
    expect(await store.query('select * from signing_key order by kid')).toEqual(rows)
  })

  test('the private part stands in the store only sealed, and opens under its own secret and name alone', async () => {
    const { store, keys } = await open(kind, 1)
    const rows = await store.query<Record<string, string>>('select * from signing_key')
    for (const row of rows) {
      const { d } = keys[0]?.current().privateKey.export({ format: 'jwk' }) ?? {}
      expect(d).toBeTruthy()
      expect(JSON.stringify(row)).not.toContain(d)
      expect(JSON.stringify(row)).not.toContain('"d"')
    }
    const [one, other] = rows as unknown as [
      Parameters<typeof openSigningKey>[1],
      Parameters<typeof openSigningKey>[1],
    ]
    expect(() => openSigningKey(keyring, { ...one, sealedPrivateKey: other.sealedPrivateKey })).toThrow()
    expect(() => openSigningKey(keyringOf('another secret, also long enough'), one)).toThrow(
      /SALLYPORT_SECRET/,
    )
  })

  test('J26: a token by a key of the same name that is not ours is refused', async () => {
    const { keys, clock } = await open(kind, 1)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { kid } = (keys[0] as SigningKeys).current()
    const forged = tokenBy({ kid, algorithm: 'ES256', privateKey }, clock.now, 600)
    await expect(verifierOf(() => keys[0] as SigningKeys, clock).verify(forged)).rejects.toMatchObject({
      code: 'token_invalid',
    })
  })
})

test('a look at the keys that finds nothing due waits for nobody who writes', async () => {
  const { keys, store } = await open('SQLite', 1)
  const writer = new SqliteDatabase((store.address as { file: string }).file)
  onTestFinished(() => void writer.close())
  writer.exec('begin immediate')
  await keys[0]?.reload()
  writer.exec('rollback')
})
