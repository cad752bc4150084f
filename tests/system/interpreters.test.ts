import { afterEach, describe, expect, it, vi } from 'vitest'
import { findInterpreter } from './interpreters.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('a missing interpreter', () => {
  const find = () => findInterpreter('The example', ['no-such-interpreter'], ['-c', 'import nothing'])

  it.each(['true', '1', 'yes'])('is an error with CI=%s: nothing is skipped silently', (value) => {
    vi.stubEnv('CI', value)
    expect(find).toThrow('The example needs no-such-interpreter with: import nothing.')
  })

  it.each([undefined, '', 'false', '0'])('is logged and skipped with CI=%s', (value) => {
    vi.stubEnv('CI', value)
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    expect(find()).toBeNull()
    expect(log).toHaveBeenCalledWith(expect.stringContaining('Skipped: The example'))
  })
})
