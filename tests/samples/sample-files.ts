import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Sample, samplePages, samplesOf } from '../../scripts/docs/samples.ts'

/** Returns whether a sample is for an API or a separate server, and not for the Next app. */
export function isOfAnApi({ code }: Sample): boolean {
  return /from '(?:express|hono|fastify)'/.test(code)
}

/** Returns groups of pages, without README, in which no two pages have the same file. */
export function batches(): string[][] {
  const all: { pages: string[]; files: Map<string, string> }[] = []
  for (const page of [...samplePages, 'packages/next/README.md'].filter((name) => name !== 'README.md')) {
    const samples = nextSamples(page)
    const isFree = (files: Map<string, string>) =>
      samples.every(({ file, code }) => (files.get(file) ?? code) === code)
    const place = all.find(({ files }) => isFree(files))
    const batch = place ?? { pages: [], files: new Map<string, string>() }
    if (!place) all.push(batch)
    batch.pages.push(page)
    for (const { file, code } of samples) batch.files.set(file, code)
  }
  return all.map(({ pages }) => pages)
}

/** Writes the samples of some pages into an app, over existing files. Returns a function that restores the app. */
export function putSamples(folder: string, pages: readonly string[]): () => void {
  const undo: (() => void)[] = []
  for (const { file, code } of pages.flatMap(nextSamples)) {
    const place = join(folder, file)
    const kept = `${place}.kept`
    const isThere = existsSync(place)
    if (isThere) cpSync(place, kept)
    undo.push(() => {
      rmSync(place, { force: true })
      if (isThere) renameSync(kept, place)
    })
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, file === 'next.config.ts' ? withOwn(readFileSync(place, 'utf8'), code) : code)
  }
  return () => {
    for (const step of undo.reverse()) step()
  }
}

function nextSamples(page: string): Sample[] {
  return samplesOf(page).filter((sample) => !isOfAnApi(sample))
}

/** Adds settings for Next to those that `create-next-app` has written. */
function withOwn(own: string, added: string): string {
  const block = (name: string, text: string) =>
    `const ${name} = (() => {\n${text.replace(/^(?:import|\/\/) .*\n/gm, '').replace(/: NextConfig\b/, '')}\n})()\n`.replace(
      'export default ',
      'return ',
    )
  return `${block('own', own)}${block('added', added)}export default { ...own, ...added }\n`
}
