'use client'

import { CircleCheck, ShieldCheck } from 'lucide-react'
import { useActionState, useLayoutEffect, useRef, useState } from 'react'
import { endSessions } from '../../app/(app)/profile/sessions/actions.ts'
import { formatCount } from '../../billing/rate.ts'
import { inKnownOrder } from '../../session/known-order.ts'
import type { ListedSession } from '../../session/listed-session.ts'
import { Confirm } from '../form/confirm.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { EmptyState } from '../surface/empty-state.tsx'
import { Alert } from '../surface/notice.tsx'
import { Section } from '../surface/section.tsx'
import { OtherSession } from './other-session.tsx'
import { useFocusKept } from './use-focus-kept.ts'
import { useSessionWatch } from './use-session-watch.ts'

/** The list of the user's other sessions. It is updated while the page is open. */
export function OtherSessions(props: {
  sessions: readonly ListedSession[]
  /** The signature of the whole list. */
  shown: string
  nowMs: number
}) {
  const { sessions, shown, nowMs } = props
  const [state, action] = useActionState(endSessions, untouched)
  const { isCurrent } = useSessionWatch({ shown, renderedAtMs: nowMs })
  const rows = useRows(sessions)
  const { isDone, message, values } = state
  const problem = isDone ? null : message
  const isAboutShown =
    sessions.length > 0 && (values.session === 'others' || sessions.some(({ id }) => id === values.session))
  const problemAt = (target: string) => (isAboutShown && values.session === target ? problem : null)
  return (
    <Section
      title="Other sessions"
      note={
        <span ref={rows.status} role="status" tabIndex={-1} className="block rounded-sm">
          {!isCurrent ? (
            'The list could not be updated.'
          ) : isDone && message ? (
            <span key={state.answers} className="inline-flex items-center gap-1.5">
              <CircleCheck aria-hidden className="size-4 text-good-text" />
              {message}
            </span>
          ) : sessions.length > 0 ? (
            'Times are accurate to ten minutes.'
          ) : (
            'None at the moment.'
          )}
        </span>
      }
      action={
        <span role="status" className="numeric whitespace-nowrap text-[0.8125rem] text-soft">
          {sessions.length > 0 && formatCount(sessions.length, 'session', 'sessions')}
        </span>
      }
    >
      {problem && !isAboutShown && (
        <div className="px-5 pb-4">
          <Alert>{problem}</Alert>
        </div>
      )}
      {sessions.length === 0 ? (
        <div className="border-line border-t">
          <EmptyState Icon={ShieldCheck} title="Only this device is signed in">
            A sign-in on another device appears here automatically.
          </EmptyState>
        </div>
      ) : (
        <>
          <ul ref={rows.list}>
            {rows.sessions.map((session) => (
              <OtherSession
                key={session.id}
                session={session}
                nowMs={nowMs}
                action={action}
                problem={problemAt(session.id)}
                onGone={() => rows.onGone(session.id)}
              />
            ))}
          </ul>
          <EndAll action={action} problem={problemAt('others')} onGone={rows.onGone} />
        </>
      )}
    </Section>
  )
}

function EndAll(props: { action: (form: FormData) => void; problem: string | null; onGone: () => void }) {
  const footer = useFocusKept<HTMLDivElement>(props.onGone)
  return (
    <div ref={footer} className="relative border-line border-t px-5 py-4">
      <p className="flex min-h-8 items-center text-[0.8125rem] text-soft sm:pr-56">
        Lost a device, or not sure about one of these?
      </p>
      <Confirm
        label="Sign out all other sessions"
        buttonClassName="mt-2 sm:absolute sm:top-4 sm:right-5 sm:mt-0"
        problem={props.problem}
        question="All other devices are signed out immediately. To use your account there, sign in again."
      >
        <form action={props.action}>
          <input type="hidden" name="session" value="others" />
          <SubmitButton kind="danger">Sign out all others</SubmitButton>
        </form>
      </Confirm>
    </div>
  )
}

/** Keeps the order of the rows while the page is open. If the row that has the focus is removed, moves the focus. */
function useRows(sessions: readonly ListedSession[]) {
  const [known, setKnown] = useState<readonly string[]>([])
  const list = useRef<HTMLUListElement>(null)
  const status = useRef<HTMLSpanElement>(null)
  const lostPlace = useRef<number | null>(null)
  const ordered = inKnownOrder(known, sessions)
  const ids = ordered.map(({ id }) => id)
  if (ids.join() !== known.join()) setKnown(ids)

  useLayoutEffect(() => {
    const place = lostPlace.current
    lostPlace.current = null
    if (place === null) return
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('summary') ?? [])]
    const next = buttons[Math.min(place, buttons.length - 1)] ?? status.current
    next?.focus()
  })

  return {
    sessions: ordered,
    list,
    status,
    onGone(id?: string) {
      lostPlace.current = id === undefined ? 0 : Math.max(0, known.indexOf(id))
    },
  }
}
