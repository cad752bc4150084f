import { type Access, organizationPermissions } from '@sallyport/protocol'
import { isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { didYouMean } from '@sallyport/protocol/did-you-mean'
import { howToMakeASecret, isProduction } from '@sallyport/protocol/secret'
import type { z } from 'zod'
import { passkeyDomainOf } from './passkey-domain.ts'
import { faultOfRoleNames, faultsOfRoleSettings } from './roles.ts'
import { noCallers } from './setting-values.ts'
import type { Setting } from './settings/setting.ts'
import { settings } from './settings/settings.ts'
import { readUserFields, type UserFields } from './user-fields.ts'

type Settings = typeof settings
/** All settings, checked and with their defaults. */
export type Config = { [Name in keyof Settings]: z.output<Settings[Name]['schema']> } & {
  /** When the address of a user must be verified: never (`off`), for some permissions, or for every sign-in. */
  emailVerification: 'off' | 'permissions' | 'sign-in'
  /** Whether the server answers `/api/auth/reference` and `/api/auth/openapi.json`. */
  apiReference: boolean
  /** Whether users can sign in with passkeys. */
  passkeys: boolean
  /** Why passkeys are off, although no setting switches them off. Otherwise null. */
  passkeysOffBecause: string | null
  /** The credentials that are not set. In production, the server does not start without them. */
  missingCredentials: readonly MissingCredential[]
  /** The definition of roles and permissions that the app gives. Then `rolePermissions` has its roles. */
  access: Access | undefined
  /** The user fields that the app declares. */
  userFields: UserFields
}
/**
 * The options of `createSallyport`. Only `secret`, `issuer` and `audience` have no default. docs/configuration.md lists all options and
 * their environment variables.
 */
export type SallyportOptions = Partial<{ [Name in keyof Settings]: z.input<Settings[Name]['schema']> }>

type MissingCredential = 'SALLYPORT_FRONTEND_SECRET' | 'SALLYPORT_VERIFIER_SECRET'

/**
 * Checks the options and adds the defaults. `nodeEnv` and the issuer decide whether this is production.
 *
 * @throws TypeError with one line for each wrong setting. The line contains the name of the environment variable, but never a secret.
 */
export function readConfig(
  options: SallyportOptions,
  { userFields = readUserFields(), access }: { userFields?: UserFields; access?: Access | undefined } = {},
  nodeEnv = process.env.NODE_ENV,
): Config {
  const complaints: string[] = []
  const config: Record<string, unknown> = { userFields, access }
  for (const name of Object.keys(options))
    if (!Object.hasOwn(settings, name))
      complaints.push(`There is no setting ${name}.${didYouMean(name, Object.keys(settings))}`)
  for (const [name, { env, schema, description }] of Object.entries(settings) as [
    keyof Settings,
    Setting,
  ][]) {
    const given = options[name]
    const result = schema.safeParse(given)
    if (result.success) config[name] = result.data
    else
      complaints.push(
        given === undefined
          ? `${env} is not set. ${description}`
          : `${env} ${result.error.issues[0]?.message ?? 'is not valid'}.`,
      )
  }
  if (access !== undefined) {
    if (options.rolePermissions !== undefined)
      complaints.push(
        'SALLYPORT_ROLES is set, but the configuration has `access`, which defines the roles. Keep only one of them.',
      )
    config.rolePermissions = access.roles
  }
  if (complaints.length === 0) {
    const production = isProduction(config.issuer as string, nodeEnv)
    config.apiReference ??= !production
    // If `SALLYPORT_SMTP_URL` is missing by mistake, the default must not become `off`.
    if (production && config.emailVerification === undefined && config.smtpUrl === undefined)
      complaints.push(
        'SALLYPORT_EMAIL_VERIFICATION is not set, and there is no mail server: set SALLYPORT_SMTP_URL and SALLYPORT_MAIL_FROM, or set SALLYPORT_EMAIL_VERIFICATION to off. With off, addresses are not verified.',
      )
    // If the address of the database is missing by mistake, the server must not start with an empty database, because anybody could then
    // sign up with any email address.
    if (production && options.databaseUrl === undefined && options.dataDir === undefined)
      complaints.push('Neither DATABASE_URL nor DATA_DIR is set: production requires one of them.')
    // If there is a mail server, the default is `sign-in`, because a sign-up then does not show which addresses have an account.
    config.emailVerification ??= config.smtpUrl === undefined ? 'off' : 'sign-in'
    complaints.push(...decidePasskeys(config as Config))
    config.missingCredentials = missingCredentials(config as Config, options)
    complaints.push(...faultsOfRoleSettings(config as Config, options.defaultRoles !== undefined))
    complaints.push(...contradictions(config as Config, production))
  }
  if (complaints.length > 0) throw new TypeError(complaints.join('\n'))
  return config as Config
}

/** Decides whether passkeys are on, and which domain they belong to. Reports settings with which passkeys cannot work. */
function decidePasskeys(config: Partial<Config> & Pick<Config, 'issuer' | 'origins'>): string[] {
  config.passkeysOffBecause = null
  const found = passkeyDomainOf(config)
  if ('domain' in found) {
    config.passkeys ??= true
    config.passkeyDomain = found.domain
    return []
  }
  if (config.passkeys === true) return [`SALLYPORT_PASSKEYS is 1, but passkeys cannot work ${found.reason}.`]
  if (config.passkeyDomain !== undefined && config.passkeys === undefined)
    return [`SALLYPORT_PASSKEY_DOMAIN is ${config.passkeyDomain}, but passkeys cannot work ${found.reason}.`]
  if (config.passkeys === undefined) config.passkeysOffBecause = found.reason
  config.passkeys = false
  return []
}

/** Reports settings that are valid alone but cannot be used together. */
function contradictions(config: Config, production: boolean): string[] {
  const complaints: string[] = production ? config.missingCredentials.map(neededInProduction) : []
  const { metricsSecret } = config
  const secrets = [
    ...config.secret,
    ...config.frontendSecrets,
    ...config.verifierSecrets,
    ...(metricsSecret ? [metricsSecret] : []),
  ]
  if (new Set(secrets).size < secrets.length)
    complaints.push(
      'SALLYPORT_SECRET, SALLYPORT_FRONTEND_SECRET, SALLYPORT_VERIFIER_SECRET and SALLYPORT_METRICS_SECRET must differ from one another, because each gives access to something different.',
    )
  complaints.push(...faultsOfSecondFactor(config))
  complaints.push(...faultsOfOrganizations(config))
  if (config.sessionIdleSeconds > config.sessionAbsoluteSeconds)
    complaints.push(
      'SALLYPORT_SESSION_IDLE_SECONDS must not be longer than SALLYPORT_SESSION_ABSOLUTE_SECONDS.',
    )
  const canMail = config.smtpUrl !== undefined || config.developmentInbox
  if (config.smtpUrl !== undefined && config.mailFrom === undefined)
    complaints.push('SALLYPORT_SMTP_URL needs SALLYPORT_MAIL_FROM, the sender of mails.')
  if (config.emailVerification !== 'off' && !canMail)
    complaints.push(
      'SALLYPORT_EMAIL_VERIFICATION needs mail: set SALLYPORT_SMTP_URL and SALLYPORT_MAIL_FROM.',
    )
  if (config.mailedSignIn === 'on' && !canMail)
    complaints.push('SALLYPORT_MAILED_SIGN_IN=on needs mail: set SALLYPORT_SMTP_URL and SALLYPORT_MAIL_FROM.')
  complaints.push(...faultsOfVerifiedPermissions(config))
  if (canMail && config.appUrl === undefined && config.origins.every(isOriginPattern))
    complaints.push('Links in mails need the address of your pages: set SALLYPORT_APP_URL.')
  if (config.developmentInbox && production)
    complaints.push(
      'SALLYPORT_DEVELOPMENT_INBOX shows every mail to anybody. It is allowed only in development: with an issuer on localhost and without NODE_ENV=production.',
    )
  if (config.developmentInbox && config.smtpUrl !== undefined)
    complaints.push(
      'SALLYPORT_DEVELOPMENT_INBOX and SALLYPORT_SMTP_URL exclude each other, because mails are either shown or sent. Remove one of them.',
    )
  if (config.cookieDomain !== undefined) {
    const hosts = [config.issuer, ...config.origins].map((origin) => new URL(origin.replace('*', 'x')))
    const outside = hosts.filter(({ hostname }) => !`.${hostname}`.endsWith(`.${config.cookieDomain}`))
    if (!config.issuer.startsWith('https:'))
      complaints.push('SALLYPORT_COOKIE_DOMAIN needs an https SALLYPORT_ISSUER.')
    else if (outside.length > 0)
      complaints.push(
        `SALLYPORT_COOKIE_DOMAIN is ${config.cookieDomain}, and ${outside[0]?.origin} is not below it: browsers would not send the cookies there.`,
      )
  }
  return complaints
}

/** Reports roles whose users would not be asked for the second factor, although the operator means it. */
function faultsOfSecondFactor(config: Config): string[] {
  const { secondFactor, secondFactorRoles } = config
  if (secondFactorRoles.length === 0) return []
  if (secondFactor !== 'optional')
    return ['SALLYPORT_SECOND_FACTOR_ROLES needs SALLYPORT_SECOND_FACTOR=optional.']
  const fault = faultOfRoleNames(config, secondFactorRoles)
  return fault === null ? [] : [`SALLYPORT_SECOND_FACTOR_ROLES: ${fault}`]
}

/** With organizations, somebody must be able to manage each of them. */
function faultsOfOrganizations({ organizations, organizationOwnerRole, rolePermissions }: Config): string[] {
  if (organizations === 'off') return []
  const role = `the role ${organizationOwnerRole} (SALLYPORT_ORGANIZATION_OWNER_ROLE)`
  if (!Object.hasOwn(rolePermissions, organizationOwnerRole))
    return [`SALLYPORT_ORGANIZATIONS=on needs ${role}. Define it in \`access\`, or in SALLYPORT_ROLES.`]
  const missing = organizationPermissions.filter(
    (permission) => !rolePermissions[organizationOwnerRole]?.includes(permission),
  )
  return missing.length === 0
    ? []
    : [`SALLYPORT_ORGANIZATIONS=on: ${role} must have the permissions ${missing.join(', ')}.`]
}

/**
 * Reports contradictions between `emailVerification` and `verifiedPermissions`. With most of these settings, a user whose address is not
 * verified would get permissions that should require a verified address.
 */
function faultsOfVerifiedPermissions(config: Config): string[] {
  const { emailVerification, verifiedPermissions, rolePermissions } = config
  if (emailVerification !== 'permissions')
    return verifiedPermissions.length === 0
      ? []
      : [
          'SALLYPORT_VERIFIED_PERMISSIONS has an effect only with SALLYPORT_EMAIL_VERIFICATION=permissions. Set that, or remove the list.',
        ]
  if (verifiedPermissions.length === 0)
    return [
      'SALLYPORT_EMAIL_VERIFICATION=permissions needs SALLYPORT_VERIFIED_PERMISSIONS: the permissions that a user gets only with a verified address.',
    ]
  const given = [...new Set(Object.values(rolePermissions).flat())]
  return verifiedPermissions
    .filter((permission) => !given.includes(permission))
    .map(
      (permission) =>
        `SALLYPORT_VERIFIED_PERMISSIONS names ${permission}, which no role of SALLYPORT_ROLES has.${didYouMean(permission, given)} Correct one of the two.`,
    )
}

/** Returns the credentials that are not set and not declared as `none`. */
function missingCredentials(config: Config, options: SallyportOptions): MissingCredential[] {
  const isMissing = (name: 'frontendSecrets' | 'verifierSecrets') =>
    config[name].length === 0 && options[name] !== noCallers
  return [
    ...(isMissing('frontendSecrets') ? (['SALLYPORT_FRONTEND_SECRET'] as const) : []),
    ...(isMissing('verifierSecrets') ? (['SALLYPORT_VERIFIER_SECRET'] as const) : []),
  ]
}

function neededInProduction(name: MissingCredential): string {
  const without =
    name === 'SALLYPORT_FRONTEND_SECRET'
      ? 'all visitors of your Next app would appear to have the same IP address'
      : 'your APIs and pages would not learn that a session has ended'
  return `${name} is not set: ${without}. ${howToMakeASecret}, and give it to the other side too. If there is no other side, set it to none.`
}

/** Returns the options that are set in the environment variables. An empty variable counts as not set. */
export function optionsFromEnvironment(env: Record<string, string | undefined>): SallyportOptions {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { env: variable }]) =>
      env[variable] ? [[name, env[variable]]] : [],
    ),
  ) as SallyportOptions
}
