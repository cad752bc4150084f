import { estimate } from './estimate.ts'
import type { EstimateAnswer, EstimateQuestion } from './use-password-strength.ts'

// A worker, because the dictionaries are large, and an estimate takes longer than a key press.

addEventListener('message', ({ data }: MessageEvent<EstimateQuestion>) => {
  const answer: EstimateAnswer = { question: data.question, estimate: estimate(data.password, data.words) }
  postMessage(answer)
})
