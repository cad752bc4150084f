import { databaseSettings } from './database.ts'
import { mailSettings } from './mail.ts'
import { organizationSettings } from './organizations.ts'
import { passkeySettings } from './passkeys.ts'
import { passwordSettings } from './passwords.ts'
import { providerSettings } from './providers.ts'
import { secondFactorSettings } from './second-factors.ts'
import { serverSettings } from './server.ts'
import { tokenAndSessionSettings } from './tokens-and-sessions.ts'
import { userSettings } from './users.ts'

/** Every setting of the server. */
export const settings = {
  ...serverSettings,
  ...databaseSettings,
  ...tokenAndSessionSettings,
  ...userSettings,
  ...organizationSettings,
  ...passwordSettings,
  ...secondFactorSettings,
  ...passkeySettings,
  ...mailSettings,
  ...providerSettings,
}
