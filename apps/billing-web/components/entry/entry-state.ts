import { type FormState, untouched } from '../form/form-state.ts'

/**
 * The state of a form on an entry page. `step` says what is shown: the first form, the form for the password, `check your mail`, or a notice
 * that the link is invalid.
 */
export type EntryState = FormState & {
  step: 'form' | 'password' | 'mailed' | 'dead-link'
  /** Whether this installation shows its mails on a page, as in development. */
  hasInbox: boolean
}

export const firstStep: EntryState = { ...untouched, step: 'form', hasInbox: false }

/** Returns the state of a form for this step. */
export function atStep(step: EntryState['step'], state: FormState, hasInbox = false): EntryState {
  return { ...state, step, hasInbox }
}
