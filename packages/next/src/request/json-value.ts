/**
 * Refuses values that `JSON.stringify` would drop or change, or for which it would fail without naming the place of the value. These are
 * functions, symbols, `BigInt`, `NaN` and infinities, `Map`, `Set` and other built-in objects, instances without enumerable properties, an
 * `undefined` in a list, and a circular reference. An `undefined` member of an object is left out, as usual. If an object has `toJSON`, the
 * result of that method is used.
 *
 * @throws TypeError if a value is refused. The message names its place, such as `body.items[2].total`, but never the value.
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

function requireObject(value: object, where: string, above: readonly unknown[], isResult = false): void {
  if (above.includes(value)) refuse(where, 'a part of itself')
  const inside = [...above, value]
  if (Array.isArray(value)) {
    // The loop counts indexes, so that it also finds a hole in the list. JSON would turn the hole into null.
    for (let at = 0; at < value.length; at++) requireJson(value[at], `${where}[${at}]`, inside)
    return
  }
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (kind === 'Date' && Number.isNaN((value as Date).getTime())) refuse(where, 'an invalid Date')
  if (ArrayBuffer.isView(value)) refuse(where, `a ${kind}`)
  // As in JSON.stringify, an undefined member is left out, and `toJSON` is not called on the result of another `toJSON`.
  if (!isResult && 'toJSON' in value && typeof value.toJSON === 'function') {
    const said: unknown = value.toJSON()
    if (said !== value) {
      if (typeof said === 'object' && said !== null) requireObject(said, where, inside, true)
      else if (said !== undefined || where === 'body' || where.endsWith(']')) requireJson(said, where, inside)
      return
    }
  }
  if (kind !== 'Object') refuse(where, `a ${kind}`)
  const entries = Object.entries(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && entries.length === 0 && !isPlain(prototype))
    refuse(where, 'an instance without enumerable properties')
  for (const [name, member] of entries)
    if (member !== undefined && !(name === 'toJSON' && typeof member === 'function'))
      requireJson(member, `${where}.${name}`, inside)
}

/**
 * Returns whether this is the prototype of object literals. The prototype may come from another JavaScript context (such as `node:vm`), for
 * example in a test runner. So it cannot be compared with our own `Object.prototype`.
 */
function isPlain(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null
}

function refuse(where: string, what: string): never {
  throw new TypeError(
    `api: ${where} is ${what}, which JSON cannot represent. Send text, a number or a plain object in its place, or send a file as a separate Blob or FormData.`,
  )
}
