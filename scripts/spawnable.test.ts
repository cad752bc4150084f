import { win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectNode } from './install.mjs'
import { spawnable } from './spawnable.mjs'

const home = 'C:\\Users\\Ada Lovelace\\my app'

describe('on Windows', () => {
  it('npm is run by cmd.exe, as one line in which a folder with a space stays one word', () => {
    expect(spawnable('npm', ['ci', '--prefix', home, '--no-audit'], 'win32')).toEqual({
      command: `npm ci --prefix "${home}" --no-audit`,
      words: [],
      shell: true,
    })
  })

  it.each([
    ['', '""'],
    ['a&b', '"a&b"'],
    ['^1.2.3', '"^1.2.3"'],
    ['say "yes"', '"say ""yes"""'],
    ['@sallyport/next@0.1.0', '@sallyport/next@0.1.0'],
    ['./sallyport-packages/next-0.1.0.tgz', './sallyport-packages/next-0.1.0.tgz'],
  ])('the word %j is written %s', (word, line) => {
    expect(spawnable('npm', [word], 'win32').command).toBe(`npm ${line}`)
  })

  it("the project's Node is the program itself, so that its words need no quotes and signals reach it", () => {
    const node = projectNode({ folder: home, platform: 'win32' })
    expect(node).toBe(win32.join(home, 'node_modules/node/bin/node.exe'))
    expect(spawnable(node, [`${home}\\scripts\\start.mjs`], 'win32')).toEqual({
      command: node,
      words: [`${home}\\scripts\\start.mjs`],
      shell: false,
    })
  })
})

it.each(['darwin', 'linux'] as const)('on %s nothing goes through a shell', (platform) => {
  expect(spawnable('npm', ['ci', '--prefix', '/home/ada l/x; rm'], platform)).toEqual({
    command: 'npm',
    words: ['ci', '--prefix', '/home/ada l/x; rm'],
    shell: false,
  })
  expect(projectNode({ folder: '/home/ada l', platform })).toBe('/home/ada l/node_modules/.bin/node')
})
