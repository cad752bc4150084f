import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../../server/src/testing/temporary-folder.ts'

export type Files = Record<string, string>

/** The files that `create-next-app` writes. */
export const freshApp: Files = {
  'package.json': JSON.stringify({ dependencies: { next: '16.4.6', react: '19.3.1' } }),
  'tsconfig.json': '{}',
  'next.config.ts': 'export default { cacheComponents: true }\n',
  '.gitignore': '/node_modules\n.env*\n',
  'app/layout.tsx': 'export default function Layout() {}\n',
  'app/page.tsx': 'export default function Page() {}\n',
}

/** Creates a temporary folder with the files of a new app and these changes. Null removes a file. */
export function appOf(changes: Record<string, string | null> = {}): string {
  const folder = temporaryFolder()
  for (const [path, text] of Object.entries({ ...freshApp, ...changes })) {
    if (text === null) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
