import { type FormState, untouched } from '../form/form-state.ts'

/** The state of a form that sends a mail: the form itself, `check your mail`, or an invalid link. */
export type EntryState = FormState & {
  step: 'form' | 'mailed' | 'dead-link'
  /** Whether mails of this installation are shown on a page, as in development. */
  hasInbox: boolean
}

export const firstStep: EntryState = { ...untouched, step: 'form', hasInbox: false }

/** Returns the state of a form for this step. */
export function atStep(step: EntryState['step'], state: FormState, hasInbox = false): EntryState {
  return { ...state, step, hasInbox }
}
