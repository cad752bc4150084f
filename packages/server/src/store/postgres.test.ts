import { createServer } from 'node:net'
import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freshStore } from '../testing/stores.ts'
import { channel, openPostgres } from './postgres.ts'

async function freshUrl() {
  const { options } = await freshStore('PostgreSQL')
  return (options as { databaseUrl: string }).databaseUrl
}

async function opened(options: { patient?: boolean } = {}) {
  const url = await freshUrl()
  const store = openPostgres(url, { poolSize: 1, ...options })
  onTestFinished(() => store.database.destroy())
  const rows = async <Row>(text: string) => (await sql.raw<Row>(text).execute(store.database)).rows
  const processId = async () => (await rows<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid
  return { ...store, url, rows, processId, other: await connected(url) }
}

async function connected(url: string) {
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

type Other = Awaited<ReturnType<typeof connected>>

/** The other connections to this database. */
const those = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
const end = (other: Other, condition: string) =>
  other.query(`select pg_terminate_backend(pid) ${those} and ${condition}`)
const isListening = "query = 'listen sallyport' or query = 'select 1'"
const countListening = async (other: Other) =>
  (await other.query(`select 1 ${those} and (${isListening})`)).rowCount

describe('a connection', () => {
  test('has an application name and time limits; a patient one has no limits', async () => {
    const names = [
      'application_name',
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
    ]
    const settings = ({ rows }: Awaited<ReturnType<typeof opened>>) =>
      rows(`select name, setting from pg_settings where name in ('${names.join("','")}') order by name`)
    const limited = await opened()
    expect(await settings(limited)).toEqual([
      { name: 'application_name', setting: 'sallyport' },
      { name: 'idle_in_transaction_session_timeout', setting: '5000' },
      { name: 'lock_timeout', setting: '3000' },
      { name: 'statement_timeout', setting: '3500' },
    ])
    const patient = await opened({ patient: true })
    expect(await settings(patient)).toEqual([
      { name: 'application_name', setting: 'sallyport' },
      ...names
        .toSorted()
        .slice(1)
        .map((name) => ({ name, setting: '0' })),
    ])
  })

  test('times out if the server accepts the connection and does not answer', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await new Promise((resolve) => silent.once('listening', resolve))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    for (const patient of [false, true]) {
      const { port } = silent.address() as { port: number }
      const { database } = openPostgres(`postgres://ada@127.0.0.1:${port}/x`, { poolSize: 1, patient })
      const asked = sql`select 1`.execute(database)
      asked.catch(() => {})
      await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { timeout: 30_000 })
      vi.advanceTimersByTime(2_500)
      await expect(asked).rejects.toThrow(/timeout/)
      await database.destroy()
    }
  })

  test('parses 64-bit integers as numbers, and other types as the driver does', async () => {
    const { rows } = await opened()
    expect(
      await rows(`select 9007199254740991::bigint as large, 7 as small, '7' as text, true as yes`),
    ).toEqual([{ large: Number.MAX_SAFE_INTEGER, small: 7, text: '7', yes: true }])
  })

  test('that was terminated, idle or in use, is replaced, and others are not affected', async () => {
    const { rows, processId, database, other } = await opened()
    const first = await processId()
    await end(other, `pid = ${first}`)
    await vi.waitFor(async () => expect(await processId()).not.toBe(first), { timeout: 10_000 })
    const lent = database.connection().execute(async (connection) => {
      const [row] = (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection)).rows
      await end(other, `pid = ${row?.pid}`)
      await vi.waitFor(async () => expect((await other.query(`select 1 ${those}`)).rowCount).toBe(0), {
        timeout: 30_000,
      })
      return sql`select 1`.execute(connection)
    })
    await expect(lent).rejects.toThrow()
    // The pool may notice the end only after it has lent the connection once more.
    await vi.waitFor(async () => expect(await rows('select 1 as one')).toEqual([{ one: 1 }]), {
      timeout: 10_000,
    })
  })

  test('whose query timed out is closed, and the next query uses another', async () => {
    const { rows, processId, database } = await opened()
    const slow = await processId()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const sent = vi.spyOn(pg.Client.prototype, 'query')
    onTestFinished(() => void vi.restoreAllMocks())
    const asked = sql`select pg_sleep(1), ${1}`.execute(database)
    asked.catch(() => {})
    await vi.waitFor(() => expect(sent).toHaveBeenCalled(), { timeout: 30_000 })
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { timeout: 30_000 })
    vi.advanceTimersByTime(4_000)
    await expect(asked).rejects.toThrow('Query read timeout')
    vi.useRealTimers()
    const next = await processId()
    expect(next).not.toBe(slow)
    // Other errors do not close the connection.
    await expect(rows('select no_such_column')).rejects.toThrow(/no_such_column/)
    expect(await processId()).toBe(next)
  })

  test('keeps statements prepared by name, except those that select all columns', async () => {
    const { database } = await opened()
    // Another connection of the pool does not have these statements.
    const prepared = await database.connection().execute(async (connection) => {
      await connection.selectFrom('user').select('id').where('id', '=', 'a').execute()
      await connection.selectFrom('user').select('id').where('id', '=', 'b').execute()
      await connection.selectFrom('user').selectAll().where('id', '=', 'a').execute()
      return sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(connection)
    })
    const texts = prepared.rows.map(({ statement }) => statement).filter((text) => text.includes('"user"'))
    expect(texts).toEqual(['select "id" from "user" where "id" = $1'])
  })
})

