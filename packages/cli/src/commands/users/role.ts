import { InvalidArgumentError } from 'commander'

/** Collects the roles of a command line. A role that is given twice is added once. */
export function collectRole(role: string, roles: string[] = []): string[] {
  return [...new Set([...roles, requireRole(role)])]
}

/**
 * Checks the name of a role. Settings separate roles by commas, so a name has no comma. Invisible characters would make two names look the
 * same.
 */
export function requireRole(role: string): string {
  const isFine = /^[^\p{C}\p{Z},]+(?: [^\p{C}\p{Z},]+)*$/u.test(role) && [...role].length <= 64
  if (!isFine)
    throw new InvalidArgumentError(
      'A role is 1 to 64 printable characters without commas, and without spaces at its ends.',
    )
  return role
}
