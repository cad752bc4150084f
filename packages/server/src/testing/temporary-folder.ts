import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Creates a folder, which is deleted at the end of the test. If several tests share the folder, `clean` decides when it is deleted. */
export function temporaryFolder(clean: (ending: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(process.env.TEST_FOLDER ?? tmpdir(), 'sallyport-'))
  clean(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
