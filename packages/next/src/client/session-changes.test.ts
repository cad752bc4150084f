import { sessionMarkName } from '@sallyport/protocol'
import { afterEach, expect, it, vi } from 'vitest'
import { sessionMark } from './session-changes.ts'

afterEach(() => vi.unstubAllGlobals())

it.each([{ secure: true }, { secure: true, domain: 'example.com' }, { secure: false }])(
  'reads the session mark under the name that the protocol gives it for %j',
  (topology) => {
    const name = sessionMarkName(topology)
    vi.stubGlobal('document', { cookie: `other=1; ${name}=abcdefgh; x${name}=2` })
    expect(sessionMark()).toMatch(new RegExp(`^(?:; )?${name}=abcdefgh$`))
  },
)
