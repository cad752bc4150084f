import { SessionProvider } from '@sallyport/next/client'
import type { User } from '@sallyport/next/server'
import { unstable_rethrow } from 'next/navigation'
import type { ReactNode } from 'react'
import { asksToVerifyEmail } from '../../account/asks-to-verify-email.ts'
import { auth } from '../../auth.ts'
import { SessionGate } from '../../components/session/session-gate.tsx'
import { SignOutButton } from '../../components/session/sign-out-button.tsx'
import { AppShell } from '../../components/shell/app-shell.tsx'
import { UnverifiedAddress } from '../../components/shell/unverified-address.tsx'
import { UserMenu } from '../../components/shell/user-menu.tsx'

// The layout does not check access. Each page checks access itself, because a layout does not run again when the page below it changes.
export default async function AppLayout({ children }: { children: ReactNode }) {
  const principal = await auth()
  if (principal === null) return children
  const user = await findUser()
  return (
    <SessionProvider initial={principal}>
      <SessionGate>
        <AppShell
          userMenu={
            <UserMenu
              name={user?.name ?? 'Your account'}
              email={user?.email ?? null}
              role={principal.roles.join(', ')}
              signOut={
                <SignOutButton className="flex h-9 w-full items-center gap-2.5 rounded-lg px-2.5 text-left hover:bg-sunken [&_svg]:text-soft" />
              }
            />
          }
        >
          {user?.emailVerified === false && asksToVerifyEmail() && <UnverifiedAddress />}
          {children}
        </AppShell>
      </SessionGate>
    </SessionProvider>
  )
}

// If the auth server does not respond, the page is shown without the user's name.
async function findUser(): Promise<User | null> {
  try {
    return await auth.user()
  } catch (error) {
    unstable_rethrow(error)
    return null
  }
}
