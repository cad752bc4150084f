/**
 * Brackets. After `test.each`, everything in the brackets is skipped to find the title. Strings, templates, comments and regular
 * expressions are skipped too.
 */
const opening = { '(': ')', '[': ']', '{': '}' } as const

/** Returns the end of the string, template, comment or regular expression that begins at `at`. If none begins there, returns `at`. */
function afterText(source: string, at: number): number {
  const sign = source[at] ?? ''
  if (sign === "'" || sign === '"' || sign === '`') return afterString(source, at)
  if (source.startsWith('//', at)) return endOf(source.indexOf('\n', at), source)
  if (source.startsWith('/*', at)) return endOf(source.indexOf('*/', at + 2), source) + 2
  const before = source.slice(0, at).trimEnd().at(-1) ?? '('
  if (sign !== '/' || !'(,=:[!&|?{};>'.includes(before)) return at
  return at + (/^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/.exec(source.slice(at))?.[0].length ?? 0)
}

const endOf = (index: number, source: string) => (index === -1 ? source.length : index)

function afterString(source: string, start: number): number {
  const quote = source[start]
  let at = start + 1
  while (at < source.length && source[at] !== quote) {
    if (source[at] === '\\') at += 2
    else if (quote === '`' && source.startsWith('${', at)) at = afterGroup(source, at + 1)
    else at += 1
  }
  return at + 1
}

/** Returns the place after the closing bracket of the bracket at `start`. */
function afterGroup(source: string, start: number): number {
  const closing: string[] = []
  let at = start
  do {
    const sign = source[at] ?? ''
    const text = afterText(source, at)
    if (sign in opening) closing.push(opening[sign as keyof typeof opening])
    else if (sign === closing.at(-1)) closing.pop()
    at = text === at ? at + 1 : text
  } while (closing.length > 0 && at < source.length)
  return at
}

function afterBlank(source: string, start: number): number {
  let at = start
  for (;;) {
    const next = source.startsWith('//', at) || source.startsWith('/*', at) ? afterText(source, at) : at
    if (next === at && !/\s/.test(source[at] ?? '')) return at
    at = next === at ? at + 1 : next
  }
}

/** Returns the titles of the tests and groups in a file. A title in a variable is not found. */
export function titlesOf(source: string): string[] {
  const titles: string[] = []
  for (const call of source.matchAll(
    /(?<![\w.'"`])(?:test|it|describe)((?:\.\w+)*)\s*(?:<[\s\S]{0,500}?>\s*)?(?=[(`])/g,
  )) {
    let at = call.index + call[0].length
    if (/\.(?:each|for|skipIf|runIf)\b/.test(call[1] ?? ''))
      at = afterBlank(source, source[at] === '`' ? afterString(source, at) : afterGroup(source, at))
    if (source[at] !== '(') continue
    const start = afterBlank(source, at + 1)
    if (!`'"\``.includes(source[start] ?? ' ')) continue
    titles.push(source.slice(start + 1, afterString(source, start) - 1).replaceAll(/\\(.)/g, '$1'))
  }
  return titles
}

const family = '(?:[A-Z]{1,4}-\\d\\d|[A-Z]\\d\\d)(?!\\d)'
const range = new RegExp(`\\b(${family})(?: to |–)(${family})`, 'g')
/** Texts that look like an id but are none: a text encoding, and the edition of a standard. */
const notIds = new Set(['UTF-16', 'ASVS 5.0'])

/** Returns the ids of requirements and attacks in a title: `J12`, `CK-06`, `ASVS 6.3.1`, `RFC 8414`, `CVE-2026-73421`, `GHSA-7rqj-j65f-68wh`. */
export function idsOf(title: string): string[] {
  const ids = [
    ...(title.match(new RegExp(`\\b${family}`, 'g')) ?? []),
    ...[...title.matchAll(range)].flatMap(([, from = '', to = '']) => between(from, to)),
    ...(title.match(/\b(?:CVE-\d+-\d+|GHSA(?:-[\da-z]{4}){3}|CWE-\d+|RFC \d+)\b/g) ?? []),
    ...[...title.matchAll(/\bASVS (\d[\d., ]*\d)/g)].flatMap(([, list = '']) =>
      list.split(', ').map((row) => `ASVS ${row}`),
    ),
  ]
  return [...new Set(ids)].filter((id) => !notIds.has(id))
}

function between(from: string, to: string): string[] {
  const prefix = from.slice(0, -2)
  const [first, last] = [Number(from.slice(-2)), Number(to.slice(-2))]
  return Array.from(
    { length: last - first + 1 },
    (_, index) => prefix + String(first + index).padStart(2, '0'),
  )
}
