import {
  type Argument,
  type BindingPattern,
  type CallExpression,
  type Expression,
  type JSXOpeningElement,
  parseSync,
  Visitor,
} from 'oxc-parser'
import { type Constants, type Members, membersOf, namesOf, objectOf } from './literal-names.ts'

/** A place in a file. Both numbers begin at 1. */
export type Place = { line: number; column: number }
/** A role or permission that a guard in the code requires. */
export type GuardName = Place & { kind: 'role' | 'permission'; name: string }
/** What a file contains. */
export type FoundGuards = {
  /** How many guards with a role or permission there are. */
  guards: number
  names: GuardName[]
  /** Guards whose role or permission is not a literal of the same file, so that it is not known. */
  unread: Place[]
}

/** Thrown for a file that is not valid TypeScript or JavaScript. */
export class UnreadableCode extends Error {
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.name = 'UnreadableCode'
    this.place = place
  }
}

/** The functions that take a requirement, and the index of this argument. */
const functions: ReadonlyMap<string, number> = new Map([
  ['requireAuth', 1],
  ['withAuth', 1],
  ['isAllowed', 1],
  ['can', 0],
])
/** The methods of `auth` and `useSession()` that take a requirement as their first argument. */
const methods = ['require', 'meets', 'can']
/** The names that a file may import or take out of an object under another name. */
const known = [...functions.keys(), 'auth', 'authProxy', 'Can']
const requirementMembers = ['role', 'permission', 'acr', 'maxAgeSeconds', 'returnTo', 'status']

/**
 * Finds the roles and permissions that the guards of a file require: `requireAuth`, `withAuth`, `isAllowed`, `auth.require`, `auth.meets`,
 * `can`, the rules of `protect`, and `<Can>`. It parses the code, so names in comments and texts are ignored.
 *
 * @throws UnreadableCode if the file is not valid code.
 */
export function findGuards(file: string, text: string): FoundGuards {
  // A file without these words has no guard with a role or permission.
  if (!/role|permission/.test(text)) return { guards: 0, names: [], unread: [] }
  const { program, errors } = parseSync(file, text, { lang: languageOf(file) })
  const place = placesIn(text)
  const [error] = errors
  if (error !== undefined) throw new UnreadableCode(error.message, place(error.labels[0]?.start ?? 0))

  const constants = new Map<string, Expression | null>()
  const aliases = new Map<string, string>()
  const calls: CallExpression[] = []
  const elements: JSXOpeningElement[] = []
  // A constant may be declared after the guard that uses it. So everything is collected first.
  new Visitor({
    ImportSpecifier({ imported, local }) {
      aliases.set(local.name, imported.type === 'Identifier' ? imported.name : imported.value)
    },
    VariableDeclaration({ kind, declarations }) {
      for (const { id, init } of declarations) {
        if (id.type === 'Identifier')
          constants.set(id.name, kind === 'const' && !constants.has(id.name) ? init : null)
        for (const [local, name] of renamedIn(id)) aliases.set(local, name)
      }
    },
    CallExpression: (call) => void calls.push(call),
    JSXOpeningElement: (element) => void elements.push(element),
  }).visit(program)

  const found = collector(constants)
  for (const call of calls) readCall(call, { aliases, constants, found })
  for (const element of elements) if (nameOfElement(element, aliases) === 'Can') readElement(element, found)
  return {
    guards: found.starts.size,
    names: [...found.names.values()].map(({ kind, name, start }) => ({ kind, name, ...place(start) })),
    unread: [...found.unread].map(place),
  }
}

type Collector = ReturnType<typeof collector>
type Found = { aliases: ReadonlyMap<string, string>; constants: Constants; found: Collector }

function collector(constants: Constants) {
  /** The names by their offsets. Two guards may use the same constant. */
  const names = new Map<number, { kind: 'role' | 'permission'; name: string; start: number }>()
  const unread = new Set<number>()
  const starts = new Set<number>()
  return {
    names,
    unread,
    starts,
    /** Adds the names of `role` and `permission` of a guard at `start`. */
    add({ members, isComplete }: Members, start: number): void {
      if (!isComplete) unread.add(start)
      for (const kind of ['role', 'permission'] as const) {
        const value = members.get(kind)
        if (value === undefined) continue
        starts.add(start)
        const read = namesOf(value, constants)
        if (!read.isComplete) unread.add(value.start)
        for (const one of read.names) names.set(one.start, { kind, ...one })
      }
    },
  }
}

