import { expect, test } from 'vitest'
import { requireSupportedNode } from './supported-node.ts'

test('a Node that is too old is refused in words, before it ends the process without any', () => {
  for (const version of ['22.0.0', '24.9.0', '100.1.0'])
    expect(() => requireSupportedNode(version), version).not.toThrow()
  expect(() => requireSupportedNode()).not.toThrow()
  for (const version of ['20.19.0', '21.9.9', '9.22.0'])
    expect(() => requireSupportedNode(version), version).toThrow(
      new TypeError(
        `Sallyport needs Node 22 or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`,
      ),
    )
})
