import { type Access, readAccess } from '@sallyport/protocol'
import { readUserFields, type UserField, type UserFields } from './config/user-fields.ts'
import { isPlain } from './flows/session/added-claims.ts'
import { type OwnTemplates, requireTemplates } from './mail/own-templates.ts'
import { type Providers, requireProviders } from './providers/provider.ts'
import { type Hooks, requireHooks } from './services/hooks.ts'

/** The code that an app adds to the settings. docs/your-server.md describes each member. */
export type Customizations = {
  /**
   * The roles and permissions of the product, made by `defineAccess`. It replaces the setting `rolePermissions` (`SALLYPORT_ROLES`). See
   * docs/permissions.md.
   */
  access?: Access
  /** Fields that the app adds to each user, by name. */
  userFields?: Readonly<Record<string, UserField>>
  /** Functions that decide who may sign up, that run after a sign-up, or that add claims to access tokens. */
  hooks?: Hooks
  /** Templates that replace Sallyport's mails, by kind of mail. */
  mails?: OwnTemplates
  /** Outside providers with which users can sign in, by name. Make each with a function such as `google` or `oidc`. */
  providers?: Providers
}

export const customizationNames = [
  'access',
  'userFields',
  'hooks',
  'mails',
  'providers',
] as const satisfies readonly (keyof Customizations)[]

/** Returns whether a name in a configuration file is a customization and not a setting. */
export function isCustomization(name: string): name is keyof Customizations {
  return (customizationNames as readonly string[]).includes(name)
}

/**
 * Checks the customizations before anything is opened.
 *
 * @throws TypeError when a customization is wrong. The message says what is wrong.
 */
export function readCustomizations({
  access,
  userFields = {},
  hooks = {},
  mails = {},
  providers = {},
}: Customizations): {
  access: Access | undefined
  userFields: UserFields
  hooks: Hooks
  mails: OwnTemplates
  providers: Providers
} {
  // A promise has no enumerable members. So it would count as an empty object, and its content would be ignored.
  for (const [name, given] of Object.entries({ userFields, hooks, mails, providers }))
    if (!isPlain(given)) throw new TypeError(`${name} must be a plain object. If it is a promise, await it.`)
  requireHooks(hooks)
  requireTemplates(mails)
  requireProviders(providers)
  const defined = access === undefined ? undefined : readAccess(access)
  return { access: defined, userFields: readUserFields(userFields), hooks, mails, providers }
}
