import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes minutes starts first, so that no worker is left alone with it in the end. */
const longFolders = [
  'tests/packages/',
  'tests/init/',
  'tests/beside-next-auth/',
  'tests/existing-backends/',
  'tests/topologies/',
  'tests/chaos/',
  'tests/browser/',
  'tests/',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longFolders.findIndex((folder) => moduleId.includes(`/${folder}`))
      return at < 0 ? longFolders.length : at
    }
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other))
  }
}
