import { readUserFields, type UserField, type UserFields } from './config/user-fields.ts'
import { isPlain } from './flows/session/added-claims.ts'
import { type OwnTemplates, requireTemplates } from './mail/own-templates.ts'
import { type Hooks, requireHooks } from './services/hooks.ts'

/** What a product adds in code, besides the settings. docs/your-server.md describes each. */
export type Customizations = {
  /** Additional fields of each user, by name. */
  userFields?: Readonly<Record<string, UserField>>
  /** Functions that decide who may sign up, run after a sign-up, or add claims to access tokens. */
  hooks?: Hooks
  /** Templates that replace the mails of Sallyport, by kind of mail. */
  mails?: OwnTemplates
}

export const customizationNames = [
  'userFields',
  'hooks',
  'mails',
] as const satisfies readonly (keyof Customizations)[]

/** Whether a name in a configuration file is an extension, not a setting. */
export function isCustomization(name: string): name is keyof Customizations {
  return (customizationNames as readonly string[]).includes(name)
}

/**
 * Checks the extensions, before anything is opened.
 *
 * @throws TypeError that says what is wrong.
 */
export function readCustomizations({ userFields = {}, hooks = {}, mails = {} }: Customizations): {
  userFields: UserFields
  hooks: Hooks
  mails: OwnTemplates
} {
  // A promise has no enumerable members. It would count as empty, and its content would be ignored.
  for (const [name, given] of Object.entries({ userFields, hooks, mails }))
    if (!isPlain(given)) throw new TypeError(`${name} is one object. If it is a promise, await it.`)
  requireHooks(hooks)
  requireTemplates(mails)
  return { userFields: readUserFields(userFields), hooks, mails }
}
