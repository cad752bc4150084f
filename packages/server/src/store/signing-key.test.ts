import { describe, expect, test } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { decideOnSigningKeys, listSigningKeys, type SigningKeyRow, touchSigningKey } from './signing-key.ts'

const key = (kid: string, activeAt = now): SigningKeyRow => ({
  kid,
  algorithm: 'ES256',
  publicJwk: '{}',
  sealedPrivateKey: 'sealed',
  createdAt: now,
  activeAt,
  retiredAt: null,
  revokedAt: null,
})

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const kids = (rows: SigningKeyRow[]) => rows.map(({ kid }) => kid)
  const noted: string[] = []
  const decide = (changes: Awaited<ReturnType<Parameters<typeof decideOnSigningKeys>[1]>>) => {
    noted.length = 0
    return decideOnSigningKeys(
      database(),
      async () => changes,
      async () => void noted.push('alongside'),
    )
  }

  test('lists the newest key first', async () => {
    await decide({ added: [key('b'), key('c', now - 1), key('d'), key('a', now + 1)] })
    expect(kids(await listSigningKeys(database()))).toEqual(['a', 'd', 'b', 'c'])
  })

  test('a decision gets the keys, is written completely, and returns the result', async () => {
    expect(await decide({ added: [key('a'), key('b', now + 1)] })).toEqual([key('b', now + 1), key('a')])
    expect(noted).toEqual(['alongside'])
    const seen: string[][] = []
    const nothing = await decideOnSigningKeys(database(), async (rows) => {
      seen.push(kids(rows))
      return null
    })
    expect([seen, kids(nothing)]).toEqual([[['b', 'a']], ['b', 'a']])
    expect(await decide(null)).toHaveLength(2)
    expect(noted).toEqual([])
    const retired = { ...key('a'), sealedPrivateKey: '', retiredAt: now }
    expect(await decide({ changed: [{ kid: 'a', sealedPrivateKey: '', retiredAt: now }] })).toEqual([
      key('b', now + 1),
      retired,
    ])
    const log = () => database().selectFrom('revocation').select(['kid', 'until']).execute()
    expect(await log()).toEqual([])
    const revoked = { kid: 'b', until: now + 60 }
    expect(await decide({ changed: [{ kid: 'b', revokedAt: now }], revoked })).toMatchObject([
      { kid: 'b', revokedAt: now },
      { kid: 'a', revokedAt: null },
    ])
    expect(await log()).toEqual([revoked])
  })

  test('a decision waits for the further work, and is not written if that fails', async () => {
    const failing = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the audit log is full')
    }
    const change = decideOnSigningKeys(database(), async () => ({ added: [key('a')] }), failing)
    await expect(change).rejects.toThrow('the audit log is full')
    expect(await listSigningKeys(database())).toEqual([])
  })

  test('a touch changes the creation time of one key by a millisecond', async () => {
    await decide({ added: [key('a'), key('b')] })
    await touchSigningKey(database(), 'a')
    expect(await listSigningKeys(database())).toEqual([key('b'), { ...key('a'), createdAt: now + 1 }])
  })
})
