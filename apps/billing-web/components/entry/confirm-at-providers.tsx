import type { OutsideProvider } from '../../account/outside-provider.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { ProviderMark } from '../surface/provider-mark.tsx'

/** One button for each provider at which a signed-in user can confirm who they are. Each is a form, so it also works without scripts. */
export function ConfirmAtProviders(props: { providers: readonly OutsideProvider[]; returnTo: string }) {
  return props.providers.map(({ name, label }) => (
    <form key={name} action={`/api/auth/providers/${name}`} method="post" className="mt-2.5">
      <input type="hidden" name="purpose" value="confirm" />
      <input type="hidden" name="returnTo" value={props.returnTo} />
      <button type="submit" className={`${buttonStyle('secondary', 'large')} w-full gap-2`}>
        <ProviderMark name={name} label={label} />
        <span className="truncate">Confirm with {label}</span>
      </button>
    </form>
  ))
}
