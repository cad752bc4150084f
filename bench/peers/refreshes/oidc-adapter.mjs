import pg from 'pg'
import { openDatabase } from './database.mjs'

const database = openDatabase()

/** Runs a statement, which is prepared once. Its parameters are `$1`, `$2` … on both databases. */
const run = database instanceof pg.Pool ? runOnPostgres : prepareOnSqlite()

await run(`create table if not exists model (
  kind text not null,
  id text not null,
  payload text not null,
  "grantId" text,
  uid text,
  "userCode" text,
  "consumedAt" bigint,
  "expiresAt" bigint,
  primary key (kind, id)
)`)
await run('create index if not exists model_grant on model ("grantId")')
await run('create index if not exists model_uid on model (uid)')
await run('create index if not exists model_user_code on model ("userCode")')

const columns = 'payload, "consumedAt", "expiresAt"'

/** The storage interface of oidc-provider (its docs, "Adapter"): one row for each object, found by its key. */
export class OidcAdapter {
  constructor(kind) {
    this.kind = kind
  }

  async upsert(id, payload, expiresIn) {
    await run(
      `insert into model (kind, id, payload, "grantId", uid, "userCode", "expiresAt") values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (kind, id) do update set payload = $3, "grantId" = $4, uid = $5, "userCode" = $6, "expiresAt" = $7`,
      [
        this.kind,
        id,
        JSON.stringify(payload),
        payload.grantId ?? null,
        payload.uid ?? null,
        payload.userCode ?? null,
        expiresIn ? epochSeconds() + expiresIn : null,
      ],
    )
  }

  async find(id) {
    return payloadOf(await run(`select ${columns} from model where kind = $1 and id = $2`, [this.kind, id]))
  }

  async findByUid(uid) {
    return payloadOf(await run(`select ${columns} from model where kind = $1 and uid = $2`, [this.kind, uid]))
  }

  async findByUserCode(userCode) {
    return payloadOf(
      await run(`select ${columns} from model where kind = $1 and "userCode" = $2`, [this.kind, userCode]),
    )
  }

  async consume(id) {
    await run('update model set "consumedAt" = $3 where kind = $1 and id = $2', [
      this.kind,
      id,
      epochSeconds(),
    ])
  }

  async destroy(id) {
    await run('delete from model where kind = $1 and id = $2', [this.kind, id])
  }

  async revokeByGrantId(grantId) {
    await run('delete from model where "grantId" = $1', [grantId])
  }
}

function payloadOf([row]) {
  if (!row || (row.expiresAt && row.expiresAt < epochSeconds())) return undefined
  return { ...JSON.parse(row.payload), ...(row.consumedAt && { consumed: Number(row.consumedAt) }) }
}

function epochSeconds() {
  return Math.floor(Date.now() / 1000)
}

function prepareOnSqlite() {
  const statements = new Map()
  return async (text, parameters = []) => {
    let statement = statements.get(text)
    if (!statement) {
      statement = database.prepare(text)
      statements.set(text, statement)
    }
    // SQLite treats `$1` as a name.
    const named = Object.fromEntries(parameters.map((value, index) => [index + 1, value]))
    if (statement.reader) return statement.all(named)
    statement.run(named)
    return []
  }
}

async function runOnPostgres(text, parameters = []) {
  const { rows } = await database.query({ name: text.slice(0, 60), text, values: parameters })
  return rows
}