function readCall(call: CallExpression, { aliases, constants, found }: Found): void {
  const called = calledBy(call.callee, aliases)
  if (called === null) return
  const { name, isOfAuth, isMethod } = called
  // Without a requirement, the second argument is the handler.
  if (name === 'withAuth' && call.arguments.length < 3) return
  if (name === 'authProxy') readProxy(call, { aliases, constants, found })
  const at = isMethod && methods.includes(name) ? 0 : functions.get(name)
  const asked = at === undefined ? undefined : call.arguments[at]
  if (asked === undefined) return
  const requirement = asked.type === 'SpreadElement' ? null : objectOf(asked, constants)
  // Other libraries have functions with these names too. If the argument is not a requirement, the call is not a guard of Sallyport.
  const isOurs = isOfAuth || name === 'requireAuth' || name === 'withAuth'
  if (requirement === null) {
    if (isOurs && !isFunction(asked)) found.unread.add(asked.start)
    return
  }
  const read = membersOf(requirement, constants)
  if ([...read.members.keys()].every((member) => requirementMembers.includes(member)))
    found.add(isOurs ? read : { ...read, isComplete: true }, requirement.start)
}

/** Reads the rules of `authProxy({ protect: { '/reports/*': { permission: 'report:read' } } })`. */
function readProxy({ arguments: [options] }: CallExpression, { constants, found }: Found): void {
  if (options === undefined) return
  const given = options.type === 'SpreadElement' ? null : objectOf(options, constants)
  if (given === null) {
    found.unread.add(options.start)
    return
  }
  const protect = membersOf(given, constants).members.get('protect')
  if (protect === undefined) return
  const rules = objectOf(protect, constants)
  if (rules === null) {
    found.unread.add(protect.start)
    return
  }
  const { members, isComplete } = membersOf(rules, constants)
  if (!isComplete) found.unread.add(rules.start)
  for (const rule of members.values()) {
    const requirement = objectOf(rule, constants)
    if (requirement === null) found.unread.add(rule.start)
    else found.add(membersOf(requirement, constants), requirement.start)
  }
}

/** Reads `<Can role="owner" permission={['report:read']}>`. */
function readElement({ attributes, start }: JSXOpeningElement, found: Collector): void {
  const members = new Map<string, Expression>()
  let isComplete = true
  for (const attribute of attributes) {
    if (attribute.type === 'JSXSpreadAttribute') {
      isComplete = false
      continue
    }
    const { name, value } = attribute
    if (name.type !== 'JSXIdentifier' || value === null) continue
    const expression = value.type === 'JSXExpressionContainer' ? value.expression : value
    if (expression.type === 'JSXEmptyExpression') continue
    members.set(name.name, expression as Expression)
  }
  found.add({ members, isComplete }, start)
}

/** Returns the original name of a called function, and whether it is a method, and one of `auth`. */
function calledBy(
  callee: Expression,
  aliases: ReadonlyMap<string, string>,
): { name: string; isMethod: boolean; isOfAuth: boolean } | null {
  if (callee.type === 'Identifier')
    return { name: aliases.get(callee.name) ?? callee.name, isMethod: false, isOfAuth: false }
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || callee.computed)
    return null
  const { object, property } = callee
  const isOfAuth = object.type === 'Identifier' && (aliases.get(object.name) ?? object.name) === 'auth'
  return { name: property.name, isMethod: true, isOfAuth: isOfAuth && methods.includes(property.name) }
}

function nameOfElement({ name }: JSXOpeningElement, aliases: ReadonlyMap<string, string>): string | null {
  if (name.type === 'JSXIdentifier') return aliases.get(name.name) ?? name.name
  return name.type === 'JSXMemberExpression' ? name.property.name : null
}

/** Yields the new and the old name of each function that a declaration takes out of an object: `const { can: may } = useSession()`. */
function* renamedIn(pattern: BindingPattern): Generator<[string, string]> {
  if (pattern.type !== 'ObjectPattern') return
  for (const property of pattern.properties) {
    if (property.type !== 'Property' || property.computed || property.key.type !== 'Identifier') continue
    if (property.value.type === 'Identifier' && known.includes(property.key.name))
      yield [property.value.name, property.key.name]
  }
}

function isFunction({ type }: Argument): boolean {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression'
}

function languageOf(file: string): 'ts' | 'tsx' | 'jsx' {
  if (file.endsWith('.tsx')) return 'tsx'
  return /\.[cm]?ts$/.test(file) ? 'ts' : 'jsx'
}

/** Returns a function that converts the offset of a character to its place. */
function placesIn(text: string): (offset: number) => Place {
  const lines = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
  return (offset) => {
    const line = lines.findLastIndex((start) => start <= offset)
    return { line: line + 1, column: offset - (lines[line] ?? 0) + 1 }
  }
}
