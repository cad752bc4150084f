import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The beginnings of the paths of the test files that take longest. They start first. Otherwise, one worker might still run such a file at
 * the end, and the others have nothing to do.
 */
const longFolders = [
  'docs/samples',
  'docs/extending.slow',
  'tests/samples/',
  'tests/init/',
  'tests/packages/',
  'tests/topologies/',
  'tests/existing-backends/',
  'tests/chaos/',
  'tests/production/',
  'tests/start/',
  'tests/browser/',
  'tests/',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const at = longFolders.findIndex((folder) => moduleId.includes(`/${folder}`))
      if (at >= 0) return at
      // A worker is used again only if the next file shares its modules too.
      return longFolders.length + (project.config.isolate ? 0 : 1)
    }
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other))
  }
}
