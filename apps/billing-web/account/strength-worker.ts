import { estimate } from './estimate.ts'
import type { EstimateAnswer, EstimateQuestion } from './use-password-strength.ts'

// The estimator runs in a worker, because its dictionaries are large, and an estimate takes longer than the time between two keys.

addEventListener('message', ({ data }: MessageEvent<EstimateQuestion>) => {
  const answer: EstimateAnswer = { question: data.question, estimate: estimate(data.password, data.words) }
  postMessage(answer)
})
