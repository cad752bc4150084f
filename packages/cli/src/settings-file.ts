import { Refusal } from './commands/refusal.ts'

/**
 * Reads settings from a file into the environment, where what is set already wins. Not `--env-file`: Node takes that for itself.
 *
 * @throws Refusal when it cannot be read.
 */
export function readSettingsFile(file: string | undefined): void {
  if (file === undefined) return
  try {
    process.loadEnvFile(file)
  } catch (error) {
    throw new Refusal(
      `The file ${file} of --settings cannot be read (${error instanceof Error ? error.message : error}). Name one with lines such as SALLYPORT_SECRET=…`,
    )
  }
}
