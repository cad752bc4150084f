import { randomBytes } from 'node:crypto'
import { newId } from '../../packages/server/src/tokens/id.ts'
import { keyringOf } from '../../packages/server/src/tokens/keyring.ts'
import { createRefreshTokens } from '../../packages/server/src/tokens/refresh-token.ts'
import { type AuthServer, newSecrets, startAuthServerOn } from '../issuers/auth-server.ts'
import { type DatabaseEnvironment, files } from '../issuers/databases.ts'
import { fillDatabase, type RowValues } from '../issuers/filled-database.ts'

const dayMs = 86_400_000

/** The number of devices on which each user is signed in. */
const devicesEach = 4

/** The number of open sessions, and the number of sessions that reached their absolute end so long ago that the next sweep deletes them. */
type Filling = { sessions: number; expired?: number }

/** An auth server whose database file was filled before its start. */
export type FilledAuthServer = AuthServer & {
  database: DatabaseEnvironment
  /** The refresh tokens of sessions from all parts of the table. */
  refreshTokens: string[]
}

/** Fills a file, starts an auth server on it, and picks `picked` random sessions. */
export async function startFilledAuthServer(
  { sessions, expired = 0 }: Filling,
  { picked, workDir }: { picked: number; workDir: string },
): Promise<FilledAuthServer> {
  const secrets = newSecrets()
  const tokens = createRefreshTokens(keyringOf(secrets.secret))
  const database = await files(workDir).fresh()
  const refreshTokens: string[] = []
  const people = Array.from({ length: Math.ceil(sessions / devicesEach) }, (_, index) =>
    newId(past(index), randomBytes),
  )

  function* sessionRows(): Generator<RowValues> {
    for (let index = 0; index < sessions; index++) {
      const row = sessionRow(people[index % people.length] ?? '', { endsInDays: 80 })
      // Each row is as likely to be picked as any other (Knuth, selection sampling).
      if (Math.random() < (picked - refreshTokens.length) / (sessions - index))
        refreshTokens.push(tokens.make(row.id, row.salt, 0, 0))
      yield row
    }
    for (let index = 0; index < expired; index++)
      yield sessionRow(people[index % people.length] ?? '', { endsInDays: -40 })
  }

  await fillDatabase(database, { user: userRows(people), session: sessionRows() })
  const server = await startAuthServerOn(database, secrets, workDir)
  return { ...server, database, refreshTokens }
}

function* userRows(people: readonly string[]): Generator<RowValues> {
  const now = Date.now()
  for (const [index, id] of people.entries())
    yield {
      id,
      email: `person-${index}@example.com`,
      name: `Person ${index}`,
      roles: '["member"]',
      version: 0,
      createdAt: now,
      updatedAt: now,
    }
}

function sessionRow(userId: string, { endsInDays }: { endsInDays: number }) {
  const now = Date.now()
  const createdAt = now + (endsInDays - 90) * dayMs
  return {
    id: newId(createdAt, randomBytes),
    userId,
    salt: randomBytes(16).toString('base64url'),
    generation: 0,
    parentBranch: -1,
    branches: 1,
    openedAt: createdAt,
    methods: '["pwd"]',
    authenticatedAt: createdAt,
    createdAt,
    lastUsedAt: Math.min(now, createdAt + 90 * dayMs),
    expiresAt: createdAt + 90 * dayMs,
    address: '192.0.2.17',
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  } satisfies RowValues
}

/** Returns the time at which a user signed up. The users signed up one after the other, with a second between them. */
function past(index: number): number {
  return Date.now() - 200 * dayMs + index * 1000
}
