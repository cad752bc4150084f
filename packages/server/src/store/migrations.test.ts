import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshStore } from '../testing/stores.ts'
import { openStore } from './database.ts'
import { knownMigrations } from './migrations.ts'

/**
 * A hash of all tables and indexes after each migration. A released migration must never change, because existing databases would not get
 * the change: add a new migration instead. The newest migration needs no hash here.
 */
const tablesAfter: Record<string, string> = {
  '2026-11-23-sessions': '5384767458276018',
  '2026-11-24-several-processes': '985dbb4b2842588d',
  '2026-11-25-accounts': '7b6d6d305f0ca329',
  '2026-11-26-hooks': '63250a712ea6a385',
  '2026-11-29-deleted-accounts': '63250a712ea6a385',
  '2026-11-29-revocation-ends': '63250a712ea6a385',
  '2026-11-29-secrets': 'b0db15e2c448edf7',
  '2026-11-29-session-idle': '62e9e3ec685579af',
  '2026-11-29-sign-in-factors': 'af3504760cbda61a',
  '2026-11-30-identities': 'ac317418bc0861da',
  '2026-11-30-mailed-sign-ins': 'e9897ab95647d22b',
  '2026-11-30-passkeys': '0d468d94fcd2062b',
  '2026-12-01-factor-removals': 'fe69f5e7585214b5',
  '2026-12-01-passkey-handles': '5f4055fac0ed1723',
  '2026-12-01-provider-tokens': '3cd47903c464daa3',
}

test('a migration that databases have applied is not changed', async () => {
  const store = await freshStore('SQLite')
  const { database } = openStore(store.address)
  const found: [string, string][] = []
  for (const name of knownMigrations) {
    const { up } = await import(`./migrations/${name}.ts`)
    await up(database)
    const tables = await store.query('select type, name, sql from sqlite_master order by type, name')
    found.push([name, createHash('sha256').update(JSON.stringify(tables)).digest('hex').slice(0, 16)])
  }
  await database.destroy()
  expect(tablesAfter).toMatchObject(Object.fromEntries(found.slice(0, -1)))
  expect(Object.fromEntries(found)).toMatchObject(tablesAfter)
})
