import { describe, expect, test } from 'vitest'
import { ada, now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import type { Database } from './database.ts'
import { addIdentity } from './identity.ts'
import { putProviderToken } from './provider-token.ts'
import { sealedRows } from './sealed-rows.ts'
import { addUser } from './user.ts'

/** Adds rows with a sealed value, and one without. */
const adding: Record<
  keyof typeof sealedRows,
  (database: Database, ids: string[], none: string) => Promise<unknown>
> = {
  'signing key': (database, ids, none) => {
    const key = {
      algorithm: 'ES256',
      publicJwk: '{}',
      createdAt: now,
      activeAt: now,
      retiredAt: null,
      revokedAt: null,
    }
    const rows = ids.map((kid) => ({ ...key, kid, sealedPrivateKey: `sealed ${kid}` }))
    return database
      .insertInto('signing_key')
      .values([{ ...key, kid: none, sealedPrivateKey: '' }, ...rows])
      .execute()
  },
  'sign-up': (database, ids, none) => {
    const token = { purpose: 'sign_up', userId: null, createdAt: now, expiresAt: now + 1 } as const
    const rows = ids.map((hash) => ({
      ...token,
      hash,
      email: `${hash}@example.com`,
      details: `sealed ${hash}`,
    }))
    return database
      .insertInto('one_time_token')
      .values([{ ...token, hash: none, email: ada.email, details: null }, ...rows])
      .execute()
  },
  mail: (database, ids, none) => {
    const mail = {
      recipient: ada.email,
      template: 'password_changed',
      state: 'due',
      attempts: 0,
      createdAt: now,
      dueAt: now,
      finishedAt: null,
      lastError: null,
    } as const
    const rows = ids.map((id) => ({ ...mail, id, details: `sealed ${id}` }))
    return database
      .insertInto('mail')
      .values([{ ...mail, id: none, details: '' }, ...rows])
      .execute()
  },
  // Every row of this table has a sealed value.
  totp: async (database, ids) => {
    await addUser(database, ada, 'hash')
    const totp = {
      userId: ada.id,
      name: 'Phone',
      createdAt: now,
      confirmedAt: null,
      lastStep: -1,
      lastUsedAt: null,
    }
    await database
      .insertInto('totp')
      .values(ids.map((id) => ({ ...totp, id, sealedSecret: `sealed ${id}` })))
      .execute()
  },
  provider: (database, ids) =>
    database
      .insertInto('provider_start')
      .values(ids.map((hash) => ({ ...start(hash), details: `sealed ${hash}` })))
      .execute(),
  'provider token': async (database, ids) => {
    await addUser(database, ada, 'hash')
    const times = { createdAt: now, lastUsedAt: now }
    for (const id of ids) {
      const key = { issuer: 'https://login.acme.example', subject: id }
      await addIdentity(database, { ...key, id, userId: ada.id, provider: 'acme', email: null, ...times })
      await putProviderToken(database, { identityId: id, tokens: `sealed ${id}`, updatedAt: now })
    }
  },
  'provider callback': (database, ids, none) => {
    const rows = ids.map((hash) => ({ ...start(hash), callback: `sealed ${hash}` }))
    return database
      .insertInto('provider_start')
      .values([start(none), ...rows])
      .execute()
  },
}

function start(hash: string) {
  const times = { createdAt: now, expiresAt: now + 1 }
  return {
    hash,
    stateHash: `state of ${hash}`,
    provider: 'acme',
    details: '',
    callback: null,
    userId: null,
    ...times,
  }
}

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)

  test.each(Object.keys(sealedRows) as (keyof typeof sealedRows)[])(
    'lists each sealed %s once, in pages, and replaces it only if it has not changed since',
    async (name) => {
      const { list, replace } = sealedRows[name]
      await adding[name](database(), ['c', 'a', 'b'], 'aa')
      const row = (key: string, sealed = `sealed ${key}`) => ({
        key,
        context: name === 'sign-up' ? `${key}@example.com` : key,
        sealed,
      })
      expect(await list(database(), { after: '', limit: 2 })).toEqual([row('a'), row('b')])
      expect(await list(database(), { after: 'b', limit: 2 })).toEqual([row('c')])
      await replace(database(), row('a'), 'anew')
      await replace(database(), row('b', 'what was there before'), 'never')
      expect(await list(database(), { after: '', limit: 9 })).toEqual([row('a', 'anew'), row('b'), row('c')])
      await replace(database(), row('b', 'anew'), 'never')
      await replace(database(), row('b'), 'anew')
      await replace(database(), row('b', 'anew'), 'again')
      expect(await list(database(), { after: '', limit: 9 })).toEqual([
        row('a', 'anew'),
        row('b', 'again'),
        row('c'),
      ])
    },
  )
})
