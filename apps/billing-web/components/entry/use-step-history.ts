import { useCallback, useEffect, useRef, useState } from 'react'
import type { EntryState } from './entry-state.ts'

type Step = EntryState['step']

/** The fragment of the URL of each later step. Next removes the own values of `history.state`, but keeps the fragment. */
const fragments: Partial<Record<Step, string>> = { password: '#password', mailed: '#code' }

function stepOfUrl(): Step {
  const [step = 'form'] = Object.entries(fragments).find(([, hash]) => hash === location.hash) ?? []
  return step as Step
}

/**
 * Returns the step to show. For each later step, adds an entry to the history, so that the Back button of the browser shows the step before.
 * Without scripts, the browser itself adds an entry for each form that is sent.
 *
 * `goBack` goes one step back in the history. It returns false if the page has added no entry.
 */
export function useStepHistory({ step, answers }: EntryState): { step: Step; goBack: () => boolean } {
  /** The step to which the user has moved in the history since the last response. */
  const [moved, setMoved] = useState<{ step: Step; answers: number } | null>(null)
  /** The step of the current entry. */
  const entry = useRef(step)

  // After a reload, the page is at its first step again.
  useEffect(() => {
    if (stepOfUrl() !== 'form') history.replaceState(null, '', location.pathname + location.search)
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the user may come to the same step again by another response
  useEffect(() => {
    if (step === entry.current || fragments[step] === undefined) return
    entry.current = step
    history.pushState(null, '', fragments[step])
  }, [step, answers])

  useEffect(() => {
    const show = () => {
      entry.current = stepOfUrl()
      setMoved({ step: entry.current, answers })
    }
    addEventListener('popstate', show)
    return () => removeEventListener('popstate', show)
  }, [answers])

  const goBack = useCallback(() => {
    if (stepOfUrl() === 'form') return false
    history.back()
    return true
  }, [])
  return { step: moved?.answers === answers ? moved.step : step, goBack }
}
