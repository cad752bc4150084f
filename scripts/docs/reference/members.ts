import type { Declaration, declarationReader, Statement } from './declarations.ts'
import { type TsDoc, tsDocBefore } from './tsdoc.ts'

type Reader = ReturnType<typeof declarationReader>
type TypeNode = Extract<Statement, { type: 'TSTypeAliasDeclaration' }>['typeAnnotation']
type Signature = Extract<TypeNode, { type: 'TSTypeLiteral' }>['members'][number]

/** One member of a type, or of the options of a function. */
export type Member = { name: string; signature: string; doc: TsDoc | null; members: Member[] }

/** Returns the members of a type, or of a function's options, that users can use. Returns none if it is not an object type. */
export function membersOf(reader: Reader, declaration: Declaration): Member[] {
  return declaration.nodes.flatMap(({ node }) => {
    const { text } = declaration.file
    if (node.type === 'TSTypeAliasDeclaration')
      return ofType(text, whole(reader, declaration, node.typeAnnotation))
    if (node.type === 'TSInterfaceDeclaration') return ofSignatures(text, node.body.body)
    if (node.type === 'ClassDeclaration') {
      const own = ofSignatures(text, node.body.body as unknown as Signature[])
      const promised = (node.implements ?? []).flatMap(({ expression }) => {
        const found = expression.type === 'Identifier' ? reader.find(declaration.file, expression.name) : null
        return found === null ? [] : membersOf(reader, found)
      })
      // If a member of the class has no comment, the comment of the interface's member is used.
      return own.map((member) => {
        return {
          ...member,
          doc: member.doc ?? promised.find(({ name }) => name === member.name)?.doc ?? null,
        }
      })
    }
    if (node.type === 'TSDeclareFunction')
      return node.params.flatMap((param) => {
        const annotated = param as { typeAnnotation?: { typeAnnotation: TypeNode } | null }
        return annotated.typeAnnotation ? ofType(text, annotated.typeAnnotation.typeAnnotation) : []
      })
    return []
  })
}

/** Resolves a type. For `ReturnType<typeof f>`, returns the type that `f` returns. */
function whole(reader: Reader, { file }: Declaration, type: TypeNode): TypeNode {
  const name = /^ReturnType<typeof (\w+)>$/.exec(file.text.slice(type.start, type.end))?.[1]
  const node = name === undefined ? undefined : reader.find(file, name)?.nodes[0]?.node
  return node?.type === 'TSDeclareFunction' && node.returnType ? node.returnType.typeAnnotation : type
}

function ofType(text: string, type: TypeNode): Member[] {
  if (type.type === 'TSTypeLiteral') return ofSignatures(text, type.members)
  if (type.type === 'TSIntersectionType') return type.types.flatMap((part) => ofType(text, part))
  return []
}

function ofSignatures(text: string, nodes: readonly Signature[]): Member[] {
  return nodes.flatMap((node): Member[] => {
    const source = text.slice(node.start, node.end)
    if (/^(?:private|#|protected)/.test(source)) return []
    const { key, computed } = node as { key?: { start: number; end: number }; computed?: boolean }
    // The name is a symbol, which code outside of the package cannot use.
    if (computed) return []
    const name = key ? text.slice(key.start, key.end) : ''
    const annotation = node.type === 'TSPropertySignature' ? node.typeAnnotation?.typeAnnotation : undefined
    const members = annotation && source.includes('/**') ? ofType(text, annotation) : []
    const signature = members.length > 0 ? `${name}: { … }` : plain(source)
    return [{ name, signature, doc: tsDocBefore(text, node.start), members }]
  })
}

/** Returns source code without its comments, on one line. */
export function plain(source: string): string {
  return source
    .replace(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g, '')
    .replace(/import\("[^"]+"\)\./g, '')
    .replace(/\s+/g, ' ')
    .replace(/; \}/g, ' }')
    .replace(/[;,]\s*$/, '')
    .trim()
}

/** Returns the declarations of our packages that are used in the types of this declaration. */
export function namedBy(reader: Reader, { file, nodes }: Declaration): Declaration[] {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) walk(item)
    if (typeof value !== 'object' || value === null) return
    const node = value as { type?: string; typeName?: { type: string; name: string } }
    if (node.type === 'TSTypeReference' && node.typeName?.type === 'Identifier') names.add(node.typeName.name)
    for (const inner of Object.values(value)) if (typeof inner === 'object') walk(inner)
  }
  for (const { node } of nodes) walk(node)
  return [...names].flatMap((name) => reader.find(file, name) ?? [])
}
