import type { OutsideProvider } from '../../account/outside-provider.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { ProviderMark } from '../surface/provider-mark.tsx'

/** One button for each provider. Each is a form, so it also works without scripts. Google and Apple require the whole text. */
export function ProviderButtons(props: {
  providers: readonly OutsideProvider[]
  /** The page that the user has requested, as it is in the URL. The route of the provider checks it. */
  returnTo: string
}) {
  const { providers, returnTo } = props
  return (
    <ul className="space-y-2.5">
      {providers.map(({ name, label }) => (
        <li key={name}>
          <form action={`/api/auth/providers/${name}`} method="post">
            {returnTo !== '' && <input type="hidden" name="returnTo" value={returnTo} />}
            <button type="submit" className={`${buttonStyle('secondary', 'large')} w-full gap-2`}>
              <ProviderMark name={name} label={label} />
              <span className="truncate">Continue with {label}</span>
            </button>
          </form>
        </li>
      ))}
    </ul>
  )
}
