// npm run bench -- [api] [pages] … [--only=words of a row] [--database=postgres] [--quick] [--table] [--compare] [--record]
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { complaintsOf, lostRows, markdownOf, readRecorded, record, type Table } from './figures.ts'
import { type DatabaseKind, databaseKinds, openDatabases } from './issuers/databases.ts'
import { startGenerator } from './measure/load.ts'
import { apiPart } from './parts/api.ts'
import { factorsPart } from './parts/factors.ts'
import { floodPart } from './parts/flood.ts'
import { growthPart } from './parts/growth.ts'
import { pagesPart } from './parts/pages.ts'
import type { Part } from './parts/part.ts'
import { passThroughPart } from './parts/pass-through.ts'
import { refreshesPart, refreshesPostgresPart } from './parts/refreshes.ts'
import { revocationPart } from './parts/revocation.ts'
import { serverPart } from './parts/server.ts'
import { signInsPart } from './parts/sign-ins.ts'
import { type Column, headLines, machineLine, machineLoad, rowLine } from './report.ts'
import { root } from './root.ts'

const parts: Record<string, Part> = {
  api: apiPart,
  pages: pagesPart,
  'pass-through': passThroughPart,
  server: serverPart,
  'sign-ins': signInsPart,
  factors: factorsPart,
  refreshes: refreshesPart,
  'refreshes-postgres': refreshesPostgresPart,
  flood: floodPart,
  revocation: revocationPart,
  growth: growthPart,
}
/** The load average up to which a machine counts as quiet. */
const maxLoad = 1
const quickPlan = { rounds: 1, seconds: 0.7, warmUpSeconds: 0 }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    database: { type: 'string', default: 'sqlite' },
    quick: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0)
  refuse(`There is no part ${unknown.join(', ')}. The parts are ${Object.keys(parts).join(', ')}.`)
if (!isDatabaseKind(values.database))
  refuse(`There is no database ${values.database}. The databases are ${databaseKinds.join(', ')}.`)

// `process.exit` runs the clean-up, as at a normal end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const started = Date.now()
const loadBefore = machineLoad()
/** The reason why the figures of this run must not be quoted. Null if they may be quoted. */
const notToQuote = values.quick
  ? 'quick: no figures to quote'
  : loadBefore > maxLoad
    ? `no figures to quote: the machine was busy when the run began, with a load of ${loadBefore.toFixed(2)} and not below ${maxLoad}`
    : null
if (values.record && notToQuote !== null) refuse(`Nothing can be recorded: ${notToQuote}.`)
const recorded = readRecorded()
const tables: Table[] = []
const complaints: string[] = []
const workDir = join(root, 'bench/.work', `run-${process.pid}`)
mkdirSync(workDir, { recursive: true, mode: 0o700 })
console.log(`${machineLine()}, ${values.database}, load ${loadBefore.toFixed(2)}`)
if (notToQuote !== null) console.log(notToQuote)
const generator = startGenerator(join(workDir, 'generator.log'))
const databases = openDatabases(values.database, workDir)
try {
  for (const [name, part] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    const before = tables.length
    await part.run({
      generator,
      workDir,
      databases,
      quick: values.quick,
      plan: values.quick ? (part.quickPlan ?? quickPlan) : part.plan,
      wants: (row) => row.toLowerCase().includes(values.only.toLowerCase()),
      table: (title, columns) => printTable(name, title, columns),
      note: (sentence) => console.log(`  ${sentence}`),
    })
    if (tables.length === before && values.only === '' && part.isLeftOut?.(databases) !== true)
      throw new Error(`The part ${name} has measured nothing.`)
  }
  rmSync(workDir, { recursive: true, force: true })
  if (values.only === '' && values.database === 'sqlite')
    for (const id of lostRows(tables, recorded).filter(isOfThisRun))
      complaints.push(
        `${id}: recorded before, but not measured now: rename it in bench/recorded.json, or measure it again`,
      )
  const machine = `${new Date().toISOString().slice(0, 10)}, ${machineLine()}, load ${loadBefore.toFixed(2)} before and ${machineLoad().toFixed(2)} after`
  if (values.record) record(tables, machine)
  if (values.table)
    console.log(`\n${machine}: **${notToQuote ?? 'figures to quote'}**.\n\n${markdownOf(tables)}`)
  if (complaints.length > 0) console.log(`\n${complaints.map((complaint) => `✗ ${complaint}`).join('\n')}`)
  console.log(
    `\n${Math.round((Date.now() - started) / 1000)} s, load ${loadBefore.toFixed(2)} before and ${machineLoad().toFixed(2)} after: ${notToQuote ?? 'figures to quote'}`,
  )
  if (values.compare && complaints.length > 0) process.exitCode = 1
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\nThe logs are in ${workDir}.`)
  process.exitCode = 1
} finally {
  await generator.stop()
  await databases.stop()
}

/** Returns whether the part of a row was measured now. */
function isOfThisRun(id: string): boolean {
  return positionals.length === 0 || positionals.some((part) => id.startsWith(`${part}: `))
}

function printTable(part: string, title: string, columns: readonly Column[]) {
  console.log(headLines(title, columns))
  const table: Table = { title, columns, rows: [] }
  return (name: string, cells: readonly string[], cpuRatio?: number) => {
    if (cells.length === 0 || cells.some((cell) => /NaN|Infinity|undefined/.test(cell)))
      throw new Error(`${name}: ${cells.join(', ')}: this is not a number.`)
    if (table.rows.length === 0) tables.push(table)
    const row = { id: `${part}: ${name}`, name, cells, cpuRatio }
    table.rows.push(row)
    console.log(rowLine(name, columns, cells))
    if (values.quick) return
    for (const complaint of complaintsOf(row, recorded)) complaints.push(`${row.id}: ${complaint}`)
  }
}

function isDatabaseKind(name: string): name is DatabaseKind {
  return (databaseKinds as readonly string[]).includes(name)
}

function refuse(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
