import { LogOut } from 'lucide-react'
import { signOutAndLeave } from './actions.ts'

/** The button that signs the user out. It is in a form, so that it works before scripts have loaded. */
export function SignOutButton({ className }: { className: string }) {
  return (
    <form action={signOutAndLeave}>
      <button type="submit" className={className}>
        <LogOut aria-hidden className="size-4" />
        Sign out
      </button>
    </form>
  )
}
