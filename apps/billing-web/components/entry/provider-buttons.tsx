import type { OutsideProvider } from '../../account/outside-provider.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { ProviderMark } from '../surface/provider-mark.tsx'

/** One button for each provider. Each is a form, so it also works without scripts. Two or more are shown in pairs. */
export function ProviderButtons(props: {
  providers: readonly OutsideProvider[]
  /** The page that the user has requested, as it is in the URL. The route of the provider checks it. */
  returnTo: string
}) {
  const { providers, returnTo } = props
  const isPaired = providers.length > 1
  return (
    <ul className={`grid gap-2.5 ${isPaired ? 'grid-cols-2' : ''}`}>
      {providers.map(({ name, label }) => (
        <li key={name} className="last:odd:col-span-full">
          <form action={`/api/auth/providers/${name}`} method="post">
            {returnTo !== '' && <input type="hidden" name="returnTo" value={returnTo} />}
            <button type="submit" className={`${buttonStyle('secondary', 'large')} w-full gap-2`}>
              <ProviderMark name={name} label={label} />
              <span className="truncate">
                <span className={isPaired ? 'sr-only' : ''}>Continue with </span>
                {label}
              </span>
            </button>
          </form>
        </li>
      ))}
    </ul>
  )
}
