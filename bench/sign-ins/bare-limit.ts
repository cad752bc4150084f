// The limit of any sign-in: one argon2id verification, one durable row and one ES256 signature for each request, over the same HTTP path.
// As many hashes run at the same time as there are cores.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { verify } from '@node-rs/argon2'
import { paths } from '@sallyport/protocol/endpoints'
import SqliteDatabase from 'better-sqlite3'
import { Hono } from 'hono'
import { createHashQueue } from '../../packages/server/src/credentials/hash-queue.ts'
import { createTokenSigner } from '../issuers/token-signer.ts'

const { PORT, DATA_DIR = '', HASH = '' } = process.env

const database = new SqliteDatabase(join(DATA_DIR, 'bare.db'))
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
database.exec('create table session (id integer primary key, email text not null)')
const insert = database.prepare('insert into session (email) values (?)')
const signer = await createTokenSigner(`http://localhost:${PORT}`)
const queue = createHashQueue({ concurrency: availableParallelism(), queueLength: 1_000 })
const app = new Hono()
app.get(paths.ready, (context) => context.json({ status: 'ready' }))
app.post(paths.signIn, async (context) => {
  const { email, password } = await context.req.json<{ email: string; password: string }>()
  if (!(await queue(() => verify(HASH, password)))) return context.json({ title: 'Wrong password' }, 401)
  const session = insert.run(email).lastInsertRowid
  return context.json({ accessToken: signer.newToken(), refreshToken: `${session}.0.`.padEnd(72, 'x') })
})
serve({ fetch: app.fetch, port: Number(PORT) })
