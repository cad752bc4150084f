import { buttonStyle } from '../surface/button-style.ts'

/** Sends the filter without scripts. With scripts it stays in the form for the Enter key. */
export function ApplyButton() {
  return (
    <button type="submit" className={`${buttonStyle('secondary')} scripted:hidden`}>
      Apply
    </button>
  )
}
