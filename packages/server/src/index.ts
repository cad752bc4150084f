// The public exports of the package.
export { type Access, type AccessDefinition, defineAccess, faultOfName } from '@sallyport/protocol'
export { signUpRequestSchema } from '@sallyport/protocol/endpoints'
export { type BackupResult, type RestoreResult, restoreBackup, writeBackup } from './backup.ts'
export { type Config, optionsFromEnvironment, readConfig, type SallyportOptions } from './config/config.ts'
export { settings } from './config/settings/settings.ts'
export type { UserField, UserFieldValues } from './config/user-fields.ts'
export type { HostOptions } from './create-context.ts'
export type { Customizations } from './customizations.ts'
export { defineConfig, type SallyportSettings, splitSettings } from './define-config.ts'
export { type Dependencies, type Extensions, type SallyportConfig, splitConfig } from './deprecated.ts'
export { createLog } from './http/request-log.ts'
export { type Html, html, trustedHtml } from './mail/html.ts'
export type { MailData, MailKind, OwnMail, OwnTemplates } from './mail/own-templates.ts'
export { type MoveResult, moveStore } from './move.ts'
export { type AppleOptions, apple } from './providers/apple.ts'
export { discord } from './providers/discord.ts'
export { facebook } from './providers/facebook.ts'
export { type GithubOptions, github } from './providers/github.ts'
export { type GitlabOptions, gitlab } from './providers/gitlab.ts'
export { type GoogleOptions, google } from './providers/google.ts'
export { linkedin } from './providers/linkedin.ts'
export { type MicrosoftOptions, microsoft } from './providers/microsoft.ts'
export { type OidcOptions, oidc } from './providers/oidc.ts'
export type {
  OAuthProvider,
  OidcProvider,
  Provider,
  ProviderClaims,
  ProviderOptions,
  ProviderProfile,
} from './providers/provider.ts'
export { slack } from './providers/slack.ts'
export { createSallyport, type Sallyport } from './sallyport.ts'
export { FlowError } from './services/flow-error.ts'
export type { HookCall, Hooks, HookUser, SignUpAttempt, SignUpRefusal } from './services/hooks.ts'
export { isUnavailable } from './store/database.ts'
