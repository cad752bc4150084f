// npm run bench -- [api] [pages] [sign-ins] [--only=words of a row] [--quick]
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startGenerator } from './measure/load.ts'
import { apiPart } from './parts/api.ts'
import { pagesPart } from './parts/pages.ts'
import type { Part } from './parts/part.ts'
import { signInsPart } from './parts/sign-ins.ts'
import { headLines, machineLine, rowLine } from './report.ts'
import { root } from './root.ts'

const parts: Record<string, Part> = { api: apiPart, pages: pagesPart, 'sign-ins': signInsPart }
const quickPlan = { rounds: 1, seconds: 2, warmUpSeconds: 1.5 }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, quick: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. The parts are ${Object.keys(parts).join(', ')}.`)
  process.exit(1)
}

const started = Date.now()
const workDir = join(root, 'bench/.work', `run-${process.pid}`)
mkdirSync(workDir, { recursive: true, mode: 0o700 })
console.log(machineLine())
const generator = startGenerator(join(workDir, 'generator.log'))
try {
  for (const [name, part] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    console.log(headLines(part))
    await part.run({
      generator,
      workDir,
      plan: values.quick ? quickPlan : part.plan,
      wants: (row) => row.toLowerCase().includes(values.only.toLowerCase()),
      report: (row) => console.log(rowLine(row)),
    })
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
}
