import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Database, openStore } from '../store/database.ts'
import { migrate } from '../store/migrations.ts'
import type { StoredSession } from '../store/session.ts'
import type { StoredUser } from '../store/user.ts'
import { freshStore, type StoreKind } from './stores.ts'

/** The time at which the rows below were created. */
export const now = Date.UTC(2026, 0, 1)

export const ada: StoredUser = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: ['owner', 'member'],
  version: 3,
  createdAt: now,
  updatedAt: now,
  signedInAt: null,
  disabledAt: null,
  emailVerifiedAt: null,
  deleteAt: null,
  fields: { company: 'Ledgerline', seats: 3 },
}
export const bob: StoredUser = { ...ada, id: 'user-2', email: 'bob@example.com', name: 'Bob' }

/** A session of the user `ada`. */
export const session: StoredSession = {
  id: 'session-1',
  userId: ada.id,
  salt: 'c2FsdA',
  generation: 0,
  parentBranch: -1,
  branches: 1,
  openedAt: now,
  methods: ['pwd'],
  authenticatedAt: now,
  createdAt: now,
  lastUsedAt: now,
  expiresAt: now + 1_000_000,
  endedAt: null,
  endReason: null,
  idleSeconds: null,
  address: null,
  userAgent: null,
}

const tables = [
  'session',
  'one_time_token',
  'known_device',
  'mail',
  'audit_event',
  'throttle',
  'revocation',
  'pending_hook',
  'signing_key',
  'secret',
  'totp',
  'recovery_code',
  'identity',
  'provider_start',
  'user',
] as const

/**
 * Opens one migrated database for all tests of a `describe`. The database is emptied before each test. Use this for tests of single
 * statements.
 */
export function sharedDatabase(kind: StoreKind): () => Database {
  let database: Database | undefined
  const endings: (() => void | Promise<void>)[] = []
  const opened = (): Database => {
    if (database === undefined) throw new Error('The database is opened before the first test.')
    return database
  }
  beforeAll(async () => {
    const store = await freshStore(kind, (ending) => void endings.push(ending))
    database = openStore(store.address).database
    await migrate(database)
  })
  beforeEach(() =>
    opened()
      .transaction()
      .execute(async (transaction) => {
        for (const table of tables) await transaction.deleteFrom(table).execute()
      }),
  )
  afterAll(async () => {
    await database?.destroy()
    for (const ending of endings) await ending()
  })
  return opened
}
