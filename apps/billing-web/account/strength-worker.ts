import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import type { Estimate } from './password-strength.ts'
import type { EstimateAnswer, EstimateQuestion } from './use-password-strength.ts'

// A worker: the dictionaries are large, and a look into them takes longer than a key press may.

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

addEventListener('message', ({ data }: MessageEvent<EstimateQuestion>) => {
  const { score, feedback } = estimator.check(data.password.slice(0, longestLookedAt), data.words)
  const estimate: Estimate = { score, ...feedback }
  const answer: EstimateAnswer = { question: data.question, estimate }
  postMessage(answer)
})
