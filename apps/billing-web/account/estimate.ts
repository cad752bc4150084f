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
      userInputs: 'It contains your name, your address or the name of this product.',
    },
  },
})

/**
 * Only this many characters are estimated. More characters do not make a password weaker, and the time for an estimate grows faster than
 * the length.
 */
const longestLookedAt = 64

/** {@link estimate} also estimates the password without some of its characters, if what remains is more than this share of the password. */
const coreShare = 0.75

/**
 * Estimates a password, the password without signs, and the letters of the password alone. Returns the lowest estimate. For example, the
 * estimator alone says that `sunshine-monkey-99` is strong, but the server ignores the signs and refuses it.
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
