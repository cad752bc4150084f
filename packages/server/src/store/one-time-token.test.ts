import { describe, expect, test } from 'vitest'
import { ada, bob, now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addOneTimeToken,
  dropExpiredTokens,
  dropOneTimeTokensOf,
  findOneTimeToken,
  type OneTimeTokenRow,
  takeOneTimeToken,
} from './one-time-token.ts'
import { addUser } from './user.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)

  const add = async (hash: string, token: Partial<OneTimeTokenRow> = {}) =>
    database()
      .transaction()
      .execute((transaction) =>
        addOneTimeToken(transaction, {
          hash,
          purpose: 'change_address',
          userId: ada.id,
          email: 'new@example.com',
          details: null,
          createdAt: now,
          expiresAt: now + 60_000,
          ...token,
        }),
      )
  const alive = async () => {
    const rows = await database().selectFrom('one_time_token').select('hash').orderBy('hash').execute()
    return rows.map(({ hash }) => hash)
  }
  const people = async () => {
    for (const user of [ada, bob]) await addUser(database(), user, 'hash')
  }

  test('a corrected change of address invalidates the link to the mistyped address [P01]', async () => {
    await people()
    await add('mistyped', { email: 'mallory@example.com' })
    await add('corrected')
    expect(await alive()).toEqual(['corrected'])
  })

  test('a new link replaces those of the same purpose for its account or address, and no other [P01]', async () => {
    await people()
    await add('same account', { email: 'other@example.com' })
    await add('same address', { userId: bob.id })
    await add('other purpose', { purpose: 'reset_password' })
    await add('neither', { userId: null, email: 'carol@example.com' })
    expect(await alive()).toEqual(['neither', 'other purpose', 'same account', 'same address'])
    await add('new')
    expect(await alive()).toEqual(['neither', 'new', 'other purpose'])
  })

  test('of several links requested at once, one works [P01]', async () => {
    await people()
    await Promise.all(Array.from({ length: 5 }, (_, at) => add(`at once ${at}`)))
    expect(await alive()).toHaveLength(1)
  })

  test('without an account, the address decides which link is replaced', async () => {
    await people()
    const signUp = { purpose: 'sign_up', userId: null } as const
    await add('first', { ...signUp, email: 'eve@example.com' })
    await add('somebody else', { ...signUp, email: 'grace@example.com' })
    await add('second', { ...signUp, email: 'eve@example.com' })
    expect(await alive()).toEqual(['second', 'somebody else'])
  })

  test.each([findOneTimeToken, takeOneTimeToken])(
    '%o finds a token by hash and purpose, up to its last millisecond, and changes no other [P01, P08]',
    async (read) => {
      await people()
      await add('hash', { details: 'sealed' })
      for (const [hash, purpose, at] of [
        ['other', 'change_address', now],
        ['hash', 'reset_password', now],
        ['hash', 'change_address', now + 60_000],
      ] as const)
        expect(await read(database(), hash, purpose, at)).toBeNull()
      expect(await read(database(), 'hash', 'change_address', now + 59_999)).toEqual({
        hash: 'hash',
        purpose: 'change_address',
        userId: ada.id,
        email: 'new@example.com',
        details: 'sealed',
        createdAt: now,
        expiresAt: now + 60_000,
      })
      expect(await alive()).toEqual(read === findOneTimeToken ? ['hash'] : [])
    },
  )

  test('deletes all links of an account, or those of some purposes, and none of others', async () => {
    await people()
    for (const [name, { id }] of Object.entries({ ada, bob }))
      for (const purpose of ['change_address', 'reset_password', 'verify_address'] as const)
        await add(`${name} ${purpose}`, { purpose, userId: id, email: `${name}@example.com` })
    await dropOneTimeTokensOf(database(), ada.id, ['change_address', 'reset_password'])
    expect((await alive()).filter((hash) => hash.startsWith('ada'))).toEqual(['ada verify_address'])
    await dropOneTimeTokensOf(database(), ada.id)
    expect(await alive()).toEqual(['bob change_address', 'bob reset_password', 'bob verify_address'])
  })

  test('deletes expired tokens', async () => {
    await people()
    await add('over', { purpose: 'reset_password', expiresAt: now })
    await add('alive', { expiresAt: now + 1 })
    expect(await dropExpiredTokens(database(), now)).toBe(false)
    expect(await alive()).toEqual(['alive'])
  })
})
