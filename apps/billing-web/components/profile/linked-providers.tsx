'use client'

import type { Identity } from '@sallyport/next/server'
import { useActionState } from 'react'
import type { OutsideProvider } from '../../account/outside-provider.ts'
import { unlinkProvider } from '../../app/(app)/profile/security/way-actions.ts'
import { Confirm } from '../form/confirm.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { ProviderMark } from '../surface/provider-mark.tsx'
import { Section } from '../surface/section.tsx'
import { buttonPlaces, WayEntry } from './way-entry.tsx'

const returnTo = '/profile/security?notice=linked'

/** The user's accounts at providers, and buttons that link more. It is not shown if there is neither. */
export function LinkedProviders(props: {
  providers: readonly OutsideProvider[]
  identities: readonly Identity[]
  nowMs: number
}) {
  const { providers, identities, nowMs } = props
  if (providers.length === 0 && identities.length === 0) return null
  const unlinked = providers.filter(({ name }) => !identities.some(({ provider }) => provider === name))
  return (
    <Section title="Linked accounts" note="You sign in with an account that you have elsewhere.">
      <ul>
        {identities.map((identity) => (
          <WayEntry
            key={identity.id}
            mark={<ProviderMark label={identity.label} />}
            name={identity.label}
            about={identity.email}
            addedAtMs={identity.createdAt}
            usedAtMs={identity.lastUsedAt}
            nowMs={nowMs}
          >
            <Unlink identity={identity} />
          </WayEntry>
        ))}
        {unlinked.map(({ name, label }) => (
          <li key={name} className="flex items-center gap-3 border-line border-t px-5 py-4">
            <span aria-hidden className="grid size-9 shrink-0 place-items-center rounded-full bg-sunken">
              <ProviderMark label={label} />
            </span>
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">{label}</p>
              <p className="text-[0.8125rem] text-soft">Not linked</p>
            </div>
            <form action={`/api/auth/providers/${name}`} method="post">
              <input type="hidden" name="purpose" value="link" />
              <input type="hidden" name="returnTo" value={returnTo} />
              <button type="submit" className={`${buttonStyle('secondary', 'small')} min-w-20`}>
                Link<span className="sr-only"> {label}</span>
              </button>
            </form>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Unlink({ identity }: { identity: Identity }) {
  const [state, action] = useActionState(unlinkProvider, untouched)
  return (
    <Confirm
      label="Unlink"
      about={identity.label}
      buttonClassName={buttonPlaces.only}
      problem={state.message}
      isOpen={state.answers > 0}
      question={`You cannot sign in with ${identity.label} any more. Your account there stays as it is.`}
    >
      <form action={action} noValidate>
        <input type="hidden" name="id" value={identity.id} />
        <SubmitButton kind="danger">
          Unlink<span className="sr-only"> {identity.label}</span>
        </SubmitButton>
      </form>
    </Confirm>
  )
}
