import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { access } from '../../apps/billing-auth/access.ts'
import { createSallyport, optionsFromEnvironment } from '../../packages/server/src/index.ts'
import { fail, root } from '../install.mjs'
import { type Config, demoAccounts, demoPassword, type environments } from './config.ts'

/** Migrates both databases. At the first run, adds the example's users and the invoices of two years. */
export async function seedExample(
  { production }: Config,
  env: ReturnType<typeof environments>,
): Promise<void> {
  try {
    const sallyport = await createSallyport(
      { ...optionsFromEnvironment(env.auth), logLevel: 'silent' },
      { access },
    )
    try {
      for (const { email, name, role } of demoAccounts) {
        const exists = (await sallyport.operator.users.find(email)) !== null
        if (production && exists) {
          fail(
            `The data folder has the demo account ${email}, whose password everybody knows. Use another DATA_DIR in production.`,
          )
        }
        if (!production && !exists)
          await sallyport.operator.users.create({ email, name, password: demoPassword, roles: [role] })
      }
    } finally {
      await sallyport.close()
    }
  } catch (error) {
    if (error instanceof TypeError) fail(error.message)
    throw error
  }
  const seed = spawnSync(process.execPath, [join(root, 'apps/billing-api/src/seed.ts')], {
    env: env.api,
    encoding: 'utf8',
  })
  if (seed.status !== 0) fail(`The billing data could not be written.\n${seed.stderr || seed.stdout}`)
}
