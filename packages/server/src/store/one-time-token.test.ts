import { describe, expect, test } from 'vitest'
import { ada, bob, now, sharedDatabase } from '../testing/shared-database.ts'
import { storeKinds } from '../testing/stores.ts'
import {
  addOneTimeToken,
  dropExpiredTokens,
  dropOneTimeTokensOf,
  findOneTimeToken,
  type OneTimeTokenRow,
  takeOneTimeToken,
} from './one-time-token.ts'
import { addUser } from './user.ts'

describe.each(storeKinds)('on %s', (kind) => {
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

  test('P01: a change of address that is corrected: the link to the mistyped address is dead', async () => {
    await people()
    await add('mistyped', { email: 'mallory@example.com' })
    await add('corrected')
    expect(await alive()).toEqual(['corrected'])
  })

  test('P01: of one purpose, a new link kills those of its account and those to its address, and no other', async () => {
    await people()
    await add('same account', { email: 'other@example.com' })
    await add('same address', { userId: bob.id })
    await add('other purpose', { purpose: 'reset_password' })
    await add('neither', { userId: null, email: 'carol@example.com' })
    expect(await alive()).toEqual(['neither', 'other purpose', 'same account', 'same address'])
    await add('new')
    expect(await alive()).toEqual(['neither', 'new', 'other purpose'])
  })

  test('P01: of several that are asked for at the same moment, one lives', async () => {
    await people()
    await Promise.all(Array.from({ length: 5 }, (_, at) => add(`at once ${at}`)))
    expect(await alive()).toHaveLength(1)
  })

  test('before there is an account, the address alone tells which link is replaced', async () => {
    await people()
    const signUp = { purpose: 'sign_up', userId: null } as const
    await add('first', { ...signUp, email: 'eve@example.com' })
    await add('somebody else', { ...signUp, email: 'grace@example.com' })
    await add('second', { ...signUp, email: 'eve@example.com' })
    expect(await alive()).toEqual(['second', 'somebody else'])
  })

  test.each([findOneTimeToken, takeOneTimeToken])(
    'P01, P08: %o: one of this hash, for this purpose, to the last millisecond; else nothing is touched',
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

  test('all links of an account go, or those of some purposes; nobody else’s', async () => {
    await people()
    for (const [name, { id }] of Object.entries({ ada, bob }))
      for (const purpose of ['change_address', 'reset_password', 'verify_address'] as const)
        await add(`${name} ${purpose}`, { purpose, userId: id, email: `${name}@example.com` })
    await dropOneTimeTokensOf(database(), ada.id, ['change_address', 'reset_password'])
    expect((await alive()).filter((hash) => hash.startsWith('ada'))).toEqual(['ada verify_address'])
    await dropOneTimeTokensOf(database(), ada.id)
    expect(await alive()).toEqual(['bob change_address', 'bob reset_password', 'bob verify_address'])
  })

  test('a sweep takes what has expired', async () => {
    await people()
    await add('over', { purpose: 'reset_password', expiresAt: now })
    await add('alive', { expiresAt: now + 1 })
    expect(await dropExpiredTokens(database(), now)).toBe(false)
    expect(await alive()).toEqual(['alive'])
  })
})