describe('a watcher', () => {
  test('is called once it is listening, and after each notification, until it stops', async () => {
    const { watch, other } = await opened()
    const onChange = vi.fn()
    const leave = watch(onChange)
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), { timeout: 30_000 })
    await other.query(`notify ${channel}`)
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), { timeout: 30_000 })
    await other.query('notify somebody_else')
    expect(await countListening(other)).toBe(1)
    leave()
    await vi.waitFor(async () => expect(await countListening(other)).toBe(0), { timeout: 30_000 })
    await other.query(`notify ${channel}`)
    expect(onChange).toHaveBeenCalledTimes(2)
  })

  test('is called again after its connection was lost and replaced, to read what was missed', async () => {
    const { watch, other } = await opened()
    const onChange = vi.fn()
    onTestFinished(watch(onChange))
    for (const calls of [1, 2, 3]) {
      await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(calls), 3_000)
      expect(await countListening(other)).toBe(1)
      if (calls < 3) await end(other, isListening)
    }
    await other.query(`notify ${channel}`)
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(4), { timeout: 30_000 })
  })

  /** A driver with simulated server responses, on a clock that the test moves. */
  async function driven() {
    const { watch } = openPostgres(await freshUrl(), { poolSize: 1 })
    const clients: pg.Client[] = []
    const asked: string[] = []
    const state = { isAway: true }
    const answer = () => (state.isAway ? Promise.reject(new Error('away')) : Promise.resolve()) as never
    vi.spyOn(pg.Client.prototype, 'connect').mockImplementation(function (this: pg.Client) {
      clients.push(this)
      return answer()
    } as never)
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(((text: string) => {
      asked.push(text)
      return answer()
    }) as never)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const timers = vi.spyOn(globalThis, 'setTimeout')
    // Before the real timers come back: the restored spy would put the fake ones in their place.
    onTestFinished(() => void vi.restoreAllMocks())
    const onChange = vi.fn()
    /** Returns the milliseconds until something happens. */
    async function until(happens: () => boolean) {
      await vi.advanceTimersByTimeAsync(0)
      for (let waited = 0; waited <= 5_000; waited += 100) {
        if (happens()) return waited
        await vi.advanceTimersByTimeAsync(100)
      }
      return null
    }
    const pause = (made = clients.length) => until(() => clients.length > made)
    return { leave: watch(onChange), onChange, clients, asked, state, until, pause, timers }
  }

  test('reconnects after pauses that grow to two seconds, and that are short again after a success', async () => {
    const { leave, onChange, clients, asked, state, until, pause } = await driven()
    const pauses: unknown[] = []
    for (let attempt = 0; attempt < 6; attempt += 1) pauses.push(await pause())
    expect(pauses).toEqual([200, 400, 800, 1_600, 2_000, 2_000])
    expect([onChange.mock.calls.length, asked]).toEqual([0, []])
    state.isAway = false
    expect(await pause()).toBe(2_000)
    expect(await until(() => asked.length > 0)).toBe(0)
    expect([onChange.mock.calls.length, asked]).toEqual([1, [`listen ${channel}`, 'select 1']])
    // Events of an earlier connection are ignored.
    for (const event of ['error', 'end']) clients[2]?.emit(event, new Error('late'))
    for (const event of ['error', 'end'] as const) {
      const current = clients.at(-1)
      const made = clients.length
      current?.emit(event, new Error('gone'))
      current?.emit(event, new Error('gone'))
      expect(await pause(made), event).toBe(200)
      expect(await until(() => onChange.mock.calls.length > 1)).toBe(0)
      onChange.mockClear()
      onChange()
    }
    leave()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('checks its connection every two seconds and replaces it if needed, without keeping the process running', async () => {
    const { leave, onChange, clients, asked, state, until, pause, timers } = await driven()
    state.isAway = false
    expect(await pause()).toBe(200)
    await vi.advanceTimersByTimeAsync(0)
    const before = asked.length
    expect(await until(() => asked.length > before)).toBe(2_000)
    expect(await until(() => asked.length > before + 1)).toBe(2_000)
    expect([onChange.mock.calls.length, asked.at(-1)]).toEqual([1, 'select 1'])
    state.isAway = true
    const made = clients.length
    expect(await pause(made)).toBe(2_200)
    leave()
    const asking = asked.length
    await vi.advanceTimersByTimeAsync(10_000)
    expect([clients.length, asked.length, vi.getTimerCount()]).toEqual([made + 1, asking, 0])
    expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).not.toContain(true)
    expect(timers).toHaveBeenCalled()
  })
})
