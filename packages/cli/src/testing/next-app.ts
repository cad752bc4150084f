import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../../../server/src/testing/temporary-folder.ts'

export type Files = Record<string, string>

/** As `create-next-app` leaves it. */
export const freshApp: Files = {
  'package.json': JSON.stringify({ dependencies: { next: '16.4.6', react: '19.3.1' } }),
  'tsconfig.json': '{}',
  'next.config.ts': 'export default { cacheComponents: true }\n',
  '.gitignore': '/node_modules\n.env*\n',
  'app/layout.tsx': 'export default function Layout() {}\n',
  'app/page.tsx': 'export default function Page() {}\n',
}

/** A temporary folder with these files in it; null leaves one out. */
export function appOf(changes: Record<string, string | null> = {}): string {
  const folder = temporaryFolder()
  for (const [path, text] of Object.entries({ ...freshApp, ...changes })) {
    if (text === null) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
