import { beforeEach, describe, expect, test } from 'vitest'
import { ada, now, session, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { dropAuditEvents } from './audit-event.ts'
import type { Database } from './database.ts'
import { dropMail, dropUnsentMail } from './mail.ts'
import { dropExpiredTokens } from './one-time-token.ts'
import { dropRevocations } from './revocation.ts'
import { dropSessions } from './session.ts'
import { dropThrottles } from './throttle.ts'
import { addUser } from './user.ts'

const ids = (count: number) => Array.from({ length: count }, (_, at) => `a${at}`)
const mail = {
  recipient: ada.email,
  template: 'password_changed',
  details: '',
  attempts: 1,
  createdAt: now - 1,
  dueAt: now,
  lastError: null,
}
const event = {
  at: now,
  action: 'sign_in',
  result: 'success',
  actor: null,
  userId: null,
  sessionId: null,
  address: null,
  userAgent: null,
  requestId: null,
  details: null,
} as const
const token = { purpose: 'decoy', userId: null, email: ada.email, details: null, createdAt: now } as const

type Sweep = {
  table: 'session' | 'audit_event' | 'mail' | 'one_time_token' | 'revocation' | 'throttle'
  limit: number
  add(database: Database, count: number): Promise<unknown>
  drop(database: Database): Promise<boolean>
}
const sweeps: Record<string, Sweep> = {
  sessions: {
    table: 'session',
    limit: 200,
    add: (database, count) =>
      database
        .insertInto('session')
        .values(ids(count).map((id) => ({ ...session, id, methods: '[]', endedAt: now - 1 })))
        .execute(),
    drop: (database) => dropSessions(database, now),
  },
  'audit events': {
    table: 'audit_event',
    limit: 500,
    add: (database, count) =>
      database
        .insertInto('audit_event')
        .values(ids(count).map((id) => ({ ...event, id })))
        .execute(),
    drop: (database) => dropAuditEvents(database, 'b'),
  },
  'unsent mails': {
    table: 'mail',
    limit: 500,
    add: (database, count) =>
      database
        .insertInto('mail')
        .values(ids(count).map((id) => ({ ...mail, id, state: 'due' as const, finishedAt: null })))
        .execute(),
    drop: (database) => dropUnsentMail(database, now),
  },
  'finished mails': {
    table: 'mail',
    limit: 500,
    add: (database, count) =>
      database
        .insertInto('mail')
        .values(ids(count).map((id) => ({ ...mail, id, state: 'sent' as const, finishedAt: now - 1 })))
        .execute(),
    drop: (database) => dropMail(database, now),
  },
  links: {
    table: 'one_time_token',
    limit: 500,
    add: (database, count) =>
      database
        .insertInto('one_time_token')
        .values(ids(count).map((hash) => ({ ...token, hash, expiresAt: now })))
        .execute(),
    drop: (database) => dropExpiredTokens(database, now),
  },
  revocations: {
    table: 'revocation',
    limit: 500,
    add: (database, count) =>
      database
        .insertInto('revocation')
        .values(ids(count).map((sid) => ({ sid, sub: null, minVersion: null, kid: null, until: now })))
        .execute(),
    drop: (database) => dropRevocations(database, now),
  },
  throttles: {
    table: 'throttle',
    limit: 500,
    add: (database, count) =>
      database
        .insertInto('throttle')
        .values(ids(count).map((key) => ({ key, count: 1, until: now, blockedUntil: 0, lastBy: '' })))
        .execute(),
    drop: (database) => dropThrottles(database, now),
  },
}

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  beforeEach(async () => void (await addUser(database(), ada, 'hash')))

  test.each(Object.entries(sweeps))(
    'deletes a limited number of %s at once, and returns whether there may be more',
    async (_, { table, limit, add, drop }) => {
      await add(database(), limit + 1)
      const left = async () => (await database().selectFrom(table).selectAll().execute()).length
      expect([await drop(database()), await left()]).toEqual([true, 1])
      expect([await drop(database()), await left()]).toEqual([false, 0])
    },
  )
})
