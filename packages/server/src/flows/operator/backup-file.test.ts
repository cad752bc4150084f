import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { TableName } from '../../store/dump.ts'
import { testOptions } from '../../testing/sallyport.ts'
import { keysOf } from '../../tokens/keyring.ts'
import { backupWriter, readBackup } from './backup-file.ts'

const { secret } = testOptions
const { id: secretId, keys } = keysOf(secret)
const header = { format: 'sallyport-backup', version: 1, createdAt: 5, migrations: [], secretId }

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

/** Returns these values as the lines of a file, signed with the secret. */
function signed(values: readonly unknown[]): string[] {
  const lines = values.map((value) => JSON.stringify(value))
  const mac = createHmac('sha256', keys.get('backup') ?? '')
  for (const line of lines) mac.update(`${line}\n`)
  return [...lines, JSON.stringify({ mac: mac.digest('base64url') })]
}

const row = ['user', { id: 'user-1' }]
const rows = { rows: { user: 1 } }

test('reads what was written, row by row, with the counts', async () => {
  const lines: string[] = []
  const writer = backupWriter(secret, async (line) => void lines.push(line))
  await writer.begin({ createdAt: 5, migrations: [] })
  await writer.row('user', { id: 'user-1', version: 1 })
  await writer.row('user', { id: 'user-2', version: null })
  await writer.row('secret', { id: 'secret-1' })
  const counts = { user: 2, secret: 1 }
  expect(await writer.end()).toEqual(counts)
  const seen: unknown[] = []
  const onRow = async (table: TableName, of: object) => void seen.push([table, of])
  expect(await readBackup(each(lines), ['another secret, long enough', secret], onRow)).toEqual({
    header,
    counts,
  })
  expect(seen).toEqual([
    ['user', { id: 'user-1', version: 1 }],
    ['user', { id: 'user-2', version: null }],
    ['secret', { id: 'secret-1' }],
  ])
})

describe('refuses a file', () => {
  const whole = signed([header, row, rows])
  const last = whole.at(-1) ?? ''
  const mac = (text: string) => JSON.stringify({ mac: text })
  test.each<[string, string[], string]>([
    ['of nothing', [], 'not a backup'],
    ['of null', ['null'], 'not a backup'],
    ['of another program', ['PGDMP'], 'not a backup'],
    ['of JSON of another program', ['{"format":"other"}'], 'not a backup'],
    ['whose first line is cut', ['{"format":"sallyport-backup","vers'], 'incomplete or damaged'],
    ['whose second line is cut', [whole[0] ?? '', '["user",{"id"'], 'incomplete or damaged'],
    ['without its counts', signed([header, row]).slice(0, -1), 'incomplete or damaged'],
    ['without its MAC', whole.slice(0, -1), 'incomplete or damaged'],
    ['with a shorter MAC', [...whole.slice(0, -1), mac('abc')], 'incomplete or damaged'],
    ['with a MAC that is not text', [...whole.slice(0, -1), '{"mac":1}'], 'incomplete or damaged'],
    ['with another MAC', [...whole.slice(0, -1), mac('A'.repeat(43))], 'incomplete or damaged'],
    ['with another MAC before its own', [...whole.toSpliced(-1, 0, mac('A'.repeat(43)))], 'incomplete'],
    ['with its MAC twice', [...whole, last], 'incomplete or damaged'],
    ['with a row after its MAC', [...whole, whole[1] ?? ''], 'incomplete or damaged'],
    ['with null between rows', signed([header, null, rows]), 'incomplete or damaged'],
    ['with other counts', signed([header, row, { rows: { user: 2 } }]), 'incomplete or damaged'],
    ['with an unknown table', signed([header, ['kysely_migration', {}]]), 'incomplete or damaged'],
    ['of another version', signed([{ ...header, version: 2 }]), 'newer version'],
    ['of other migrations', signed([{ ...header, migrations: ['2099-later'] }]), 'newer version'],
    ['of another secret', signed([{ ...header, migrations: undefined, secretId: 'x' }]), 'another SALLYPORT'],
  ])('%s', async (_, lines, message) => {
    const { error } = await readBackup(each(lines), [secret]).then(
      () => ({ error: null }),
      (thrown: unknown) => ({ error: thrown }),
    )
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(message)
  })
})
