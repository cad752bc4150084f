import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { Option } from 'commander'
import { type ReadRow, readRows, WrongHeading } from '../../import/read-rows.ts'
import { type Candidate, UnreadableRow } from '../../import/template.ts'
import { emailColumns, type TemplateName, templates } from '../../import/templates.ts'
import { print, say } from '../../terminal/print.ts'
import { progressLine } from '../../terminal/progress-line.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { factorsKeyOption, readFactorsKey } from './factors-key.ts'
import { type Canonical, findRepeats, repeatRule } from './repeated-addresses.ts'

/** The number of rows in one transaction. After a crash, at most this many read rows are missing. The next run adds them. */
const batchRows = 500
const number = new Intl.NumberFormat('en')

type Options = {
  from: TemplateName
  dryRun?: boolean
  rejects?: string
  factorsKey?: string
  json?: boolean
}
type Counts = { rows: number; added: number; present: number; refused: number }

/** `sallyport users import`: adds the users of another system with their password hashes. */
export function usersImportCommand() {
  return command('import', 'Add users of another system, with their passwords.', {
    examples: [
      'sallyport users import users.csv --from django --dry-run',
      'sallyport users import users.csv --from django',
      'sallyport users import users.jsonl --from auth0 --rejects refused.jsonl',
    ],
    more: `CSV with a header line, or JSON Lines (.jsonl, .ndjson). Existing users are not changed, so the same file can be
imported again: after a crash, or for new users. How to export users from each system: docs/migrate-users.md.
If several rows have the same address, ${repeatRule}. The others are refused.`,
  })
    .argument('<file>', 'the users, in UTF-8')
    .addOption(
      new Option('--from <system>', 'the system that exported the file')
        .choices(Object.keys(templates))
        .default('sallyport'),
    )
    .option('--dry-run', 'check every row, and add no user')
    .option(
      '--rejects <file>',
      'the file for refused rows, with line and reason (default: <file>.rejects.jsonl)',
    )
    .addOption(factorsKeyOption('with which the export has encrypted the secrets of authenticator apps'))
    .addOption(jsonOption)
    .action((file: string, options: Options) => withOperator(({ users }) => importFile(users, file, options)))
}

async function importFile(
  users: Operator['users'],
  file: string,
  { from, dryRun = false, rejects = `${file}.rejects.jsonl`, factorsKey: keyFile, json }: Options,
): Promise<void> {
  const format = formatOf(file)
  const factorsKey = readFactorsKey(keyFile)
  // The file is read twice. The first time, it is searched for addresses that occur more than once.
  const progress = progressLine(sizeOf(file) * 2)
  const canonical = await canonicalAddress()
  const refused = rejectsFile(rejects)
  const counts: Counts = { rows: 0, added: 0, present: 0, refused: 0 }
  try {
    const rows = () => readRows(file, format, progress.read, emailColumns[from])
    const repeats = await findRepeats(rows(), from, canonical)
    for await (const batch of batchesOf(rows())) {
      await importBatch(users, batch, { from, dryRun, factorsKey, repeats }, counts, refused.write)
      progress.show(counts.rows)
    }
  } catch (error) {
    throw error instanceof WrongHeading
      ? new Refusal(`${file}: ${error.message} Nobody was imported.`)
      : error
  } finally {
    progress.end()
    refused.close()
  }
  if (json) await print(toJson({ ...counts, dryRun, rejects: counts.refused > 0 ? rejects : null }))
  else await say(sentence(counts, dryRun))
  if (counts.refused > 0)
    throw new Refusal(`${number.format(counts.refused)} refused. Lines and reasons: ${rejects}`)
}

/** A refused row. It does not contain the other fields of the row, because they could be password hashes. */
type Reject = { line: number; email: string | null; reason: string }

async function importBatch(
  users: Operator['users'],
  batch: ReadRow[],
  {
    from,
    dryRun,
    factorsKey,
    repeats,
  }: {
    from: TemplateName
    dryRun: boolean
    factorsKey: string | undefined
    repeats: Awaited<ReturnType<typeof findRepeats>>
  },
  counts: Counts,
  reject: (row: Reject) => void,
): Promise<void> {
  const candidates: { line: number; candidate: Candidate }[] = []
  const refuse = (line: number, email: unknown, reason: string) => {
    counts.refused += 1
    reject({ line, email: typeof email === 'string' ? email.slice(0, 254) : null, reason })
  }
  for (const read of batch) {
    counts.rows += 1
    if ('reason' in read) refuse(read.line, null, read.reason)
    else {
      try {
        const candidate = templates[from](read.row)
        const repeat = repeats.refusalOf(read.line, candidate)
        if (repeat !== null) refuse(read.line, candidate.email, repeat)
        else candidates.push({ line: read.line, candidate })
      } catch (error) {
        if (!(error instanceof UnreadableRow)) throw error
        refuse(read.line, read.row.email, error.message)
      }
    }
  }
  const results = await users.import(
    candidates.map(({ candidate }) => candidate),
    { dryRun, factorsKey },
  )
  for (const [at, { state, reason }] of results.entries()) {
    const { line = 0, candidate } = candidates[at] ?? {}
    if (state === 'refused') refuse(line, candidate?.email, reason ?? '')
    else counts[state] += 1
  }
}

/** Returns a function that normalises an address like the server. So `Kim@example.com` and `kim@example.com` are equal. */
async function canonicalAddress(): Promise<Canonical> {
  const { signUpRequestSchema } = await import('@sallyport/server')
  const { email } = signUpRequestSchema.shape
  return (address) => email.safeParse(address).data ?? null
}

async function* batchesOf(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow[]> {
  let batch: ReadRow[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < batchRows) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function formatOf(file: string): 'csv' | 'jsonl' {
  if (/\.csv$/i.test(file)) return 'csv'
  if (/\.(?:jsonl|ndjson)$/i.test(file)) return 'jsonl'
  throw new Refusal(
    `${file}: the name must end in .csv or .jsonl. To convert a JSON array to lines: jq -c '.[]'`,
  )
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found?.isFile()) throw new Refusal(`There is no file ${file}.`)
  return found.size
}

/**
 * Writes refused rows to a file. The file is created with the first row, and only its owner can read it. A file of an earlier run is
 * removed.
 */
function rejectsFile(path: string) {
  rmSync(path, { force: true })
  let handle: number | null = null
  return {
    write(row: Reject): void {
      handle ??= openSync(path, 'wx', 0o600)
      writeSync(handle, `${JSON.stringify(row)}\n`)
    },
    close(): void {
      if (handle !== null) closeSync(handle)
    },
  }
}

function sentence({ rows, added, present }: Counts, dryRun: boolean): string {
  const total = `${number.format(rows)} ${rows === 1 ? 'row' : 'rows'}`
  return dryRun
    ? `Checked ${total}: ${number.format(added)} could be added, ${number.format(present)} exist already. Nothing was changed.`
    : `Read ${total}: added ${number.format(added)}, ${number.format(present)} existed already.`
}
