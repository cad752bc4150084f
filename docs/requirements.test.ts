import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testFiles, testsNamedIn, titlesIn } from '../scripts/docs/test-links.ts'
import { idsOf } from '../scripts/docs/test-titles.ts'
import { root } from '../scripts/install.mjs'

/** The rows of OWASP ASVS 5.0.0 of these chapters, levels 1 and 2. Rows of level 3 stand on the page where a test cites them. */
const asvs = {
  L1: `3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3
    6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2
    7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2
    8.1.1 8.2.1 8.2.2 8.3.1
    9.1.1 9.1.2 9.1.3 9.2.1
    10.4.1 10.4.2 10.4.3 10.4.4 10.4.5
    11.3.1 11.3.2 11.4.1
    13.4.1
    14.2.1 14.3.1`,
  L2: `3.3.2 3.3.3 3.3.4 3.4.3 3.4.4 3.4.5 3.4.6 3.5.4 3.5.5 3.7.1 3.7.2
    6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5
    6.6.1 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3 6.8.4
    7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2
    8.1.2 8.2.3 8.4.1
    9.2.2 9.2.3 9.2.4
    10.1.1 10.1.2 10.2.1 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 10.4.6 10.4.7 10.4.8 10.4.9 10.4.10 10.4.11
    10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 10.6.1 10.6.2 10.7.1 10.7.2 10.7.3
    11.1.1 11.1.2 11.2.1 11.2.2 11.2.3 11.3.3 11.4.2 11.4.3 11.4.4 11.5.1 11.6.1
    13.1.1 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.2 13.4.3 13.4.4 13.4.5
    14.1.1 14.1.2 14.2.2 14.2.3 14.2.4 14.3.2 14.3.3
    16.1.1 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3
    16.5.1 16.5.2 16.5.3`,
}
/** How far each letter of docs/attacks.md goes. */
const attacks = { J: 32, R: 13, S: 20, C: 16, X: 16, A: 21, P: 10, N: 13, D: 12, O: 8, M: 9, W: 7, G: 7 }

type Row = { page: string; section: string; id: string; source: string; text: string; shown: string }

/** The rows of the tables, a row of ASVS as `ASVS 6.2.1`. A row of attacks has no source: the numbers are ours. */
function rowsOf(page: 'requirements' | 'attacks'): Row[] {
  const [, ...sections] = readFileSync(join(root, `docs/${page}.md`), 'utf8').split(/^## /m)
  return sections.flatMap((part) => {
    const [section = '', ...lines] = part.split('\n')
    const [, , ...rows] = lines.filter((line) => line.startsWith('|'))
    return rows.map((line) => {
      const cells = line.slice(1, line.lastIndexOf('|')).split(' | ')
      const [id = '', source = '', text = '', shown = ''] = (
        page === 'attacks' ? [cells[0], 'ours', ...cells.slice(1)] : cells
      ).map((cell) => (cell ?? '').trim())
      return { page, section, id: /^\d/.test(id) ? `ASVS ${id}` : id, source, text, shown }
    })
  })
}

const rows = [...rowsOf('requirements'), ...rowsOf('attacks')]
const byId = new Map(rows.map((row) => [row.id, row]))
const isExempt = ({ section }: Row) => section.startsWith('What does not apply')

/** The titles of every test file, slow ones too, by its name on the pages. */
const titles = new Map([...testFiles()].map(([name, files]) => [name, files.flatMap(titlesIn)]))
const cited = new Map<string, string>()
for (const [name, all] of titles) for (const id of all.flatMap(idsOf)) cited.set(id, name)

/** The tests that a cell names, each with the part of a title that stands behind it. */
function referencesIn({ shown }: Row): { name: string; part: string | undefined }[] {
  return [...shown.matchAll(/\[([\w-]+(?:\/[\w.-]+)+)\](?!\()(?: “([^”]+)”)?/g)].map(
    ([, name = '', part]) => ({ name, part }),
  )
}

describe('every row', () => {
  test('stands on one page, once', () => {
    expect(rows.length).toBeGreaterThan(350)
    const ids = rows.map(({ id }) => id)
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  })

  test('has a source and a sentence, and is shown by a test or says why not', () => {
    const reason = /(?:Does not apply|Not met[\w ,]*): \S|(?:Document|Yours): \S/
    const lacking = rows.filter(
      (row) =>
        row.source === '' ||
        row.text === '' ||
        (isExempt(row)
          ? row.shown.length < 10
          : testsNamedIn(row.shown).length === 0 && !reason.test(row.shown)),
    )
    expect(lacking.map(({ id }) => id)).toEqual([])
  })

  test('names the page where it says that a document or its reader shows it, alone', () => {
    const unfounded = rows.filter(
      (row) => /^(?:Document|Yours): /.test(row.shown) && !/\]\([\w/.-]+\.md/.test(row.shown),
    )
    expect(unfounded.map(({ id }) => id)).toEqual([])
  })

  test('names test files that exist, slow or not', () => {
    const named = rows.flatMap((row) => testsNamedIn(row.shown).map((name) => ({ id: row.id, name })))
    expect(named.length).toBeGreaterThan(300)
    expect(named.filter(({ name }) => !titles.has(name)).map(({ id, name }) => `${id}: ${name}`)).toEqual([])
  })

  test('names titles that these files have; a file named alone has one that cites the id', () => {
    const wrong = rows.flatMap((row) =>
      referencesIn(row)
        .filter(({ name, part }) => {
          const all = titles.get(name) ?? []
          return part === undefined
            ? !all.some((title) => idsOf(title).includes(row.id))
            : !all.some((title) => title.includes(part))
        })
        .map(({ name, part }) => `${row.id}: ${name} ${part ?? '(no title cites the id)'}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('every title', () => {
  test('cites ids that have a row', () => {
    expect(cited.size).toBeGreaterThan(200)
    const unknown = [...cited].filter(([id]) => !byId.has(id))
    expect(unknown.map(([id, name]) => `${id}, cited in ${name}`)).toEqual([])
  })

  test('cites no id whose row says that no test shows it', () => {
    const denied = [...cited].filter(([id]) => {
      const row = byId.get(id)
      return row && (isExempt(row) || referencesIn(row).length === 0)
    })
    expect(denied.map(([id, name]) => `${id}, cited in ${name}`)).toEqual([])
  })
})

describe('no row is missing', () => {
  test.each(Object.entries(asvs))('of ASVS 5.0 %s, with its level', (level, list) => {
    const ids = list.split(/\s+/).map((id) => `ASVS ${id}`)
    expect(ids.filter((id) => byId.get(id)?.source !== level)).toEqual([])
  })

  test('of level 1 or 2 is there that ASVS does not have', () => {
    const known = new Set(Object.values(asvs).flatMap((list) => list.split(/\s+/)))
    const listed = rows.filter(({ id, source }) => id.startsWith('ASVS ') && source !== 'L3')
    expect(listed.filter(({ id }) => !known.has(id.slice('ASVS '.length))).map(({ id }) => id)).toEqual([])
  })

  test.each(Object.entries(attacks))('of the attacks %s01 to %i', (letter, last) => {
    const wanted = Array.from({ length: last }, (_, at) => letter + String(at + 1).padStart(2, '0'))
    expect(wanted.filter((id) => byId.get(id)?.page !== 'attacks')).toEqual([])
  })
})
