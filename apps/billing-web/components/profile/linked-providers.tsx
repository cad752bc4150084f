import type { Identity } from '@sallyport/next/server'
import type { OutsideProvider } from '../../account/outside-provider.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { ProviderMark } from '../surface/provider-mark.tsx'
import { Section } from '../surface/section.tsx'
import { UnlinkProvider } from './unlink-provider.tsx'
import { WayEntry } from './way-entry.tsx'

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
            mark={<ProviderMark name={identity.provider} label={identity.label} />}
            name={identity.label}
            about={identity.email}
            addedAtMs={identity.createdAt}
            usedAtMs={identity.lastUsedAt}
            nowMs={nowMs}
          >
            <UnlinkProvider identity={{ id: identity.id, label: identity.label }} />
          </WayEntry>
        ))}
        {unlinked.map(({ name, label }) => (
          <li key={name} className="flex items-center gap-3 border-line border-t px-5 py-4">
            <span aria-hidden className="grid size-9 shrink-0 place-items-center rounded-full bg-sunken">
              <ProviderMark name={name} label={label} />
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
