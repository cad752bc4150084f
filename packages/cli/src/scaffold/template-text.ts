import { existsSync, readFileSync } from 'node:fs'
import type { NextApp } from './next-app.ts'
import type { Piece } from './pieces.ts'

/** Returns the text of a template for an app, with the lines of the chosen pieces. */
export function textOf(file: string, app: NextApp, pieces: ReadonlySet<Piece>): string {
  const text = withBasePath(chosenLines(readTemplate(file, app.language), pieces), app)
  // If cacheComponents is on, `instant` is needed. Otherwise it is an error.
  return /\bcacheComponents:\s*true\b/.test(app.config?.text ?? '')
    ? text
    : text.replace(/^\/\/ .*\nexport const instant = false\n\n/m, '')
}

/**
 * Returns the lines of a template that belong to the chosen pieces. Three kinds of comments mark these lines, each on a line of its own. They
 * can also be written as `/* … *\/` in CSS, and as `{/* … *\/}` between JSX elements:
 *
 * - `// @if passkey` begins lines that are written if users sign in with passkeys. All words of a condition must apply: `!mail` is the
 *   opposite of `mail`, and in `mail|passkey`, one of the two is enough.
 * - `// @end` ends these lines.
 * - `//: code` is written as `code`. The other choice of a pair is written like this, so that the template is valid code with all pieces.
 */
export function chosenLines(template: string, pieces: ReadonlySet<Piece>): string {
  const conditions: boolean[] = []
  const lines: string[] = []
  for (const line of template.split('\n')) {
    const [, condition] = /^\s*(?:\/\/|\{?\/\*) @if ([\w!| ]+?)(?: \*\/\}?)?$/.exec(line) ?? []
    if (condition !== undefined) conditions.push(isMet(condition, pieces))
    else if (/^\s*(?:\/\/|\{?\/\*) @end(?: \*\/\}?)?$/.test(line)) conditions.pop()
    else if (!conditions.includes(false))
      lines.push(line.replace(/^(\s*)(?:\/\/: (.*)|\{\/\*: (.*) \*\/\})$/, '$1$2$3'))
  }
  return lines.join('\n')
}

function isMet(condition: string, pieces: ReadonlySet<Piece>): boolean {
  const isChosen = (word: string) =>
    word.startsWith('!') ? !pieces.has(word.slice(1) as Piece) : pieces.has(word as Piece)
  return condition.split(' ').every((words) => words.split('|').some(isChosen))
}

/** Next adds the basePath to links, but not to the address of a form. If there is a basePath, the matcher does not match the home page (docs/paths.md). */
function withBasePath(text: string, { basePath }: NextApp): string {
  if (basePath === '') return text
  return text
    .replace("matcher: ['/((", "matcher: ['/', '/((")
    .replace('action={`/api/', `action={\`${basePath}/api/`)
}

/** Reads a template. If it has types, there is a separate file for JavaScript. */
function readTemplate(file: string, language: NextApp['language']): string {
  const typed = new URL(`../../templates/typescript/${file}`, import.meta.url)
  const plain = new URL(`../../templates/javascript/${file.replace(/\.tsx?$/, '.js')}`, import.meta.url)
  return readFileSync(language === 'JavaScript' && existsSync(plain) ? plain : typed, 'utf8')
}
