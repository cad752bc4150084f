import type { Expression, ObjectExpression } from 'oxc-parser'

/** A name in the code, and the offset of its literal. */
export type LiteralName = { name: string; start: number }
/** The names of an expression. `isComplete` is false if a part of the expression is not a literal, so that its names are not known. */
export type Names = { names: LiteralName[]; isComplete: boolean }
/** The constants of one file, by name. The value of a name that is declared several times is null. */
export type Constants = ReadonlyMap<string, Expression | null>

/** Constants may refer to each other, so the number of references that are followed is limited. */
const maxDepth = 10
const unknown: Names = { names: [], isComplete: false }

/**
 * Returns the text literals that an expression can result in: a text, a list of texts, both branches of a condition, or a constant of the
 * same file that contains them.
 */
export function namesOf(expression: Expression, constants: Constants, depth = 0): Names {
  const inner = withoutTypes(expression)
  const read = (one: Expression) => namesOf(one, constants, depth + 1)
  if (depth > maxDepth) return unknown
  switch (inner.type) {
    case 'Literal':
      return typeof inner.value === 'string' ? one(inner.value, inner.start) : unknown
    case 'TemplateLiteral': {
      const text = inner.quasis[0]?.value.cooked
      return inner.expressions.length === 0 && typeof text === 'string' ? one(text, inner.start) : unknown
    }
    case 'ArrayExpression':
      return together(
        inner.elements.map((element) => {
          if (element === null) return unknown
          return read(element.type === 'SpreadElement' ? element.argument : element)
        }),
      )
    case 'ConditionalExpression':
      return together([read(inner.consequent), read(inner.alternate)])
    case 'LogicalExpression':
      return together([read(inner.left), read(inner.right)])
    default: {
      const value = referredBy(inner, constants, depth)
      return value === null ? unknown : read(value)
    }
  }
}

/** Returns the object literal that an expression is or refers to, or null if it cannot be known. */
export function objectOf(expression: Expression, constants: Constants, depth = 0): ObjectExpression | null {
  const inner = withoutTypes(expression)
  if (inner.type === 'ObjectExpression') return inner
  if (depth > maxDepth) return null
  if (inner.type === 'CallExpression' && isFreeze(inner.callee)) {
    const [frozen] = inner.arguments
    return frozen === undefined || frozen.type === 'SpreadElement'
      ? null
      : objectOf(frozen, constants, depth + 1)
  }
  const value = referredBy(inner, constants, depth)
  return value === null ? null : objectOf(value, constants, depth + 1)
}

/** The members of an object literal. `isComplete` is false if the object has members whose names are not known. */
export type Members = { members: Map<string, Expression>; isComplete: boolean }

/** Returns the members of an object literal. It includes those of objects that are spread into it, if they are literals of the same file. */
export function membersOf(object: ObjectExpression, constants: Constants, depth = 0): Members {
  const members = new Map<string, Expression>()
  let isComplete = true
  for (const property of object.properties) {
    if (property.type === 'SpreadElement') {
      const spread = depth > maxDepth ? null : objectOf(property.argument, constants, depth + 1)
      const found = spread && membersOf(spread, constants, depth + 1)
      for (const [name, value] of found?.members ?? []) members.set(name, value)
      isComplete &&= found?.isComplete ?? false
      continue
    }
    const { key, computed, value } = property
    if (!computed && key.type === 'Identifier') members.set(key.name, value)
    else if (key.type === 'Literal') members.set(String(key.value), value)
    else isComplete = false
  }
  return { members, isComplete }
}

/** Returns the value of a constant, or of a member of a constant object. */
function referredBy(expression: Expression, constants: Constants, depth: number): Expression | null {
  if (expression.type === 'Identifier') return constants.get(expression.name) ?? null
  if (expression.type !== 'MemberExpression' || expression.computed) return null
  if (expression.object.type === 'Super' || expression.property.type !== 'Identifier') return null
  const holder = objectOf(expression.object, constants, depth + 1)
  return holder && (membersOf(holder, constants).members.get(expression.property.name) ?? null)
}

function isFreeze(callee: Expression): boolean {
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'freeze'
  )
}

/** Removes type assertions, `satisfies`, `!` and parentheses. */
function withoutTypes(expression: Expression): Expression {
  switch (expression.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ParenthesizedExpression':
      return withoutTypes(expression.expression)
    default:
      return expression
  }
}

function one(name: string, start: number): Names {
  return { names: [{ name, start }], isComplete: true }
}

function together(parts: Names[]): Names {
  return {
    names: parts.flatMap(({ names }) => names),
    isComplete: parts.every(({ isComplete }) => isComplete),
  }
}
