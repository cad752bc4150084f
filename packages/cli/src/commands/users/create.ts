import type { Command } from 'commander'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { printUser, roleList } from './print-user.ts'
import { passwordFromInput, passwordFromTerminal } from './read-password.ts'
import { collectRole } from './role.ts'

type Options = { name: string; role?: string[]; passwordStdin?: boolean; json?: boolean }

/** `sallyport users create`: creates a user. The user gets no session. */
export function usersCreateCommand() {
  return command('create', 'Create a user. Asks for the password, without showing it.', {
    examples: [
      'sallyport users create ada@example.com --name "Ada Lovelace" --role owner --role finance',
      'pass show ada | sallyport users create ada@example.com --name "Ada Lovelace" --password-stdin',
    ],
    more: 'The password is never an argument, because all users of the machine can read arguments.',
  })
    .argument('<email>', 'the email address for sign-in')
    .requiredOption('--name <name>', "the user's name")
    .option('--role <role>', 'a role; repeat it for more (default: SALLYPORT_DEFAULT_ROLES)', collectRole)
    .option('--password-stdin', 'read the password from standard input, one line')
    .addOption(jsonOption)
    .action(async (address: string, options: Options, self: Command) => {
      const { role: roles, passwordStdin, json } = options
      if (passwordStdin && process.stdin.isTTY)
        self.error(
          'error: standard input is a terminal, which would show the password: omit --password-stdin',
        )
      if (!passwordStdin && !process.stdin.isTTY)
        self.error('error: there is no terminal to ask for the password: use --password-stdin')
      await withOperator(async ({ users }) => {
        const email = await requireField('email', address)
        const name = await requireField('name', options.name)
        if ((await users.find(email)) !== null) throw taken(email)
        const typed = await (passwordStdin ? passwordFromInput() : passwordFromTerminal())
        const password = await requireField('password', typed)
        const user = await users
          .create({ email, name, password, ...(roles && { roles }) })
          .catch(async (error: unknown) => {
            const { FlowError } = await import('@sallyport/server')
            // While the command asked for the password, somebody signed up with this address.
            throw error instanceof FlowError && error.code === 'email_unavailable' ? taken(email) : error
          })
        await printUser(user, {
          json,
          sentence: `Created ${user.email} (${user.id}), roles: ${roleList(user.roles)}.`,
        })
      })
    })
}

/** Checks a field with the rules of a sign-up, so that the user can sign in with it later. */
async function requireField(name: 'email' | 'name' | 'password', value: string): Promise<string> {
  const { signUpRequestSchema } = await import('@sallyport/server')
  const { data, error } = signUpRequestSchema.shape[name].safeParse(value)
  if (data === undefined) throw new Refusal(`${name}: ${error?.issues[0]?.message ?? 'is not valid.'}`)
  return data
}

function taken(email: string): Refusal {
  return new Refusal(`There is a user ${email} already. See: sallyport users show ${email}`)
}
