import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, it } from 'vitest'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'

const tarballs = await packedTarballs()
/** Only ESM is checked, not old TypeScript settings and `require`. */
const notAsked = ['node10', 'node16-cjs']

describe.each(Object.entries(tarballs))('%s as it would be published', (name, path) => {
  const data = new Uint8Array(readFileSync(path))
  const files = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' }).trim().split('\n')

  it('publint finds no fault', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>))).toEqual([])
  })

  it('types and code of every entry match', async () => {
    // A command has no entries to import; its templates are TypeScript without types.
    if (name === 'sallyport') return expect(files.filter((file) => file.endsWith('.d.ts'))).toEqual([])
    const analysis = await checkPackage(createPackageFromTarballData(data))
    if (analysis.types === false) throw new Error(`${name} has no types.`)
    const problems = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem && notAsked.includes(problem.resolutionKind)),
    )
    expect(problems).toEqual([])
    const resolutions = Object.values(analysis.entrypoints).map(({ resolutions }) => resolutions.bundler)
    expect(resolutions.length).toBeGreaterThan(0)
    for (const { resolution } of resolutions) expect(resolution?.fileName).toMatch(/\.d\.ts$|package\.json$/)
  })

  it('contains the build, a README and the licence, and no development files', () => {
    const others = files.filter((file) => !/^package\/(?:dist\/.*\.(?:js|d\.ts)|templates\/.*)$/.test(file))
    expect(files.some((file) => file.startsWith('package/templates/'))).toBe(name === 'sallyport')
    expect(others.sort()).toEqual(['package/LICENSE', 'package/README.md', 'package/package.json'])
    expect(files.filter((file) => /\/testing\/|\.test\./.test(file))).toEqual([])
  })

  it('names only built files, and our packages by version', () => {
    const text = execFileSync('tar', ['-xOzf', path, 'package/package.json'], { encoding: 'utf8' })
    const manifest = JSON.parse(text) as Record<string, unknown> & { dependencies?: Record<string, string> }
    expect(text).not.toMatch(/(?<!\.d)\.tsx?"|src\//)
    // A package that allows older Nodes than its dependencies could not be installed there.
    expect(manifest.engines).toEqual({ node: '>=22' })
    expect(manifest.devDependencies ?? manifest.scripts).toBeUndefined()
    for (const [dependency, range] of Object.entries(manifest.dependencies ?? {}))
      if (dependency in tarballs) expect(range).toBe(manifest.version)
  })
})
