import { describe, expect, test } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addAuditEvent,
  dropAuditEvents,
  forgetLateOrigins,
  forgetOrigins,
  listAuditEvents,
  readAuditEvents,
} from './audit-event.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const add = (
    id: string,
    userId: string | null,
    action = 'sign_in',
    origin: object = { address: '192.0.2.7' },
  ) =>
    addAuditEvent(database(), {
      id,
      at: now,
      action,
      result: 'success',
      actor: userId,
      userId,
      sessionId: null,
      address: null,
      userAgent: null,
      requestId: null,
      details: null,
      organizationId: null,
      ...origin,
    })
  const withOrigin = async () => {
    const rows = await readAuditEvents(database(), { after: '', limit: 99 })
    return rows.flatMap(({ id, address, userAgent, requestId }) =>
      [address, userAgent, requestId].some((value) => value !== null) ? [id] : [],
    )
  }

  test('reads pages in both directions, of all users or of one', async () => {
    for (const [id, userId] of ['c ada', 'a ada', 'd ada', 'b bob'].map((text) => text.split(' ')))
      await add(id ?? '', userId ?? null)
    const listed = async (filter: Omit<Parameters<typeof listAuditEvents>[1], 'limit'>, limit = 9) =>
      (await listAuditEvents(database(), { ...filter, limit })).map(({ id }) => id).join('')
    expect([await listed({}), await listed({ userId: 'ada' }), await listed({}, 2)]).toEqual([
      'dcba',
      'dca',
      'dc',
    ])
    expect([await listed({ before: 'c' }), await listed({ userId: 'ada', before: 'c' })]).toEqual(['ba', 'a'])
    const read = async (after: string, limit = 9) =>
      (await readAuditEvents(database(), { after, limit })).map(({ id }) => id).join('')
    expect([await read(''), await read('b'), await read('', 2)]).toEqual(['abcd', 'cd', 'ab'])
  })

  test('removes address and device from the events of one user, and of users deleted after an event', async () => {
    await add('a', 'ada')
    await add('b', 'bob', 'sign_in', { userAgent: 'curl' })
    await add('c', 'eve', 'sign_in', { requestId: 'request-1' })
    await add('d', null)
    await forgetOrigins(database(), 'ada')
    expect(await withOrigin()).toEqual(['b', 'c', 'd'])
    await add('e', 'bob', 'account_deleted', {})
    await add('f', 'eve', 'sign_out')
    await add('g', null, 'account_deleted')
    await forgetLateOrigins(database(), 'e')
    expect(await withOrigin()).toEqual(['b', 'c', 'd', 'f', 'g'])
    await forgetLateOrigins(database(), 'd')
    expect(await withOrigin()).toEqual(['c', 'd', 'f', 'g'])
  })

  test('deletes events before an id', async () => {
    for (const id of ['a', 'b', 'c']) await add(id, null)
    expect(await dropAuditEvents(database(), 'b')).toBe(false)
    expect(await withOrigin()).toEqual(['b', 'c'])
  })
})
