import type { Access } from '@sallyport/server'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { counted, type Findings } from './findings.ts'

/**
 * Compares the definition with the roles that users have in the database.
 *
 * @throws Refusal if the database cannot be used.
 */
export async function checkUsers(access: Access): Promise<Findings> {
  const { faultOfName } = await import('@sallyport/server')
  const found: Findings = { mistakes: [], notes: [], compared: '' }
  await withOperator(async ({ users }) => {
    const held = await users.countRoles()
    for (const { role, users: count } of held) {
      const message = faultOfName('role', role, access)
      const have = count === 1 ? '1 user has it.' : `${counted(count, 'user')} have it.`
      if (message !== null) found.mistakes.push({ where: 'users', message: `${message} ${have}` })
    }
    const unused = Object.keys(access.roles).filter((role) => !held.some((one) => one.role === role))
    found.notes.push(...unused.map((role) => `Nobody has the role ${role}.`))
    found.compared = `the roles of the users (${counted(held.length, 'role')} in use)`
  }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(`${error.message}\nTo leave out the roles of users, add --no-database.`)
  })
  return found
}
