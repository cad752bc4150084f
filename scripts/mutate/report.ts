type Place = { line: number; column: number }
type Mutant = {
  mutatorName: string
  replacement?: string
  location: { start: Place; end: Place }
  status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | 'RuntimeError' | 'CompileError' | 'Ignored'
  statusReason?: string
  coveredBy?: string[]
}
/** The parts of Stryker's report that are read here: https://github.com/stryker-mutator/mutation-testing-elements */
export type Report = {
  files: Record<string, { source: string; mutants: Mutant[] }>
  testFiles?: Record<string, { tests: { id: string; name: string }[] }>
}

/** Returns whether no test has failed on a change. */
const survived = ({ status }: Mutant) => status === 'Survived' || status === 'NoCoverage'
const counts = ({ status }: Mutant) =>
  survived({ status } as Mutant) || status === 'Killed' || status === 'Timeout'

/** Prints the score of each file, and then each change that no test has detected. Returns the score of all files together. */
export function showReport(report: Report): number {
  const files = Object.entries(report.files)
  console.log('\n  score  killed  timed out  survived  file')
  for (const [file, { mutants }] of files) console.log(row(mutants, file))
  const all = files.flatMap(([, { mutants }]) => mutants)
  if (files.length > 1) console.log(row(all, 'all'))
  const left = all.filter(
    ({ status, statusReason }) => status === 'Ignored' && /static/i.test(statusReason ?? ''),
  ).length
  if (left > 0) console.log(`  ${left} changes of what runs while a file is loaded were not tried: --static`)
  const names = new Map(
    Object.entries(report.testFiles ?? {}).flatMap(([file, { tests }]) =>
      tests.map(({ id, name }) => [id, `${file}: ${name}`] as const),
    ),
  )
  for (const [file, { source, mutants }] of files)
    for (const mutant of mutants.filter(survived)) {
      const { start } = mutant.location
      const tests = mutant.coveredBy ?? []
      console.log(`\n${file}:${start.line}:${start.column} ${mutant.mutatorName}`)
      console.log(`  - ${short(textAt(source, mutant.location))}`)
      console.log(`  + ${short(mutant.replacement ?? '')}`)
      console.log(tests.length === 0 ? '  no test runs it' : `  ${tests.length} tests ran, such as`)
      for (const id of tests.slice(0, 3)) console.log(`    ${names.get(id) ?? id}`)
    }
  return scoreOf(all)
}

/** Returns a file pattern for Stryker for each surviving change in these files. */
export function rangesOfSurvivors(report: Report, files: readonly string[]): string[] {
  return Object.entries(report.files)
    .filter(([file]) => files.includes(file))
    .flatMap(([file, { mutants }]) =>
      mutants
        .filter(survived)
        .map(({ location: { start, end } }) =>
          [`${file}:${start.line}`, `${start.column - 1}-${end.line}`, end.column - 1].join(':'),
        ),
    )
}

function scoreOf(mutants: readonly Mutant[]): number {
  const counted = mutants.filter(counts)
  if (counted.length === 0) return 100
  return (100 * counted.filter((mutant) => !survived(mutant)).length) / counted.length
}

function row(mutants: readonly Mutant[], file: string): string {
  const of = (...wanted: Mutant['status'][]) =>
    String(mutants.filter(({ status }) => wanted.includes(status)).length)
  const columns = [
    of('Killed').padStart(8),
    of('Timeout').padStart(11),
    of('Survived', 'NoCoverage').padStart(10),
  ]
  return `${scoreOf(mutants).toFixed(1).padStart(5)} %${columns.join('')}  ${file}`
}

function textAt(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = lines[last]?.slice(0, end.column - 1) ?? ''
  lines[0] = lines[0]?.slice(start.column - 1) ?? ''
  return lines.join('\n')
}

function short(code: string): string {
  const line = code.replace(/\s+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 160)} …` : line
}
