import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectNode, root, step } from '../install.mjs'

const sources = [
  'apps/billing-web/**/*.{ts,tsx,css,svg,png,ico,mjs,json,woff2,txt}',
  'apps/billing-web/.env*',
  'apps/billing-auth/access.ts',
  'packages/{next,verify,protocol}/{src/**/*.{ts,tsx,json},package.json}',
  '{package-lock,tsconfig.base}.json',
]

const built = join(root, 'apps/billing-web/.next')
const stamp = join(built, 'sallyport-sources')

/** Builds the web app. If exactly these sources have been built before, does nothing. */
export async function buildWeb(): Promise<void> {
  const digest = sourcesDigest()
  if (isBuiltOf(digest)) return
  await nextBuild('apps/billing-web', 'Building the billing dashboard')
  writeFileSync(stamp, digest)
}

/**
 * Checks that the web app is built. A test that starts the web app calls this, because Vitest alone does not build it.
 *
 * @throws Error if the web app was not built, or was built from other sources.
 */
export function requireBuiltWeb(): void {
  if (!isBuiltOf(sourcesDigest()))
    throw new Error(
      'apps/billing-web was not built from the current sources. Run the test with `npm test -- FILE`, which builds it first.',
    )
}

function isBuiltOf(digest: string): boolean {
  return existsSync(join(built, 'BUILD_ID')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest
}

/** Runs `next build` for one app. The folder is relative to the root. `env` is added to the environment of the build. */
export async function nextBuild(
  folder: string,
  title: string,
  env: Record<string, string> = {},
): Promise<void> {
  const next = join(root, 'node_modules/next/dist/bin/next')
  await step(title, projectNode(), [next, 'build', join(root, folder)], {
    ...process.env,
    ...env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  })
}

function sourcesDigest(): string {
  const files = globSync(sources, {
    cwd: root,
    // Tests write the samples of the docs into folders `samples-…` while others start the example.
    exclude: (path) => /(?:^|[\\/])(?:node_modules|\.next|samples-\w+)(?:[\\/]|$)/.test(String(path)),
  })
  const hash = createHash('sha256')
  for (const file of files.sort()) {
    if (/next-env\.d\.ts$|\.test\.tsx?$/.test(file)) continue
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}
