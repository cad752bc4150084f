import { buttonStyle } from '../surface/button-style.ts'

/** Sends the filter where no script does. It stays in the form for the Enter key either way. */
export function ApplyButton() {
  return (
    <button type="submit" className={`${buttonStyle('secondary')} scripted:hidden`}>
      Apply
    </button>
  )
}
