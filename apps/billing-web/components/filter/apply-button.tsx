import { buttonStyle } from '../surface/button-style.ts'

/** The button that sends the filter. It is needed without scripts. With scripts it stays in the form, so that the Enter key works. */
export function ApplyButton() {
  return (
    <button type="submit" className={`${buttonStyle('secondary')} scripted:hidden`}>
      Apply
    </button>
  )
}
