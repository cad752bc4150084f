import { InvalidArgumentError } from 'commander'

/** Gathers the roles of a command line, each once. */
export function collectRole(role: string, roles: string[] = []): string[] {
  return [...new Set([...roles, requireRole(role)])]
}

/** A role stands in tokens, in comma-separated settings and in code: it has to be one that can be told from others by its looks. */
export function requireRole(role: string): string {
  const isFine = /^[^\p{C}\p{Z},]+(?: [^\p{C}\p{Z},]+)*$/u.test(role) && [...role].length <= 64
  if (!isFine)
    throw new InvalidArgumentError(
      'A role is 1 to 64 printable characters without commas, and without spaces at its ends.',
    )
  return role
}
