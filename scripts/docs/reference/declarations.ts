import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

type Program = ReturnType<typeof parseAst>
export type Statement = Program['body'][number]

/** One declared name: the file that declares it, and the nodes of the declaration. A function may have several nodes. */
export type Declaration = { name: string; file: DeclarationFile; nodes: { node: Statement; start: number }[] }

type DeclarationFile = {
  path: string
  text: string
  declared: Map<string, Declaration>
  /** The imported and re-exported names, which other files declare. */
  elsewhere: Map<string, { specifier: string; name: string }>
  exported: Set<string>
  exportedFrom: string[]
}

/** Returns a reader for the declaration files of the packages that were compiled into a folder. */
export function declarationReader(compiled: string) {
  const files = new Map<string, DeclarationFile>()

  function fileAt(path: string): DeclarationFile {
    const known = files.get(path)
    if (known !== undefined) return known
    const file = readDeclarations(path)
    files.set(path, file)
    return file
  }

  /** Returns the file of an import specifier. Returns null for a package that is not ours. */
  function resolved(from: string, specifier: string): DeclarationFile | null {
    if (specifier.startsWith('.')) return fileAt(resolve(dirname(from), specifier.replace(/\.js$/, '.d.ts')))
    const [, folder, entry = '.'] = /^@sallyport\/(\w+)(\/[\w-]+)?$/.exec(specifier) ?? []
    return folder === undefined ? null : fileAt(entryOf(compiled, folder, entry))
  }

  /** Returns the declaration of a name that a file uses or exports. Returns null if another package or the language declares the name. */
  function find(file: DeclarationFile, name: string): Declaration | null {
    const own = file.declared.get(name)
    if (own !== undefined) return own
    const there = file.elsewhere.get(name)
    if (there !== undefined) {
      const next = resolved(file.path, there.specifier)
      return next === null ? null : find(next, there.name)
    }
    for (const specifier of file.exportedFrom) {
      const next = resolved(file.path, specifier)
      const found = next !== null && exportsOf(next).includes(name) ? find(next, name) : null
      if (found !== null) return found
    }
    return null
  }

  function exportsOf(file: DeclarationFile): string[] {
    const others = file.exportedFrom.flatMap((specifier) => {
      const next = resolved(file.path, specifier)
      return next === null ? [] : exportsOf(next)
    })
    return [...new Set([...file.exported, ...others])]
  }

  return {
    find,
    /** Returns the exports of a package's entry in the order of the declaration file. */
    exportsOf(folder: string, entry: string): Declaration[] {
      const file = fileAt(entryOf(compiled, folder, entry))
      return exportsOf(file).map((name) => {
        const found = find(file, name)
        if (found === null) throw new Error(`${file.path} exports ${name}, and nothing declares it.`)
        return found
      })
    },
  }
}

function entryOf(compiled: string, folder: string, entry: string): string {
  const { exports } = JSON.parse(readFileSync(join(compiled, folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string }>
  }
  const path = exports[entry === '.' ? '.' : `.${entry}`]?.types
  if (path === undefined) throw new Error(`${folder} has no entry ${entry}.`)
  return join(compiled, folder, path)
}

function readDeclarations(path: string): DeclarationFile {
  if (!existsSync(path)) throw new Error(`${path} is not there.`)
  const text = readFileSync(path, 'utf8')
  const file: DeclarationFile = {
    path,
    text,
    declared: new Map(),
    elsewhere: new Map(),
    exported: new Set(),
    exportedFrom: [],
  }
  for (const statement of parseAst(text, { lang: 'dts' }, path).body) readStatement(file, statement)
  return file
}

function readStatement(file: DeclarationFile, statement: Statement): void {
  if (statement.type === 'ImportDeclaration')
    for (const specifier of statement.specifiers)
      file.elsewhere.set(specifier.local.name, {
        specifier: statement.source.value,
        name: specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : specifier.local.name,
      })
  else if (statement.type === 'ExportAllDeclaration') file.exportedFrom.push(statement.source.value)
  else if (statement.type === 'ExportNamedDeclaration') {
    for (const { local, exported } of statement.specifiers) {
      file.exported.add(nameOf(exported))
      if (statement.source !== null)
        file.elsewhere.set(nameOf(exported), { specifier: statement.source.value, name: nameOf(local) })
    }
    if (statement.declaration !== null)
      for (const name of declare(file, statement.declaration as Statement, statement.start))
        file.exported.add(name)
  } else declare(file, statement, statement.start)
}

function declare(file: DeclarationFile, node: Statement, start: number): string[] {
  const name = declaredName(node)
  if (name === undefined) return []
  const known = file.declared.get(name) ?? { name, file, nodes: [] }
  known.nodes.push({ node, start })
  file.declared.set(name, known)
  return [name]
}

function declaredName(node: Statement): string | undefined {
  switch (node.type) {
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
      return node.id?.name
    case 'VariableDeclaration': {
      const id = node.declarations[0]?.id
      return id?.type === 'Identifier' ? id.name : undefined
    }
    default:
      return undefined
  }
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value)
}
