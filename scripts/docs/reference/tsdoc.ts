/** A parsed TSDoc comment. Examples are code. All other texts are Markdown. */
export type TsDoc = {
  summary: string
  /** If it is deprecated: what to use instead. Otherwise empty. */
  deprecated: string
  params: { name: string; text: string }[]
  returns: string
  throws: string[]
  examples: string[]
}

export const noDoc: TsDoc = { summary: '', deprecated: '', params: [], returns: '', throws: [], examples: [] }

/** Returns the TSDoc comment that ends directly before a place in a text. Returns null if there is none. */
export function tsDocBefore(text: string, place: number): TsDoc | null {
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, place))?.[1]
  return comment === undefined ? null : parseTsDoc(comment)
}

/** Parses a TSDoc comment. @throws Error if it has a tag that the pages do not show. */
export function parseTsDoc(comment: string): TsDoc {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
  const [summary = '', ...blocks] = lines
    .join('\n')
    .trim()
    .split(/^(?=@\w+)/m)
  const doc: TsDoc = { ...structuredClone(noDoc), summary: flowing(summary) }
  for (const block of blocks) {
    const [, tag = '', text = ''] = /^@(\w+) ?([\s\S]*)$/.exec(block) ?? []
    if (tag === 'param') {
      const [, name = '', meaning = ''] = /^(\S+)\s+(?:- )?([\s\S]*)$/.exec(text) ?? []
      doc.params.push({ name, text: flowing(meaning) })
    } else if (tag === 'returns') doc.returns = flowing(text)
    else if (tag === 'deprecated') doc.deprecated = flowing(text)
    else if (tag === 'throws') doc.throws.push(flowing(text))
    else if (tag === 'example') doc.examples.push(text.trim())
    else throw new Error(`The reference does not show @${tag}.`)
  }
  return doc
}

/** Joins the lines of each paragraph. An empty line ends a paragraph. `{@link X}` becomes code. */
function flowing(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*(?!- )/g, ' '))
    .join('\n\n')
    .replace(/\{@link ([\w.]+)\}/g, '`$1`')
}
