import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is gone after the test, or when whoever shares it says so. */
export function temporaryFolder(clean: (ending: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'))
  clean(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
