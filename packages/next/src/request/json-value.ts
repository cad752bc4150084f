/**
 * Refuses what `JSON.stringify` would drop, change or fail on without saying where: functions, symbols, `BigInt`, `NaN` and infinities,
 * `Map`, `Set` and other objects of the language, instances that hide what they hold, an `undefined` in a list, a circle. An `undefined`
 * member of an object is left out, as everywhere; whatever has a `toJSON` speaks for itself.
 *
 * @throws TypeError naming where it stands, such as `body.items[2].total`. Never its value.
 */
export function requireJson(value: unknown, where = 'body', above: readonly unknown[] = []): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      if (!Number.isFinite(value)) refuse(where, 'NaN or infinite')
      return
    case 'object':
      if (value !== null) requireObject(value, where, above)
      return
    default:
      refuse(where, typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`)
  }
}

function requireObject(value: object, where: string, above: readonly unknown[]): void {
  if (above.includes(value)) refuse(where, 'a part of itself')
  const inside = [...above, value]
  if (Array.isArray(value)) {
    // By index: a hole in a list would become null.
    for (let at = 0; at < value.length; at++) requireJson(value[at], `${where}[${at}]`, inside)
    return
  }
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (kind === 'Date' && Number.isNaN((value as Date).getTime())) refuse(where, 'an invalid Date')
  if (ArrayBuffer.isView(value)) refuse(where, `a ${kind}`)
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const said: unknown = value.toJSON()
    // As JSON.stringify does: a member that says undefined is left out, and what names itself is not asked again.
    if (said !== value) {
      if (said !== undefined || where === 'body' || where.endsWith(']')) requireJson(said, where, inside)
      return
    }
  }
  if (kind !== 'Object') refuse(where, `a ${kind}`)
  const entries = Object.entries(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && entries.length === 0 && !isPlain(prototype))
    refuse(where, 'an instance that shows nothing of what it holds')
  for (const [name, member] of entries)
    if (member !== undefined && !(name === 'toJSON' && typeof member === 'function'))
      requireJson(member, `${where}.${name}`, inside)
}

/** Of an object literal, be it one of another realm, such as a test runner's. */
function isPlain(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null
}

function refuse(where: string, what: string): never {
  throw new TypeError(
    `api: ${where} is ${what}, which JSON cannot hold. Send text, a number or a plain object in its place; a file goes as a Blob or FormData of its own.`,
  )
}
