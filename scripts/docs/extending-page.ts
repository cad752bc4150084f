import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../install.mjs'

/** A block of `docs/extending.md`: a whole new file, or a change of an existing one. */
export type Step = { section: string; file: string; change: boolean; code: string }
/**
 * A row of the page's tables. It says in which file the change is missing (or, in `mistake`, what is written instead), which check fails,
 * and what the check prints.
 */
export type Row = {
  section: string
  file: string
  mistake?: string | undefined
  check: string
  prints: string
}

export const page = readFileSync(join(root, 'docs/extending.md'), 'utf8')
const sections = page.split(/^## /m).slice(1)
export const sectionNames = sections.map(nameOf)
export const steps: Step[] = sections.flatMap((text) =>
  [...text.matchAll(/^```(\w+)\n\/\/ file: (\S+)\n([\s\S]*?)^```/gm)].map(
    ([, kind, file = '', code = '']) => ({
      section: nameOf(text),
      file,
      change: kind === 'diff',
      code,
    }),
  ),
)
export const rows: Row[] = sections.flatMap((text) =>
  [...text.matchAll(/^\| (?:`([^`|]+)` in )?`([^`|]+)` \| `([^`|]+)` \| `([^`|]+)` \|$/gm)].map(
    ([, mistake, file = '', check = '', prints = '']) => ({
      section: nameOf(text),
      mistake,
      file,
      check,
      prints,
    }),
  ),
)

function nameOf(section: string): string {
  return section.slice(0, section.indexOf('\n'))
}

/**
 * Applies a `diff` block to the text of a file.
 *
 * @throws Error if the lines of a place are not in the file exactly once.
 */
export function changed(text: string, code: string): string {
  return code.split(/^@@\n/m).reduce(changedAt, text)
}

function changedAt(text: string, place: string): string {
  const lines = place.split('\n').slice(0, -1)
  const [before, after] = ['-', '+'].map((mark) =>
    lines
      .filter((line) => line === '' || line[0] === ' ' || line[0] === mark)
      .map((line) => `${line.slice(1)}\n`),
  ) as [string[], string[]]
  const parts = `\n${text}`.split(`\n${before.join('')}`)
  if (parts.length !== 2)
    throw new Error(`docs/extending.md: these lines are ${parts.length - 1} times in the file:\n${place}`)
  return parts.join(`\n${after.join('')}`).slice(1)
}
