// npm run bench -- [api] [pages] [sign-ins] … [--only=words of a row] [--database=postgres] [--quick]
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type DatabaseKind, databaseKinds, openDatabases } from './issuers/databases.ts'
import { startGenerator } from './measure/load.ts'
import { apiPart } from './parts/api.ts'
import { floodPart } from './parts/flood.ts'
import { growthPart } from './parts/growth.ts'
import { pagesPart } from './parts/pages.ts'
import type { Part } from './parts/part.ts'
import { refreshesPart } from './parts/refreshes.ts'
import { revocationPart } from './parts/revocation.ts'
import { signInsPart } from './parts/sign-ins.ts'
import { type Column, headLines, machineLine, rowLine } from './report.ts'
import { root } from './root.ts'

const parts: Record<string, Part> = {
  api: apiPart,
  pages: pagesPart,
  'sign-ins': signInsPart,
  refreshes: refreshesPart,
  flood: floodPart,
  revocation: revocationPart,
  growth: growthPart,
}
const quickPlan = { rounds: 1, seconds: 0.7, warmUpSeconds: 0.5 }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    database: { type: 'string', default: 'sqlite' },
    quick: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0)
  refuse(`There is no part ${unknown.join(', ')}. The parts are ${Object.keys(parts).join(', ')}.`)
if (!isDatabaseKind(values.database))
  refuse(`There is no database ${values.database}. The databases are ${databaseKinds.join(', ')}.`)

// Then what is left behind is cleared away as at any other end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const started = Date.now()
let rows = 0
const workDir = join(root, 'bench/.work', `run-${process.pid}`)
mkdirSync(workDir, { recursive: true, mode: 0o700 })
console.log(`${machineLine()}, ${values.database}`)
const generator = startGenerator(join(workDir, 'generator.log'))
const databases = openDatabases(values.database, workDir)
try {
  for (const [name, part] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    const before = rows
    await part.run({
      generator,
      workDir,
      databases,
      quick: values.quick,
      plan: values.quick ? (part.quickPlan ?? quickPlan) : part.plan,
      wants: (row) => row.toLowerCase().includes(values.only.toLowerCase()),
      table: printTable,
      note: (sentence) => console.log(`  ${sentence}`),
    })
    if (rows === before && values.only === '') throw new Error(`The part ${name} has measured nothing.`)
  }
  rmSync(workDir, { recursive: true, force: true })
  console.log(
    `\n${Math.round((Date.now() - started) / 1000)} s${values.quick ? ', quick: no figures to quote' : ''}`,
  )
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\nThe logs are in ${workDir}.`)
  process.exitCode = 1
} finally {
  await generator.stop()
  await databases.stop()
}

function printTable(title: string, columns: readonly Column[]) {
  console.log(headLines(title, columns))
  return (name: string, cells: readonly string[]) => {
    if (cells.length === 0 || cells.some((cell) => /NaN|Infinity|undefined/.test(cell)))
      throw new Error(`${name}: ${cells.join(', ')}: that is no figure.`)
    rows += 1
    console.log(rowLine(name, columns, cells))
  }
}

function isDatabaseKind(name: string): name is DatabaseKind {
  return (databaseKinds as readonly string[]).includes(name)
}

function refuse(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
