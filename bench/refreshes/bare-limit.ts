// The limit of any refresh: one durable write and one ES256 signature for each request, over the same HTTP path.
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { paths } from '@sallyport/protocol/endpoints'
import SqliteDatabase from 'better-sqlite3'
import { Hono } from 'hono'
import pg from 'pg'
import { createTokenSigner } from '../issuers/token-signer.ts'

const { PORT, DATA_DIR = '', DATABASE_URL, SESSIONS } = process.env

/** Writes a session's next generation, and returns once it is on the disk. */
const advance = DATABASE_URL ? await openPostgres(DATABASE_URL) : openSqlite(join(DATA_DIR, 'bare.db'))
const signer = await createTokenSigner(`http://localhost:${PORT}`)
const app = new Hono()
app.get(paths.ready, (context) => context.json({ status: 'ready' }))
app.post(paths.refresh, async (context) => {
  const { refreshToken } = await context.req.json<{ refreshToken: string }>()
  const [session, generation] = refreshToken.split('.').map(Number)
  if (session === undefined || generation === undefined) return context.json({ title: 'No token' }, 400)
  await advance(session, generation + 1)
  return context.json({
    accessToken: signer.newToken(),
    refreshToken: `${session}.${generation + 1}.`.padEnd(72, 'x'),
    expiresIn: 600,
  })
})
serve({ fetch: app.fetch, port: Number(PORT) })

function openSqlite(file: string) {
  const database = new SqliteDatabase(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('create table session (id integer primary key, generation integer not null)')
  const insert = database.prepare('insert into session values (?, 0)')
  for (let id = 0; id < Number(SESSIONS); id++) insert.run(id)
  const update = database.prepare('update session set generation = ? where id = ?')
  return async (id: number, generation: number): Promise<void> => {
    if (update.run(generation, id).changes !== 1) throw new Error(`There is no session ${id}.`)
  }
}

/** The pool has as many connections as that of the auth server. */
async function openPostgres(connectionString: string) {
  const pool = new pg.Pool({ connectionString, max: 10 })
  await pool.query('create table session (id integer primary key, generation integer not null)')
  await pool.query('insert into session select id, 0 from generate_series(0, $1) as id', [
    Number(SESSIONS) - 1,
  ])
  return async (id: number, generation: number): Promise<void> => {
    const { rowCount } = await pool.query('update session set generation = $1 where id = $2', [
      generation,
      id,
    ])
    if (rowCount !== 1) throw new Error(`There is no session ${id}.`)
  }
}
