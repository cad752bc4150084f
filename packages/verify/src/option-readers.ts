import { didYouMean } from '@sallyport/protocol/did-you-mean'
import { type AlgorithmName, algorithms, isAlgorithmName } from './algorithms.ts'

/** Refuses unknown options. Otherwise, a misspelt option would be ignored without an error. */
export function requireKnown(options: unknown, known: ReadonlySet<string>, prefix: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`${prefix.replace(/\.$/, '') || 'The options'} must be an object.`)
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      throw new TypeError(
        `There is no option ${prefix}${name}.${didYouMean(name, known)} The options are ${[...known].join(', ')}.`,
      )
  }
}

export function readUrl(name: string, url: unknown, fallback?: string): string {
  if (url === undefined && fallback !== undefined) return fallback
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    throw new TypeError(`${name} must be an absolute http(s) URL without a user name or password.`)
  return parsed.href
}

export function readAlgorithms(names: unknown): readonly AlgorithmName[] {
  if (!Array.isArray(names) || names.length === 0 || !names.every(isAlgorithmName))
    throw new TypeError(
      `algorithms must list one or more of ${Object.keys(algorithms).join(', ')}. Symmetric algorithms and "none" are never accepted.`,
    )
  return [...names]
}

export function readNumber(
  name: string,
  value: unknown,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new TypeError(`${name} must be a number from ${least} to ${most}.`)
  return value
}

/** Returns the value, or null if it is undefined. Throws a TypeError if the value does not have all named functions. */
export function readObject<T extends object>(
  name: string,
  value: T | undefined,
  functions: readonly string[],
): T | null {
  if (value === undefined) return null
  const members = value as Record<string, unknown> | null
  if (
    typeof members !== 'object' ||
    members === null ||
    !functions.every((member) => typeof members[member] === 'function')
  )
    throw new TypeError(`${name} must be an object with the functions ${functions.join(', ')}.`)
  return value
}

export function readFunction<T>(name: string, value: T | undefined, fallback: T): T {
  if (value === undefined) return fallback
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function.`)
  return value
}
