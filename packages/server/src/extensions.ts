import { readUserFields, type UserField, type UserFields } from './config/user-fields.ts'
import { isPlain } from './flows/session/added-claims.ts'
import { type OwnTemplates, requireTemplates } from './mail/own-templates.ts'
import { type Hooks, requireHooks } from './services/hooks.ts'

/** What a product adds in code, beside the settings: docs/your-server.md describes each. */
export type Extensions = {
  /** Fields of its own on each user, by name. */
  userFields?: Readonly<Record<string, UserField>>
  /** Rules of its own: who may sign up, what happens then, what an access token says. */
  hooks?: Hooks
  /** Mails in its own words, by kind. */
  mails?: OwnTemplates
}

export const extensionNames = [
  'userFields',
  'hooks',
  'mails',
] as const satisfies readonly (keyof Extensions)[]

/** Whether a name of a configuration file is one of these, and no setting. */
export function isExtension(name: string): name is keyof Extensions {
  return (extensionNames as readonly string[]).includes(name)
}

/**
 * Judges what a product adds, before anything is opened.
 *
 * @throws TypeError that says what is wrong.
 */
export function readExtensions({ userFields = {}, hooks = {}, mails = {} }: Extensions): {
  userFields: UserFields
  hooks: Hooks
  mails: OwnTemplates
} {
  // Of a promise, no member would be seen, and nothing of it would be done.
  for (const [name, given] of Object.entries({ userFields, hooks, mails }))
    if (!isPlain(given)) throw new TypeError(`${name} is one object. If it is a promise, await it.`)
  requireHooks(hooks)
  requireTemplates(mails)
  return { userFields: readUserFields(userFields), hooks, mails }
}
