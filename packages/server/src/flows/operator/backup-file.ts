import { createHmac, timingSafeEqual } from 'node:crypto'
import { isTable, type TableName, unknownMigrations } from '../../store/dump.ts'
import { keysOf } from '../../tokens/keyring.ts'

type Row = Record<string, string | number | null>

/** The first line of a backup. */
export type BackupHeader = {
  format: 'sallyport-backup'
  version: 1
  /** Milliseconds since 1970. */
  createdAt: number
  migrations: string[]
  /** The id of the secret from which the key of the MAC is derived. */
  secretId: string
}

export type RowCounts = Partial<Record<TableName, number>>

/**
 * Writes the lines of a backup: a header, one line for each row of the tables, the number of rows, and a MAC over all lines. The key of the
 * MAC is derived from the server's secret. So a file that is incomplete, damaged or changed is refused before anything is restored.
 */
export function backupWriter(secret: string, write: (line: string) => Promise<void>) {
  const { id, keys } = keysOf(secret)
  const mac = createHmac('sha256', keys.get('backup') ?? '')
  const counts: RowCounts = {}
  async function line(value: unknown): Promise<void> {
    const text = JSON.stringify(value)
    mac.update(`${text}\n`)
    await write(text)
  }
  return {
    begin: (header: Pick<BackupHeader, 'createdAt' | 'migrations'>) =>
      line({ format: 'sallyport-backup', version: 1, ...header, secretId: id } satisfies BackupHeader),
    async row(table: TableName, row: Row): Promise<void> {
      counts[table] = (counts[table] ?? 0) + 1
      await line([table, row])
    },
    async end(): Promise<RowCounts> {
      await line({ rows: counts })
      await write(JSON.stringify({ mac: mac.digest('base64url') }))
      return counts
    },
  }
}

const damaged = () =>
  new TypeError(
    'The backup is incomplete or damaged, or was changed. Nothing was restored. Use another backup.',
  )

/**
 * Reads and checks all lines of a backup. `onRow` is called before the whole file has been checked. So it may also get rows of a damaged or
 * changed backup. The caller must write the rows in a transaction, or only after this function has resolved.
 *
 * @throws TypeError when the file is not a backup or is damaged, or when it was made with another secret or by a newer version.
 */
export async function readBackup(
  lines: AsyncIterable<string>,
  secrets: readonly string[],
  onRow: (table: TableName, row: Row) => Promise<void> = async () => {},
): Promise<{ header: BackupHeader; counts: RowCounts }> {
  const counts: RowCounts = {}
  let header: BackupHeader | null = null
  let mac = createHmac('sha256', '')
  let isComplete = false
  for await (const text of lines) {
    if (isComplete) throw damaged()
    const value = parsed(text, header !== null)
    if (header === null) {
      const found = headerOf(value, secrets)
      header = found.header
      mac = createHmac('sha256', found.key)
    } else if (!Array.isArray(value) && typeof value?.mac === 'string') {
      isComplete = isSame(mac.digest(), Buffer.from(value.mac, 'base64url'))
      if (!isComplete) throw damaged()
      continue
    } else if (Array.isArray(value)) {
      const [table, row] = value as [string, Row]
      if (!isTable(table)) throw damaged()
      counts[table] = (counts[table] ?? 0) + 1
      await onRow(table, row)
    } else if (JSON.stringify(value?.rows) !== JSON.stringify(counts)) throw damaged()
    mac.update(`${text}\n`)
  }
  if (header === null) throw noBackup()
  if (!isComplete) throw damaged()
  return { header, counts }
}

function headerOf(value: unknown, secrets: readonly string[]): { header: BackupHeader; key: Buffer } {
  const header = value as Partial<BackupHeader> | null
  if (header?.format !== 'sallyport-backup') throw noBackup()
  const { version, migrations = [], secretId } = header
  if (version !== 1 || unknownMigrations(migrations).length > 0)
    throw new TypeError('The backup was made by a newer version of sallyport. Restore it with that version.')
  const keys = secrets.map(keysOf).find(({ id }) => id === secretId)
  if (keys === undefined)
    throw new TypeError(
      'The backup was made under another SALLYPORT_SECRET. Set the secret that was used then. If that secret was replaced since, set the current secret and that secret: SALLYPORT_SECRET=new,old.',
    )
  return { header: header as BackupHeader, key: keys.keys.get('backup') ?? Buffer.alloc(0) }
}

function parsed(text: string, isAfterHeader: boolean): Record<string, unknown> | unknown[] | null {
  try {
    return JSON.parse(text) as Record<string, unknown> | unknown[]
  } catch {
    throw isAfterHeader || text.includes('sallyport') ? damaged() : noBackup()
  }
}

function noBackup(): TypeError {
  return new TypeError('This is not a backup of Sallyport. Nothing was restored.')
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
