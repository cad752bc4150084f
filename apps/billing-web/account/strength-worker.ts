import { estimate } from './estimate.ts'
import type { EstimateAnswer, EstimateQuestion } from './use-password-strength.ts'

// A worker: the dictionaries are large, and a look into them takes longer than a key press may.

addEventListener('message', ({ data }: MessageEvent<EstimateQuestion>) => {
  const answer: EstimateAnswer = { question: data.question, estimate: estimate(data.password, data.words) }
  postMessage(answer)
})
