import type { Access, AccessDefinition } from '@sallyport/server'
import { loadFile } from '../load-file.ts'
import { readSettings } from '../read-settings.ts'
import { Refusal } from '../refusal.ts'

/**
 * Reads the definition of roles and permissions of a file: its export `access`, or its default export.
 *
 * @throws Refusal if the file cannot be read, or if it has no valid definition.
 */
export async function readDefinition(file: string): Promise<Access> {
  const { access, default: other } = await loadFile(file, 'definition')
  const found = access ?? other
  if (found === undefined)
    throw new Refusal(`${file} exports no definition. Write: export const access = defineAccess({ … })`)
  return defined(found, file)
}

/**
 * Returns the definition of the configuration file, or null if there is none.
 *
 * @throws Refusal if the definition is not valid.
 */
export async function configuredDefinition(): Promise<Access | null> {
  const { customizations, file } = await readSettings()
  return customizations.access === undefined ? null : defined(customizations.access, file ?? '')
}

async function defined(found: unknown, file: string): Promise<Access> {
  const { defineAccess } = await import('@sallyport/server')
  try {
    return defineAccess(found as AccessDefinition)
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal(`${file}: ${error.message}`)
    throw error
  }
}
