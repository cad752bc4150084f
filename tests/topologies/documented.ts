import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/install.mjs'

type Process = 'auth server' | 'Next' | 'API'

/**
 * Returns the environment of one process of one topology in docs/topologies.md, so that the tests run what the page says. `addresses` maps
 * the URLs of the page to those of the test.
 */
export function documentedEnvironment(
  topology: string,
  process: Process,
  addresses: Record<string, string>,
): Record<string, string> {
  const page = readFileSync(join(root, 'docs/topologies.md'), 'utf8')
  const section = page.split(/^## /m).find((text) => text.startsWith(`${topology}\n`))
  const block = section?.match(new RegExp(`\`\`\`sh\\n# ${process}\\n([^\`]*)\`\`\``))?.[1]
  if (!block) throw new Error(`docs/topologies.md has no environment for ${process} below "${topology}".`)
  const lines = block.trim().split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([A-Z_]+)=(\S+)/.exec(line) ?? []
      if (name === '') throw new Error(`docs/topologies.md: not a setting: ${line}`)
      const here = Object.entries(addresses).reduce((text, [from, to]) => text.replaceAll(from, to), value)
      return [name, here]
    }),
  )
}
