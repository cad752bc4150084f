import { describe, expect, it } from 'vitest'
import { missingFromLock } from './missing-from-lock.ts'

const needs = (...names: string[]) => ({
  optionalDependencies: Object.fromEntries(names.map((name) => [name, '1.0.0'])),
})

describe('the check of package-lock.json', () => {
  it('names a platform package that is missing, and who needs it', () => {
    const packages = {
      '': {},
      'node_modules/css': needs('css-linux', 'css-darwin'),
      'node_modules/css-linux': {},
    }
    expect(missingFromLock({ packages }, [])).toEqual({
      missing: [{ name: 'css-darwin', of: 'node_modules/css' }],
      unused: [],
    })
  })

  it.each([
    'node_modules/a/node_modules/b/node_modules/x',
    'node_modules/a/node_modules/x',
    'node_modules/x',
  ])('finds a package at %s, as Node does', (place) => {
    const packages = { 'node_modules/a/node_modules/b': needs('x'), [place]: {} }
    expect(missingFromLock({ packages }, []).missing).toEqual([])
  })

  it('does not find a package below a sibling', () => {
    const packages = { 'node_modules/a': needs('x'), 'node_modules/b/node_modules/x': {} }
    expect(missingFromLock({ packages }, []).missing).toEqual([{ name: 'x', of: 'node_modules/a' }])
  })

  it('accepts an exception, and reports one that is no longer needed', () => {
    const packages = { 'node_modules/vite': needs('clock') }
    expect(missingFromLock({ packages }, ['clock', 'old'])).toEqual({ missing: [], unused: ['old'] })
  })
})
