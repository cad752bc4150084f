import { github } from './github.ts'
import { google } from './google.ts'
import { microsoft } from './microsoft.ts'
import { oidc } from './oidc.ts'
import type { Provider, Providers } from './provider.ts'

/** The settings of providers, by name. */
type ProviderSettings = Readonly<
  Partial<
    Record<
      | 'googleClientId'
      | 'googleClientSecret'
      | 'microsoftClientId'
      | 'microsoftClientSecret'
      | 'microsoftTenant'
      | 'githubClientId'
      | 'githubClientSecret'
      | 'oidcIssuer'
      | 'oidcClientId'
      | 'oidcClientSecret'
      | 'oidcLabel',
      string | undefined
    >
  >
>

/**
 * Returns the providers of the settings and of the configuration file.
 *
 * @throws TypeError when a setting of a provider is missing, when a value is wrong, or when a provider is configured twice.
 */
export function providersOf(settings: ProviderSettings, inFile: Providers): Providers {
  const inSettings: Record<string, Provider> = {}
  const ofGoogle = complete('SALLYPORT_GOOGLE', {
    clientId: settings.googleClientId,
    clientSecret: settings.googleClientSecret,
  })
  const ofMicrosoft = complete('SALLYPORT_MICROSOFT', {
    clientId: settings.microsoftClientId,
    clientSecret: settings.microsoftClientSecret,
    tenant: settings.microsoftTenant,
  })
  const ofGithub = complete('SALLYPORT_GITHUB', {
    clientId: settings.githubClientId,
    clientSecret: settings.githubClientSecret,
  })
  const ofOidc = complete('SALLYPORT_OIDC', {
    issuer: settings.oidcIssuer,
    clientId: settings.oidcClientId,
    clientSecret: settings.oidcClientSecret,
    label: settings.oidcLabel,
  })
  if (ofGoogle) inSettings.google = google(ofGoogle)
  if (ofMicrosoft) inSettings.microsoft = microsoft(ofMicrosoft)
  if (ofGithub) inSettings.github = github(ofGithub)
  if (ofOidc) inSettings.oidc = oidc(ofOidc)
  for (const name of Object.keys(inSettings))
    if (Object.hasOwn(inFile, name))
      throw new TypeError(
        `The provider ${name} is configured twice: in providers of the configuration file, and by SALLYPORT_${name.toUpperCase()}_CLIENT_ID. Remove one of them.`,
      )
  return { ...inSettings, ...inFile }
}

/**
 * Returns the values if all are set, and null if none is set.
 *
 * @throws TypeError that names the variables that are missing.
 */
function complete<Part extends string>(
  prefix: string,
  values: Record<Part, string | undefined>,
): Record<Part, string> | null {
  const parts = Object.keys(values) as Part[]
  const missing = parts.filter((part) => !values[part])
  if (missing.length === parts.length) return null
  if (missing.length === 0) return values as Record<Part, string>
  // `clientId` is SALLYPORT_…_CLIENT_ID.
  const nameOf = (part: Part) => `${prefix}_${part.replace(/[A-Z]/g, '_$&').toUpperCase()}`
  const names = (which: readonly Part[]) => which.map(nameOf).join(', ')
  throw new TypeError(
    `${names(missing)} is not set, although ${names(parts.filter((part) => values[part]))} is set. Set all of them, or none.`,
  )
}
