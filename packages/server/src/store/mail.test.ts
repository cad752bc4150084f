import { describe, expect, test } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import {
  addMail,
  dropMail,
  dropMailTo,
  dropUnsentMail,
  finishMail,
  listMail,
  postponeMail,
  takeMail,
} from './mail.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const add = (id: string, createdAt = now, finishedAt: number | null = null) =>
    addMail(
      database(),
      { id, recipient: `${id}@example.com`, template: 'password_changed', details: 'sealed', createdAt },
      finishedAt,
    )
  const take = (at: number) => takeMail(database(), { now: at, heldUntil: at + 60 })
  const states = async () =>
    Object.fromEntries(
      (await listMail(database(), 9)).map(({ id, state, details }) => [id, [state, details]]),
    )

  test('an untried mail is due at once, oldest first; it is reserved by one worker, and due again later', async () => {
    await add('later', now + 5)
    await add('sooner', now)
    expect(await take(now - 9)).toMatchObject({ id: 'sooner', attempts: 1, dueAt: now + 51 })
    expect(await take(now)).toMatchObject({ id: 'later', attempts: 1, dueAt: now + 60 })
    expect(await take(now + 50)).toBeNull()
    expect(await take(now + 51)).toMatchObject({ id: 'sooner', attempts: 2, dueAt: now + 111 })
  })

  test('a finished mail is not due again, and a reserved one does not block others', async () => {
    await add('finished', now - 9, now - 1)
    expect(await take(now)).toBeNull()
    await add('in hand')
    expect(await takeMail(database(), { now, heldUntil: now + 1 })).toMatchObject({ id: 'in hand' })
    await add('of a clock ahead', now + 100)
    expect(await take(now)).toMatchObject({ id: 'of a clock ahead' })
  })

  test('only the worker that reserved a mail can finish or postpone it; its content is deleted at the end', async () => {
    await add('one')
    await add('other')
    const held = await take(now)
    if (held === null) throw new Error('There was a mail to take.')
    const rest = held.id === 'one' ? 'other' : 'one'
    const end = { state: 'sent', finishedAt: now + 1, lastError: null } as const
    const lost = { id: held.id, dueAt: held.dueAt + 1 }
    await finishMail(database(), lost, end)
    await postponeMail(database(), lost, { dueAt: now, lastError: 'lost' })
    expect(await states()).toEqual({ one: ['due', 'sealed'], other: ['due', 'sealed'] })
    expect((await listMail(database(), 9)).find(({ id }) => id === held.id)).toEqual(held)
    await postponeMail(database(), held, { dueAt: now + 5, lastError: 'refused' })
    expect((await listMail(database(), 9)).find(({ id }) => id === held.id)).toMatchObject({
      dueAt: now + 5,
      lastError: 'refused',
      attempts: 1,
    })
    await finishMail(database(), { ...held, dueAt: now + 5 }, end)
    expect(await states()).toEqual({ [held.id]: ['sent', ''], [rest]: ['due', 'sealed'] })
    // A finished mail cannot be changed.
    await finishMail(database(), { ...held, dueAt: now + 5 }, { ...end, state: 'dead' })
    await postponeMail(database(), { ...held, dueAt: now + 5 }, { dueAt: now, lastError: 'late' })
    const stranger = { id: 'nobody', dueAt: now }
    await finishMail(database(), stranger, end)
    await postponeMail(database(), stranger, { dueAt: now + 9, lastError: 'lost' })
    const rows = await listMail(database(), 9)
    expect(rows.map(({ id }) => id)).toEqual(['other', 'one'])
    expect(rows.find(({ id }) => id === held.id)).toMatchObject({
      state: 'sent',
      dueAt: now + 5,
      lastError: null,
    })
    expect(rows.find(({ id }) => id === rest)).toMatchObject({ state: 'due', dueAt: now, lastError: null })
    expect(await take(now + 900)).toMatchObject({ id: rest })
  })

  test('deletes unsent mails, finished mails, and all mails to an address', async () => {
    await add('never sent', now - 1)
    await add('still due', now)
    await add('finished', now - 9, now - 1)
    await add('finished just now', now - 9, now)
    expect(await dropUnsentMail(database(), now)).toBe(false)
    expect(Object.keys(await states()).sort()).toEqual(['finished', 'finished just now', 'still due'])
    expect(await dropMail(database(), now)).toBe(false)
    expect(Object.keys(await states()).sort()).toEqual(['finished just now', 'still due'])
    await dropMailTo(database(), [])
    await dropMailTo(database(), ['still due@example.com', 'nobody@example.com'])
    expect(Object.keys(await states())).toEqual(['finished just now'])
    expect(await listMail(database(), 0)).toEqual([])
  })

  test('deletes unsent mails after many sent ones', async () => {
    const row = {
      recipient: 'ada@example.com',
      template: 'password_changed',
      details: '',
      attempts: 1,
    } as const
    const sent = {
      ...row,
      state: 'sent',
      createdAt: now - 1,
      dueAt: now,
      finishedAt: now,
      lastError: null,
    } as const
    const many = Array.from({ length: 500 }, (_, at) => ({ ...sent, id: `a${at}` }))
    await database().insertInto('mail').values(many).execute()
    await add('never sent', now - 1)
    await dropUnsentMail(database(), now)
    expect((await listMail(database(), 9)).map(({ id }) => id)).not.toContain('never sent')
  })
})
