import type { Customizations, SallyportOptions } from '@sallyport/server'
import { loadFile } from './load-file.ts'
import { Refusal } from './refusal.ts'

export type Settings = {
  options: SallyportOptions
  customizations: Customizations
  /** The path of the configuration file. Error messages contain it. */
  file: string | undefined
}

/**
 * Reads the settings of the environment and of a configuration file. If a setting is in both, the environment is used. So one file can be
 * used for all installations, and it does not have to contain secrets.
 *
 * @throws Refusal if the file does not exist, or if it contains something that is not a setting.
 */
export async function readSettings(): Promise<Settings> {
  const file = process.env.SALLYPORT_CONFIG || undefined
  const { optionsFromEnvironment, splitSettings } = await import('@sallyport/server')
  const fromEnvironment = optionsFromEnvironment(process.env)
  if (file === undefined) return { options: fromEnvironment, customizations: {}, file }
  const config = await load(file)
  try {
    const { options, customizations } = splitSettings(config)
    return { options: { ...options, ...fromEnvironment }, customizations, file }
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal(`${file}: ${error.message.replaceAll('\n', ' ')}`)
    throw error
  }
}

async function load(file: string): Promise<unknown> {
  const { default: config } = await loadFile(file, 'configuration file')
  if (config === undefined)
    throw new Refusal(`${file} has no default export. Write: export default defineConfig({ … })`)
  return config
}
