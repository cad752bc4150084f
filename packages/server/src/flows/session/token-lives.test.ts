import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import type { Kysely } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SallyportOptions } from '../../index.ts'
import { openStore } from '../../store/database.ts'
import * as revocationEnds from '../../store/migrations/2026-11-29-revocation-ends.ts'
import {
  bearer,
  claimsOf,
  frozenClock,
  password,
  startSallyport,
  type TestServer,
  verifierSecret,
} from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const longest = { accessTokenTtlSeconds: 3_600 }
const short = { accessTokenTtlSeconds: 60 }
const newPassword = 'quite another way to enter'

/** A verifier that starts now. It knows only the revocations that the server still lists. */
async function freshVerifier(server: TestServer) {
  const verifier = createVerifier({
    issuer: server.sallyport.config.issuer,
    audience: 'billing-api',
    clock: server.clock,
    fetch: async (input, init) => server.sallyport.fetch(new Request(input, init)),
    feed: { credential: verifierSecret, whenStale: 'reject' },
  })
  onTestFinished(() => verifier.close())
  await verifier.ready()
  return verifier
}

type Person = { userId: string; accessToken: string; sessionId: string }

/** Every action that revokes unexpired tokens, and the code with which they are then refused. */
const revocations: [string, 'session_ended' | 'token_stale', (server: TestServer, who: Person) => unknown][] =
  [
    [
      'a disabled user',
      'token_stale',
      ({ sallyport }, { userId }) => sallyport.operator.users.disable(userId),
    ],
    [
      'changed roles',
      'token_stale',
      ({ sallyport }, { userId }) => sallyport.operator.users.setRoles(userId, ['member']),
    ],
    [
      'a revoked session',
      'session_ended',
      ({ sallyport }, { sessionId }) => sallyport.operator.sessions.revoke(sessionId),
    ],
    [
      'all sessions revoked',
      'token_stale',
      ({ sallyport }, { userId }) => sallyport.operator.sessions.revokeAll(userId),
    ],
    [
      'signing out',
      'session_ended',
      (server, { accessToken, sessionId }) =>
        server.fetch(`${paths.listSessions}/${sessionId}`, {
          method: 'DELETE',
          headers: bearer(accessToken),
        }),
    ],
    [
      'a changed password',
      'token_stale',
      (server, { accessToken }) =>
        server.post(paths.changePassword, { currentPassword: password, newPassword }, bearer(accessToken)),
    ],
    [
      'a revoked key',
      'token_stale',
      ({ sallyport }) => {
        const signing = sallyport.operator.keys.list().find(({ state }) => state === 'signing')
        return sallyport.operator.keys.revoke(signing?.kid ?? '')
      },
    ],
  ]

describe.each(storeKinds)('on %s', (kind) => {
  async function signedIn(server: TestServer): Promise<Person> {
    const { id } = await server.addUser()
    await server.sallyport.operator.users.setRoles(id, ['owner'])
    const { accessToken } = await server.signIn()
    return { userId: id, accessToken, sessionId: String(claimsOf(accessToken).sid) }
  }

  async function start(options: SallyportOptions) {
    const place = await freshStore(kind)
    const clock = frozenClock()
    const beside = (others: SallyportOptions) => startSallyport({ ...place.options, ...others }, clock)
    return { server: await beside(options), beside, place }
  }

  test.each(revocations)(
    '%s: a token issued with a longer lifetime stays refused until it expires [S16]',
    async (_, code, revoke) => {
      const { server, beside } = await start(longest)
      const person = await signedIn(server)
      await (await freshVerifier(server)).verify(person.accessToken)
      await server.sallyport.close()
      const restarted = await beside(short)
      await revoke(restarted, person)
      for (const seconds of [180, 3_419]) {
        restarted.clock.advance(seconds)
        await restarted.sallyport.upkeep()
        await expect((await freshVerifier(restarted)).verify(person.accessToken)).rejects.toMatchObject({
          // A revoked key is not published, so a new verifier does not know it.
          code: expect.stringMatching(`^(?:${code}|token_invalid)$`),
        })
      }
    },
  )

  test('with different lifetimes in two processes, a revocation by either covers the tokens of both', async () => {
    const { server, beside } = await start(short)
    const other = await beside(longest)
    const person = await signedIn(other)
    await server.sallyport.operator.users.disable(person.userId)
    server.clock.advance(3_599)
    await other.sallyport.upkeep()
    await expect((await freshVerifier(server)).verify(person.accessToken)).rejects.toMatchObject({
      code: 'token_stale',
    })
  })

  test('the migration extends revocations of an earlier version to the longest lifetime', async () => {
    const { server, place } = await start(longest)
    const person = await signedIn(server)
    const { database } = openStore(place.address)
    onTestFinished(() => database.destroy())
    // In one transaction, so that the server does not read the entry before the migration has changed it.
    await database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('revocation')
        .values({ sub: person.userId, minVersion: 2, until: server.clock() + 120_000 })
        .execute()
      await revocationEnds.up(transaction as unknown as Kysely<unknown>)
    })
    server.clock.advance(3_599)
    await server.sallyport.upkeep()
    await expect((await freshVerifier(server)).verify(person.accessToken)).rejects.toMatchObject({
      code: 'token_stale',
    })
  })

  test('a changed lifetime neither shortens nor extends issued tokens', async () => {
    const { server, beside } = await start({ accessTokenTtlSeconds: 600 })
    const { accessToken } = await signedIn(server)
    await server.sallyport.close()
    const restarted = await beside(short)
    restarted.clock.advance(599)
    await (await freshVerifier(restarted)).verify(accessToken)
    await restarted.sallyport.close()
    const again = await beside(longest)
    await (await freshVerifier(again)).verify(accessToken)
    again.clock.advance(1)
    await expect((await freshVerifier(again)).verify(accessToken)).rejects.toMatchObject({
      code: 'token_expired',
    })
  })

  test('a replaced key stays published until a token with the longest lifetime has expired', async () => {
    const { server, beside } = await start(longest)
    server.clock.advance(2 * 3_600)
    const { accessToken } = await signedIn(server)
    await server.sallyport.operator.keys.rotate()
    await server.sallyport.close()
    const restarted = await beside(short)
    restarted.clock.advance(3_599)
    await restarted.sallyport.upkeep()
    await (await freshVerifier(restarted)).verify(accessToken)
  })
})

test('a revocation by a process with a slow clock outlasts a token of one with a fast clock', async () => {
  const { options: place } = await freshStore('SQLite')
  const ahead = await startSallyport({ ...place, ...longest }, frozenClock(Date.UTC(2026, 0, 1, 0, 2)))
  const behind = await startSallyport({ ...place, ...short }, frozenClock(Date.UTC(2026, 0, 1, 0, 0)))
  const { id } = await ahead.addUser()
  const { accessToken } = await ahead.signIn()
  await behind.sallyport.operator.users.disable(id)
  behind.clock.advance(3_600 + 119)
  await expect((await freshVerifier(behind)).verify(accessToken)).rejects.toMatchObject({
    code: 'token_stale',
  })
})
