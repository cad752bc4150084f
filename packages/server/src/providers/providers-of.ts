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
  const google_ = complete('SALLYPORT_GOOGLE', {
    CLIENT_ID: settings.googleClientId,
    CLIENT_SECRET: settings.googleClientSecret,
  })
  if (google_)
    inSettings.google = google({ clientId: google_.CLIENT_ID, clientSecret: google_.CLIENT_SECRET })
  const entra = complete('SALLYPORT_MICROSOFT', {
    CLIENT_ID: settings.microsoftClientId,
    CLIENT_SECRET: settings.microsoftClientSecret,
    TENANT: settings.microsoftTenant,
  })
  if (entra)
    inSettings.microsoft = microsoft({
      clientId: entra.CLIENT_ID,
      clientSecret: entra.CLIENT_SECRET,
      tenant: entra.TENANT,
    })
  const github_ = complete('SALLYPORT_GITHUB', {
    CLIENT_ID: settings.githubClientId,
    CLIENT_SECRET: settings.githubClientSecret,
  })
  if (github_)
    inSettings.github = github({ clientId: github_.CLIENT_ID, clientSecret: github_.CLIENT_SECRET })
  const other = complete('SALLYPORT_OIDC', {
    ISSUER: settings.oidcIssuer,
    CLIENT_ID: settings.oidcClientId,
    CLIENT_SECRET: settings.oidcClientSecret,
    LABEL: settings.oidcLabel,
  })
  if (other)
    inSettings.oidc = oidc({
      issuer: other.ISSUER,
      clientId: other.CLIENT_ID,
      clientSecret: other.CLIENT_SECRET,
      label: other.LABEL,
    })
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
  const names = (which: readonly Part[]) => which.map((part) => `${prefix}_${part}`).join(', ')
  throw new TypeError(
    `${names(missing)} is not set, although ${names(parts.filter((part) => values[part]))} is set. Set all of them, or none.`,
  )
}
