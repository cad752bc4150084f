import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Sample, samplePages, samplesOf } from '../../scripts/docs/samples.ts'

/** Returns whether a sample is for an API or a separate server, and not for the Next app. */
export function isOfAnApi({ code }: Sample): boolean {
  return /from '(?:express|hono|fastify)'/.test(code)
}

/** A group of pages whose samples are built together. */
export type Batch = { pages: string[]; isBelowApp: boolean }

/**
 * Returns groups of pages, without README. Pages that change the whole app are built at its root, and no two of a group have the same file.
 * All others are built at once: each has a folder of its own below `app`, in which relative imports work as at the root.
 */
export function batches(): Batch[] {
  const atRoot: { pages: string[]; files: Map<string, string> }[] = []
  const below: string[] = []
  for (const page of [...samplePages, 'packages/next/README.md'].filter((name) => name !== 'README.md')) {
    const samples = nextSamples(page)
    if (!samples.some(({ file }) => /^next\.config\.ts$|^app\/layout\.tsx$|\.d\.ts$/.test(file))) {
      below.push(page)
      continue
    }
    const isFree = (files: Map<string, string>) =>
      samples.every(({ file, code }) => (files.get(file) ?? code) === code)
    const place = atRoot.find(({ files }) => isFree(files))
    const batch = place ?? { pages: [], files: new Map<string, string>() }
    if (!place) atRoot.push(batch)
    batch.pages.push(page)
    for (const { file, code } of samples) batch.files.set(file, code)
  }
  return [...atRoot.map(({ pages }) => ({ pages, isBelowApp: false })), { pages: below, isBelowApp: true }]
}

/** Writes the samples of some pages into folders below `app`. The proxies of all are in one proxy. Returns a function that removes them. */
export function putSamplesBelowApp(folder: string, pages: readonly string[]): () => void {
  const folders = pages.map((page) => join(folder, 'app', nameOf(page)))
  for (const [at, page] of pages.entries())
    for (const { file, code } of nextSamples(page)) {
      const place = join(folders[at] ?? folder, file)
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, code)
    }
  const own = join(folder, 'proxy.ts')
  const kept = existsSync(own) ? readFileSync(own, 'utf8') : null
  const proxies = pages.filter((page) => nextSamples(page).some(({ file }) => file === 'proxy.ts'))
  const imports = proxies.map((page, at) => `import * as proxy${at} from './app/${nameOf(page)}/proxy'\n`)
  const list = proxies.map((_, at) => `proxy${at}`).join(', ')
  writeFileSync(own, `${imports.join('')}export const proxy = () => void [${list}]\n`)
  return () => {
    for (const one of folders) rmSync(one, { recursive: true, force: true })
    if (kept === null) rmSync(own)
    else writeFileSync(own, kept)
  }
}

const nameOf = (page: string) => page.replace(/\.md$/, '').replaceAll('/', '-')

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
