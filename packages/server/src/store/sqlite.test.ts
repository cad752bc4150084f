import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openEmbedded, requireSupportedNode } from './sqlite.ts'

/** Opens a file with one table here and in another connection, as another process would. */
async function opened() {
  const file = join(temporaryFolder(), 'sallyport.db')
  const store = openEmbedded(file)
  onTestFinished(() => store.database.destroy())
  const write = () => sql`insert into seen values (1)`.execute(store.database)
  await sql`create table seen (number integer)`.execute(store.database)
  const other = new SqliteDatabase(file)
  onTestFinished(() => void other.close())
  return { ...store, file, write, other }
}

describe('a watcher of a file', () => {
  test('is called once after each write of another process, not after its own writes, until it stops', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { watch, write, other } = await opened()
    const onChange = vi.fn()
    const leave = watch(onChange)
    const callsAfter = (ms: number) => {
      vi.advanceTimersByTime(ms)
      return onChange.mock.calls.length
    }
    expect(callsAfter(1_000)).toBe(0)
    await write()
    expect(callsAfter(1_000)).toBe(0)
    other.exec('insert into seen values (2)')
    expect(callsAfter(100)).toBe(1)
    expect(callsAfter(1_000)).toBe(1)
    other.exec('insert into seen values (3)')
    expect(callsAfter(100)).toBe(2)
    leave()
    other.exec('insert into seen values (4)')
    expect(callsAfter(1_000)).toBe(2)
  })

  test('is not called, without an error, after the file is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { watch, database, other } = await opened()
    const onChange = vi.fn()
    const leave = watch(onChange)
    onTestFinished(leave)
    await database.destroy()
    other.exec('insert into seen values (2)')
    vi.advanceTimersByTime(1_000)
    expect(onChange).not.toHaveBeenCalled()
  })

  test('does not keep the process running', async () => {
    const made = vi.spyOn(globalThis, 'setInterval')
    const { watch } = await opened()
    onTestFinished(watch(() => {}))
    expect(made.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false])
  })
})

test('refuses a file that another process has opened exclusively, with what to do; it is free afterwards', async () => {
  const file = join(temporaryFolder(), 'sallyport.db')
  const alone = openEmbedded(file, { alone: true })
  await sql`create table seen (number integer)`.execute(alone.database)
  const other = new SqliteDatabase(file, { timeout: 0 })
  onTestFinished(() => void other.close())
  expect(() => other.exec('select * from seen')).toThrow(/locked/)
  await alone.database.destroy()
  expect(other.prepare('select * from seen').all()).toEqual([])
})

test('reports a file that is open elsewhere as in use, and a path that cannot be opened as such', async () => {
  const { file, other } = await opened()
  other.exec('begin; select * from seen')
  const closed = vi.spyOn(SqliteDatabase.prototype, 'close')
  expect(() => openEmbedded(file, { alone: true })).toThrow(
    new TypeError(
      `The database ${file} is in use by another process. Stop every server and command that works on it, then try again.`,
    ),
  )
  expect(closed).toHaveBeenCalledTimes(1)
  expect(() => openEmbedded(join(file, 'none'), { alone: true })).toThrow(/cannot be opened/)
})

test('prepares a statement once, and drops the oldest of two hundred for a new one', async () => {
  const { database } = await opened()
  const prepare = vi.spyOn(SqliteDatabase.prototype, 'prepare')
  const run = async (number: number) => {
    prepare.mockClear()
    await sql`select ${sql.lit(number)}`.execute(database)
    return prepare.mock.calls.length
  }
  expect([await run(0), await run(0)]).toEqual([1, 0])
  for (let number = 1; number < 300; number += 1) expect(await run(number)).toBe(1)
  expect([await run(299), await run(101)]).toEqual([0, 0])
  expect([await run(0), await run(100)]).toEqual([1, 1])
})

test('a Node that is too old is refused in words, before it ends the process without any', () => {
  for (const version of ['22.0.0', '24.9.0', '100.1.0'])
    expect(() => requireSupportedNode(version), version).not.toThrow()
  expect(() => requireSupportedNode()).not.toThrow()
  for (const version of ['20.19.0', '21.9.9', '9.22.0'])
    expect(() => requireSupportedNode(version), version).toThrow(
      new TypeError(
        `Sallyport needs Node 22 or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`,
      ),
    )
})
