import { spawnSync } from 'node:child_process'

/**
 * Returns an interpreter that has what a test needs. If there is none, prints what is skipped, and returns null. In CI nothing may be
 * skipped, so a missing interpreter or package is an error there (`.ci/run` installs them).
 */
export function findInterpreter(
  what: string,
  names: readonly string[],
  needs: readonly string[],
  env: Record<string, string> = {},
): string | null {
  const options = { stdio: 'ignore', env: { ...process.env, ...env } } as const
  const found = names.find((name) => spawnSync(name, needs, options).status === 0) ?? null
  if (found !== null) return found
  skipping(`${what} needs ${names[0]} with: ${needs.at(-1)}.`)
  return null
}

/** Prints what is skipped and why. @throws Error in CI, where nothing may be skipped. */
export function skipping(message: string): void {
  if (isSet(process.env.CI))
    throw new Error(`${message} Nothing may be skipped in CI: install it in .ci/run.`)
  console.log(`Skipped: ${message}`)
}

/** Returns a Python with the packages that the Django class needs. */
export function findDjango(): string | null {
  const needs = ['-c', 'import django, rest_framework, jwt, cryptography']
  return findInterpreter('The Django class', ['python3', '/usr/bin/python3'], needs)
}

/** Returns a Python with Django, REST framework and SimpleJWT. */
export function findSimpleJwt(): string | null {
  const needs = ['-c', 'import django, rest_framework_simplejwt, cryptography']
  return findInterpreter('Django with SimpleJWT', ['python3', '/usr/bin/python3'], needs)
}

/** Returns a Ruby with the packages that the Ruby class needs. */
export function findRuby(): string | null {
  return findInterpreter(
    'The Ruby class',
    ['ruby', '/usr/bin/ruby'],
    ['-e', 'require "jwt"; require "webrick"'],
  )
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
