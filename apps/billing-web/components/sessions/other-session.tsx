'use client'

import type { ListedSession } from '../../session/listed-session.ts'
import { Confirm } from '../form/confirm.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { SessionSummary } from './session-summary.tsx'
import { useFocusKept } from './use-focus-kept.ts'

/** Another session, with a button to end it. */
export function OtherSession(props: {
  session: ListedSession
  nowMs: number
  action: (form: FormData) => void
  problem: string | null
  onGone: () => void
}) {
  const { session, nowMs, action, problem, onGone } = props
  const row = useFocusKept<HTMLLIElement>(onGone)
  const { name } = session.device
  return (
    <li ref={row} className="relative border-line border-t px-5 py-4">
      <SessionSummary session={session} nowMs={nowMs} />
      <Confirm
        label="Sign out"
        about={name}
        buttonClassName="absolute top-4 right-5"
        problem={problem}
        question="This device is signed out immediately. To use your account there, sign in again."
      >
        <form action={action}>
          <input type="hidden" name="session" value={session.id} />
          <SubmitButton kind="danger">
            Sign out now<span className="sr-only">: {name}</span>
          </SubmitButton>
        </form>
      </Confirm>
    </li>
  )
}
