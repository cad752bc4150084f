import { type FormState, untouched } from '../form/form-state.ts'

/** The state of a form that sends a mail. `step` says what is shown: the form, `check your mail`, or a notice that the link is invalid. */
export type EntryState = FormState & {
  step: 'form' | 'mailed' | 'dead-link'
  /** Whether this installation shows its mails on a page, as in development. */
  hasInbox: boolean
}

export const firstStep: EntryState = { ...untouched, step: 'form', hasInbox: false }

/** Returns the state of a form for this step. */
export function atStep(step: EntryState['step'], state: FormState, hasInbox = false): EntryState {
  return { ...state, step, hasInbox }
}
