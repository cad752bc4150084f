import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import type { Estimate } from './password-strength.ts'

const estimator = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: {
    ...english.translations,
    warnings: {
      ...english.translations.warnings,
      userInputs: 'It holds your name, your address or the name of this product.',
    },
  },
})

/** What comes after them makes no password weaker; the time it takes grows faster than the length. */
const longestLookedAt = 64

/** Share of a password that must be left for its other characters to count as decoration. */
const coreShare = 0.75

/**
 * Estimates a password, and what is left of it without signs and without digits, and returns the lowest. The estimator takes
 * `sunshine-monkey-99` for strong; the server looks through the signs and refuses it.
 */
export function estimate(password: string, words: string[]): Estimate {
  const text = password.slice(0, longestLookedAt)
  const cores = [text.replace(/[^\p{L}\p{N}]/gu, ''), text.replace(/\P{L}/gu, '')]
  const [lowest = { score: 0, feedback: { warning: null, suggestions: [] } } as const] = [
    text,
    ...cores.filter((core) => core !== text && core.length > text.length * coreShare),
  ]
    .map((core) => estimator.check(core, words))
    .sort((one, other) => one.score - other.score)
  return { score: lowest.score, ...lowest.feedback }
}
