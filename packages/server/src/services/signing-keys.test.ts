import { generateKeyPairSync } from 'node:crypto'
import { createVerifier, type Verifier } from '@sallyport/verify'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Database, openStore } from '../store/database.ts'
import { migrate } from '../store/migrations.ts'
import { seededRandom } from '../testing/random.ts'
import { frozenClock } from '../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../testing/stores.ts'
import { isWide } from '../testing/wide.ts'
import { keySchedule } from '../tokens/key-schedule.ts'
import { keyringOf } from '../tokens/keyring.ts'
import { signAccessToken } from '../tokens/sign-access-token.ts'
import { openSigningKey, type SigningKey } from '../tokens/signing-key.ts'
import { openSigningKeys, type SigningKeys } from './signing-keys.ts'

const keyring = keyringOf('server-7RtYh3NbVc9XzLk5JhGf2DsAqW')
const issuer = 'http://localhost:4000'
const minuteMs = 60_000
const hourMs = 60 * minuteMs

async function open(kind: StoreKind, processes: number) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  // One connection on SQLite, because two in one thread would wait for each other.
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

/** A verifier that fetches the keys from any of the processes, and caches them for the longest time allowed. */
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

/** A key signs for thirty days. */
const days = isWide ? 366 : 93

describe.each(storeKinds)('signing keys on %s', (kind) => {
  test('processes that start at once create one signing key and one reserve key', async () => {
    const { keys, store } = await open(kind, 5)
    expect(new Set(keys.map((one) => one.current().kid)).size).toBe(1)
    expect(keys[0]?.describe().map(({ state }) => state)).toEqual(['reserve', 'signing'])
    expect(await store.query('select kid from signing_key')).toHaveLength(2)
  })

  test(`over ${days} days, three processes and verifiers with old caches refuse no valid token and accept no retired key [J27]`, async () => {
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
      // Small steps around a key change, long steps between.
      const next = switchedAt + keySchedule.signsForMs
      const nearby = Math.abs(clock.now - next) < 3 * hourMs || clock.now - switchedAt < 4 * hourMs
      clock.now += nearby ? Math.ceil(random() * 7) * minuteMs : Math.ceil(random() * 40) * hourMs
      if (!nearby && clock.now > next) clock.now = next - 2 * hourMs
      // Every process reloads once a minute, in random order.
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
      // A stolen old private key is useless once no cache may hold its public key.
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

  test('a manual rotation takes over in every process at once, and old tokens stay valid', async () => {
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

  test('concurrent rotations do not make a new key sign before verifiers know it', async () => {
    const { keys, clock } = await open(kind, 3)
    clock.advance(86_400)
    const times = await Promise.all(keys.map((one) => one.rotate()))
    await Promise.all(keys.map((one) => one.reload()))
    expect(Math.min(...times)).toBe(clock.now)
    const [signing] = (keys[0] as SigningKeys).describe().filter(({ state }) => state === 'signing')
    expect(signing?.createdAt).toBe(clock.now - 86_400_000)
  })

  test('a compromised key neither signs nor is published, and stays revoked longer than any cache keeps it', async () => {
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

  test('revoking the signing key makes the reserve key take over; revoking another changes nothing else', async () => {
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

  test('revoking an older key leaves the signing key and the reserve key unchanged', async () => {
    const { keys, clock } = await open(kind, 1)
    const here = keys[0] as SigningKeys
    clock.now = await here.rotate()
    await here.reload()
    const before = here.describe()
    expect(before.map(({ state }) => state)).toEqual(['reserve', 'signing', 'published'])
    await here.revoke(before[2]?.kid ?? '')
    expect(here.describe().slice(0, 2)).toEqual(before.slice(0, 2))
  })

  test('every key can be revoked one after the other, also the reserve key', async () => {
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

  test('after a hundred days without a reload, one reload does all that is due', async () => {
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
    // The key is opened once, because each sign-in and refresh signs with it.
    expect(again.current()).toBe(again.current())
  })

  test('reports since and until when the key signs, before a reload, after a rotation and after a clock change', async () => {
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

  test('revoking the signing key without a reserve key creates a new one', async () => {
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

  test('reports a wrong secret at the start, before a key is created under it', async () => {
    const { store, clock, databases } = await open(kind, 1)
    const rows = await store.query('select * from signing_key order by kid')
    clock.advance(100 * 86_400)
    const other = keyringOf('another secret, also long enough')
    await expect(openSigningKeys(databases[0] as Database, other, clock)).rejects.toThrow(/SALLYPORT_SECRET/)
    expect(await store.query('select * from signing_key order by kid')).toEqual(rows)
  })

  test('stores the private key only sealed, and opens it only under its own secret and kid', async () => {
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

  test('refuses a token signed by a foreign key with the same kid [J26]', async () => {
    const { keys, clock } = await open(kind, 1)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { kid } = (keys[0] as SigningKeys).current()
    const forged = tokenBy({ kid, algorithm: 'ES256', privateKey }, clock.now, 600)
    await expect(verifierOf(() => keys[0] as SigningKeys, clock).verify(forged)).rejects.toMatchObject({
      code: 'token_invalid',
    })
  })
})

test('a reload with nothing due does not wait for writers', async () => {
  const { keys, store } = await open('SQLite', 1)
  const writer = new SqliteDatabase((store.address as { file: string }).file)
  onTestFinished(() => void writer.close())
  writer.exec('begin immediate')
  await keys[0]?.reload()
  writer.exec('rollback')
})
