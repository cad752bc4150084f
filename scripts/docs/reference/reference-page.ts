import { z } from 'zod'
import * as endpoints from '../../../packages/protocol/src/endpoints/index.ts'
import * as protocol from '../../../packages/protocol/src/index.ts'
import type { Declaration, declarationReader } from './declarations.ts'
import { type Member, membersOf, namedBy, plain } from './members.ts'
import { noDoc, type TsDoc, tsDocBefore } from './tsdoc.ts'
import { shapeOf } from './zod-shape.ts'

/** An entry of a package: its folder below packages/, and the part of the import specifier after the package's name. */
export type Entry = { folder: string; entry: string; about: string }
type Reader = ReturnType<typeof declarationReader>

/** Creates a reference page for some entries. It uses the declaration files that users of the packages get. */
export function referencePage(reader: Reader, title: string, entries: readonly Entry[]): string {
  const shown = new Set<Declaration>()
  const sections = entries.map(({ folder, entry, about }) => {
    const exported = reader
      .exportsOf(folder, entry)
      .filter((declaration) => !shown.has(declaration))
      .sort((one, other) => rank(one) - rank(other))
    for (const declaration of exported) shown.add(declaration)
    const specifier = `@sallyport/${folder}${entry === '.' ? '' : entry}`
    return [`## ${specifier}`, about, ...exported.flatMap((each) => sectionOf(reader, each))]
  })
  const others = namedBeside(reader, shown)
  return [
    '<!-- Generated from the TSDoc of the packages by `npm run docs`. -->',
    `# ${title}`,
    ...sections.flat(),
    ...(others.length > 0
      ? ['## Types used by these exports', ...others.flatMap((each) => sectionOf(reader, each))]
      : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

/**
 * Returns the sort order: functions first, then classes and constants, then types. Within these, the order of the declaration file is kept.
 */
function rank({ nodes }: Declaration): number {
  const type = nodes[0]?.node.type ?? ''
  return /Function/.test(type) ? 0 : /Class|Variable/.test(type) ? 1 : 2
}

/** Internal types that callers neither create nor read. They are not on the page. */
const inside = new Set(['Schema', 'TableName', 'UserFields', 'Settings', 'MissingCredential'])

/** Returns the types that the exports use and that cannot be imported. */
function namedBeside(reader: Reader, shown: ReadonlySet<Declaration>): Declaration[] {
  const found = new Set<Declaration>()
  const visit = (declaration: Declaration): void => {
    for (const named of namedBy(reader, declaration)) {
      const isType = named.nodes.every(({ node }) => node.type !== 'TSDeclareFunction')
      if (shown.has(named) || found.has(named) || inside.has(named.name) || !isType) continue
      found.add(named)
      visit(named)
    }
  }
  for (const declaration of shown) visit(declaration)
  return [...found].sort((one, other) => (one.name < other.name ? -1 : 1))
}

function sectionOf(reader: Reader, declaration: Declaration): string[] {
  const { members, doc } = withParams(membersOf(reader, declaration), docOf(declaration))
  return [
    `### ${declaration.name}`,
    doc?.deprecated ? `**Deprecated.** ${doc.deprecated}` : '',
    doc?.summary ?? '',
    isListed(declaration, members) ? '' : fence(headOf(declaration, members.length > 0)),
    ...(doc === null ? [] : restOf(doc)),
    members.flatMap((member) => bullet(member, '')).join('\n'),
  ].map(linked)
}

/** Moves the texts of `@param` to the members. For example, the text of `@param props.initial` becomes that of the member `initial`. */
function withParams(members: readonly Member[], doc: TsDoc | null): { members: Member[]; doc: TsDoc | null } {
  const params = new Map(doc?.params.map(({ name, text }) => [name.split('.')[1] ?? '', text]))
  const told = members.map((member): Member => {
    const summary = params.get(member.name)
    return summary === undefined || member.doc !== null ? member : { ...member, doc: { ...noDoc, summary } }
  })
  return {
    members: told,
    doc: doc && { ...doc, params: doc.params.filter(({ name }) => !name.includes('.')) },
  }
}

/** Returns whether the list of members contains everything of the declaration. */
function isListed({ nodes }: Declaration, members: readonly Member[]): boolean {
  const [first] = nodes
  return (
    members.length > 0 &&
    first?.node.type === 'TSTypeAliasDeclaration' &&
    first.node.typeAnnotation.type === 'TSTypeLiteral' &&
    first.node.typeParameters == null
  )
}

export function docOf({ file, nodes }: Declaration): TsDoc | null {
  return nodes.map(({ start }) => tsDocBefore(file.text, start)).find((doc) => doc !== null) ?? null
}

/** Returns the declaration for the page. If it has members, they are not in it, because a list of them follows. */
function headOf({ name, file, nodes }: Declaration, hasMembers: boolean): string {
  return nodes
    .map(({ node }) => {
      const source = plain(file.text.slice(node.start, node.end)).replace(/^(?:export )?(?:declare )?/, '')
      const schema = schemaOf(
        node.type === 'VariableDeclaration' ? name : /= z\.infer<typeof (\w+)>$/.exec(source)?.[1],
      )
      if (schema !== null) return `${/^(?:type|const) \w+/.exec(source)?.[0]} = ${lines(shapeOf(schema))}`
      if (node.type === 'ClassDeclaration' || node.type === 'TSInterfaceDeclaration')
        return source.slice(0, source.indexOf('{')).trim()
      if (node.type === 'TSTypeAliasDeclaration' && hasMembers) return briefly(source)
      return source.length > 700 ? `${source.slice(0, source.search(/[:=]/))}` : lines(source)
    })
    .join('\n')
}

/** Returns a type without its members, such as `type Apis<Names> = Api & { … }`. */
function briefly(source: string): string {
  let depth = 0
  let result = ''
  for (const character of source) {
    if (character === '{' && depth++ === 0) result += '{ … '
    if (character === '}') depth--
    if (depth === 0) result += character
  }
  return result
}

function schemaOf(name: string | undefined): z.ZodType | null {
  const value =
    name === undefined ? undefined : ({ ...protocol, ...endpoints } as Record<string, unknown>)[name]
  return value instanceof z.ZodType ? value : null
}

/** If an object type is too long for one line, writes it on several lines. */
function lines(source: string): string {
  const [, before = '', inner = ''] = /^([^{(]*)\{ (.*) \}$/.exec(source) ?? []
  if (source.length <= 100 || inner === '') return source
  let depth = 0
  const broken = [...inner].map((character, at) => {
    if ('{(<['.includes(character)) depth++
    if ('})>]'.includes(character) && inner[at - 1] !== '=') depth--
    return character === ';' && depth === 0 ? '\n ' : character
  })
  return `${before}{\n  ${broken.join('').trim()}\n}`
}

function restOf({ params, returns, throws, examples }: TsDoc): string[] {
  return [
    params.map(({ name, text }) => `- \`${name}\`: ${text}`).join('\n'),
    returns === '' ? '' : `Returns ${returns}`,
    ...throws.map((text) => `Throws ${text}`),
    ...examples.map(fence),
  ]
}

function bullet({ signature, doc, members }: Member, indent: string): string[] {
  const text = [doc?.summary ?? '', ...(doc === null ? [] : restOf(doc))].filter((part) => part !== '')
  const inside = `${indent}  `
  return [
    `${indent}- ${code(signature)}`,
    ...text.flatMap((part) => ['', ...part.split('\n').map((line) => (line === '' ? '' : inside + line))]),
    ...members.flatMap((member) => bullet(member, inside)),
    ...(text.length > 1 ? [''] : []),
  ]
}

/** Returns a text as inline code. The text may contain backticks. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function fence(code: string): string {
  return `\`\`\`ts\n${code}\n\`\`\``
}

/** Replaces the names of pages of docs/ in a comment by links that work in docs/reference/. */
function linked(text: string): string {
  return text.replace(/(?<![\w/([`])docs\/((?:[\w-]+\/)*[\w-]+\.md)(#[\w-]+)?/g, '[$1](../$1$2)')
}
