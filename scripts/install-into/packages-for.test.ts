import { describe, expect, it } from 'vitest'
import { packagesFor } from './packages-for.ts'

describe('the packages that install-into installs', () => {
  it.each([
    [['next'], ['@sallyport/next', '@sallyport/protocol', '@sallyport/verify']],
    [['@sallyport/verify'], ['@sallyport/protocol', '@sallyport/verify']],
    [['cli'], ['@sallyport/protocol', '@sallyport/server', '@sallyport/verify', 'sallyport']],
    [['sallyport'], ['@sallyport/protocol', '@sallyport/server', '@sallyport/verify', 'sallyport']],
  ])('for %j are %j', (words, wanted) => {
    expect(packagesFor(words)).toEqual({ wanted, unknown: [] })
  })

  it('names unknown words', () => {
    expect(packagesFor(['next', 'nxt'])).toMatchObject({ unknown: ['nxt'] })
  })
})
