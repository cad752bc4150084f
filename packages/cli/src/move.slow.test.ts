import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, test } from 'vitest'
import { freshStore } from '../../server/src/testing/stores.ts'
import { commandOn, run, settingsOf } from './testing/sallyport-command.ts'

const events = 150_000
/** The memory limit of the process. It is less than the size of these rows. */
const memoryMegabytes = 48

test('moves more data than its memory, in both directions', async () => {
  const store = await freshStore('SQLite')
  await commandOn(settingsOf(store)).text('migrate')
  const file = new SqliteDatabase(join((store.options as { dataDir: string }).dataDir, 'sallyport.db'))
  file.exec(`with recursive counted(n) as (select 1 union all select n + 1 from counted where n < ${events})
    insert into audit_event (id, at, action, result, actor, "userId", "sessionId", address, "userAgent", "requestId", details)
    select printf('%036d', n), n, 'sign_in', 'success', 'user-' || n, 'user-' || n, null, '192.0.2.17',
      printf('%.200c', 'x'), printf('%036d', n), null from counted`)
  file.close()
  const target = await freshStore('PostgreSQL')
  const back = await freshStore('SQLite')
  const limited = { NODE_OPTIONS: `--max-old-space-size=${memoryMegabytes}` }
  const { databaseUrl } = target.options as { databaseUrl: string }
  const { dataDir } = back.options as { dataDir: string }
  expect(await commandOn(settingsOf(store, limited), run).text(`move --to ${databaseUrl}`)).toContain(
    `and ${events} audit events to PostgreSQL`,
  )
  expect(await commandOn(settingsOf(target, limited), run).text(`move --to ${dataDir}`)).toContain(
    `and ${events + 1} audit events to ${dataDir}`,
  )
}, 300_000)
