import { useEffect, useRef, useState } from 'react'
import { type Estimate, judgePassword, type Strength } from './password-strength.ts'

export type EstimateQuestion = { question: number; password: string; words: string[] }
export type EstimateAnswer = { question: number; estimate: Estimate }

/** The time, in milliseconds, from the last key press until the estimator runs. */
const typingPauseMs = 120

/**
 * Returns the strength of a password while the user types it. The estimator and its dictionaries are loaded into a worker when the user
 * types the first character. If that fails, only the length is checked. The password is not sent anywhere.
 *
 * @param answers The number of responses to the form. Each response empties the field.
 */
export function usePasswordStrength(answers: number): {
  strength: Strength | null
  /** `words` are the user's name and address from the same form. */
  judge(password: string, words: string[]): void
} {
  const [password, setPassword] = useState('')
  const [estimate, setEstimate] = useState<Estimate | null>(null)
  const worker = useRef<Worker | null>(null)
  const latest = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(
    () => () => {
      clearTimeout(timer.current)
      worker.current?.terminate()
      worker.current = null
    },
    [],
  )

  // The state is reset during the render and not after it. Otherwise the strength of an earlier password would be shown for a moment.
  const [seenAnswers, setSeenAnswers] = useState(answers)
  if (seenAnswers !== answers) {
    setSeenAnswers(answers)
    setPassword('')
    setEstimate(null)
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect must run after each response, because a response empties the field
  useEffect(() => {
    latest.current++
  }, [answers])

  const start = (): Worker => {
    const started = new Worker(new URL('./strength-worker.ts', import.meta.url), { type: 'module' })
    started.addEventListener('message', ({ data }: MessageEvent<EstimateAnswer>) => {
      if (data.question === latest.current) setEstimate(data.estimate)
    })
    return started
  }

  return {
    strength: judgePassword(password, estimate),
    judge(typed, words) {
      setPassword(typed)
      const question = ++latest.current
      clearTimeout(timer.current)
      if (typed === '') return setEstimate(null)
      worker.current ??= start()
      const ask: EstimateQuestion = { question, password: typed, words: ['ledgerline', ...words] }
      timer.current = setTimeout(() => worker.current?.postMessage(ask), typingPauseMs)
    },
  }
}
