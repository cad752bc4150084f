import { describe, expect, test } from 'vitest'
import { ada, bob, now, session, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { addInvitation } from './invitation.ts'
import { addMail } from './mail.ts'
import { addOneTimeToken } from './one-time-token.ts'
import { addOrganization, findOrganization, type StoredOrganization } from './organization.ts'
import { settleRestored } from './restored.ts'
import { addRevocation } from './revocation.ts'
import type { SigningKeyRow } from './row-types.ts'
import { addSession } from './session.ts'
import { addUser } from './user.ts'

const key: SigningKeyRow = {
  kid: 'active',
  algorithm: 'ES256',
  publicJwk: '{}',
  sealedPrivateKey: 'sealed',
  createdAt: now,
  activeAt: now,
  retiredAt: null,
  revokedAt: null,
}
const until = now + 3_600_000
/** Seconds since 2020. */
const version = (now - Date.UTC(2020, 0, 1)) / 1000

describe.each(everyStoreKind)('a backup that was loaded into %s', (kind) => {
  const database = sharedDatabase(kind)
  const settle = (kids: string[] = []) =>
    database()
      .transaction()
      .execute((transaction) => settleRestored(transaction, { now, until, kids }))
  const revocations = () => database().selectFrom('revocation').selectAll().orderBy('seq').execute()

  test('has no open session, and its users have versions above every earlier one', async () => {
    await addUser(database(), ada, 'hash')
    await addUser(database(), { ...bob, version: version + 7 }, 'hash')
    await addSession(database(), session)
    await addSession(database(), { ...session, id: 'other', userId: bob.id })
    const ended = { ...session, id: 'ended', endedAt: now - 5, endReason: 'sign_out' }
    await addSession(database(), ended)
    expect(await settle()).toBe(2)
    const sessions = await database()
      .selectFrom('session')
      .select(['id', 'endedAt', 'endReason'])
      .orderBy('id')
      .execute()
    expect(sessions).toEqual([
      { id: 'ended', endedAt: now - 5, endReason: 'sign_out' },
      { id: 'other', endedAt: now, endReason: 'restored' },
      { id: 'session-1', endedAt: now, endReason: 'restored' },
    ])
    const users = await database().selectFrom('user').select('version').orderBy('id').execute()
    expect(users).toEqual([{ version }, { version: version + 8 }])
    expect(await revocations()).toEqual([])
  })

  test('has organizations with versions above every earlier one, and keeps no invitation', async () => {
    await addUser(database(), ada, 'hash')
    const acme: StoredOrganization = {
      id: 'acme-id',
      slug: 'acme',
      name: 'Acme',
      version: 3,
      demands: { secondFactor: false, maxAgeSeconds: null },
      createdAt: now,
      updatedAt: now,
      deleteAt: null,
    }
    await addOrganization(database(), acme)
    await addInvitation(database(), {
      id: 'invitation',
      organizationId: acme.id,
      email: bob.email,
      roles: ['member'],
      hash: 'link',
      invitedBy: ada.id,
      createdAt: now,
      sentAt: now,
      expiresAt: until,
    })
    await settle()
    expect(await findOrganization(database(), 'acme')).toEqual({ ...acme, version })
    expect(await database().selectFrom('invitation').selectAll().execute()).toEqual([])
  })

  test('keeps no pending link, no mail with a link, and no known browser', async () => {
    await addUser(database(), ada, 'hash')
    const link = { purpose: 'reset_password', userId: ada.id, email: ada.email, details: null } as const
    await addOneTimeToken(database(), { ...link, hash: 'link', createdAt: now, expiresAt: until })
    const mail = {
      recipient: ada.email,
      template: 'password_changed',
      details: 'sealed',
      createdAt: now,
    } as const
    await addMail(database(), { ...mail, id: 'due' })
    await addMail(database(), { ...mail, id: 'sent' }, now)
    await database()
      .insertInto('known_device')
      .values({ userId: ada.id, hash: 'browser', createdAt: now, seenAt: now })
      .execute()
    expect(await settle()).toBe(0)
    for (const table of ['one_time_token', 'known_device'] as const)
      expect(await database().selectFrom(table).selectAll().execute()).toEqual([])
    expect(await database().selectFrom('mail').select('id').execute()).toEqual([{ id: 'sent' }])
  })

  test('revokes every key of the backup and every named key, with numbers from the current time', async () => {
    const keys: SigningKeyRow[] = [
      key,
      { ...key, kid: 'next', activeAt: now + 60 },
      { ...key, kid: 'retired', retiredAt: now - 60 },
      { ...key, kid: 'revoked', sealedPrivateKey: '', revokedAt: now - 60 },
    ]
    await database().insertInto('signing_key').values(keys).execute()
    await settle(['named', 'active'])
    const stored = await database().selectFrom('signing_key').selectAll().orderBy('kid').execute()
    const revoked = { sealedPrivateKey: '', revokedAt: now }
    expect(stored).toEqual(keys.map((row) => (row.kid === 'revoked' ? row : { ...row, ...revoked })))
    const entry = { sid: null, sub: null, minVersion: null, org: null, until }
    const found = await revocations()
    expect(found.map(({ kid }) => kid).sort()).toEqual(['active', 'named', 'next'])
    expect(found.map(({ kid: _, ...rest }) => rest)).toEqual(
      [0, 1, 2].map((at) => ({ ...entry, seq: now + at })),
    )
    expect(await addRevocation(database(), { kid: 'later', until })).toBe(now + 3)
    // A log with a higher number continues from there.
    await database()
      .insertInto('signing_key')
      .values({ ...key, kid: 'newer' })
      .execute()
    await settle()
    expect((await revocations()).at(-1)).toMatchObject({ kid: 'newer', seq: now + 4 })
    expect(await addRevocation(database(), { kid: 'last', until })).toBe(now + 5)
  })
})
