import { InvalidArgumentError } from 'commander'
import { type Provider, providers, type SecondFactor, type Way, ways } from '../../scaffold/ways-in.ts'
import { requireRole } from '../users/role.ts'

const providerNames = Object.keys(providers) as Provider[]

/** Parses the ways to sign in: `password,passkey`. */
export function parseWays(text: string): Way[] {
  const chosen = parseList(text, ways)
  if (chosen.includes('password')) return chosen
  throw new InvalidArgumentError(
    'The password cannot be switched off: give password, and the others beside it.',
  )
}

/** Parses the names of providers: `google,github`. An empty text, or `none`, is no provider. */
export function parseProviders(text: string): Provider[] {
  return text.trim() === '' || text.trim() === 'none' ? [] : parseList(text, providerNames)
}

/** Parses who needs a second factor: `off`, `optional`, `required`, or `roles:finance,owner`. */
export function parseSecondFactor(text: string): SecondFactor {
  const value = text.trim()
  if (value === 'off' || value === 'optional' || value === 'required') return { policy: value }
  if (!value.startsWith('roles:'))
    throw new InvalidArgumentError('Give off, optional, required, or roles: with names: roles:finance,owner.')
  const roles = value
    .slice('roles:'.length)
    .split(',')
    .map((role) => requireRole(role.trim()))
  return { policy: 'roles', roles: [...new Set(roles)] }
}

function parseList<T extends string>(text: string, known: readonly T[]): T[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !(known as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `There is no ${unknown === '' ? 'empty name' : `"${unknown}"`}. There are: ${known.join(', ')}. Separate several by commas.`,
    )
  return known.filter((name) => names.includes(name))
}
