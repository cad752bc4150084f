import type { Operator, OperatorUser } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'

/** Returns a user. @throws Refusal if there is no user with this id or address. */
export async function requireUser({ users }: Operator, idOrEmail: string): Promise<OperatorUser> {
  const user = await users.find(idOrEmail)
  if (user === null) throw new Refusal(`There is no user ${idOrEmail}. See: sallyport users list`)
  return user
}
