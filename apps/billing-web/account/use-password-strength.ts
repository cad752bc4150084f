import { useEffect, useRef, useState } from 'react'
import { type Estimate, judgePassword, type Strength } from './password-strength.ts'

export type EstimateQuestion = { question: number; password: string; words: string[] }
export type EstimateAnswer = { question: number; estimate: Estimate }

/** Milliseconds without a further key before the estimator is asked. */
const typingPauseMs = 120

/**
 * How good the password in a field is, while it is typed. The estimator and its dictionaries are fetched at the first key, into a
 * thread of their own; where that fails, only the length is judged. Nothing of it leaves the browser.
 *
 * @param answers How often the form has been answered: each answer empties the field.
 */
export function usePasswordStrength(answers: number): {
  strength: Strength | null
  /** `words` are what the person has typed elsewhere in the form: their name, their address. */
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

  // While it renders, not after: what is said of the field must not be about a password that is gone.
  const [seenAnswers, setSeenAnswers] = useState(answers)
  if (seenAnswers !== answers) {
    setSeenAnswers(answers)
    setPassword('')
    setEstimate(null)
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer is what empties the field
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
