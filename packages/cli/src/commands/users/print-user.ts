import { print, say } from '../../terminal/print.ts'
import { printFields } from '../../terminal/table.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import type { OperatorUser } from '../open-sallyport.ts'

/** Formats a list of roles. */
export function roleList(roles: readonly string[]): string {
  return roles.length === 0 ? '-' : roles.join(', ')
}

/** Prints a user as JSON or, without `json`, the given sentence. */
export function printUser(
  user: OperatorUser,
  { json, sentence }: { json?: boolean | undefined; sentence: string },
) {
  return json ? print(toJson(withIsoTimes(user))) : say(sentence)
}

/** Prints all fields of a user. */
export function printUserFields(user: OperatorUser, fields: Record<string, string>): Promise<void> {
  const { id, email, name, roles, createdAt, signedInAt, disabledAt } = user
  return printFields({
    id,
    email,
    name,
    roles: roleList(roles),
    created: time(createdAt),
    'signed in': signedInAt === null ? 'never' : time(signedInAt),
    disabled: disabledAt === null ? 'no' : `since ${time(disabledAt)}`,
    ...fields,
  })
}
