import type { Metadata } from 'next'
import { auth } from '../../../../auth.ts'
import { needsCode, ownProofs } from '../../../../components/form/confirm-identity.ts'
import { PasswordForm } from '../../../../components/profile/password-form.tsx'
import { SetPassword } from '../../../../components/profile/set-password.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { Section } from '../../../../components/surface/section.tsx'

export const metadata: Metadata = { title: 'Password' }

export default async function PasswordPage() {
  await auth.require({ returnTo: '/profile/password' })
  const [user, { hasPassword }] = await Promise.all([auth.user(), ownProofs()])
  if (!hasPassword)
    return (
      <>
        <PageHeader
          title="Password"
          note="You have no password. You need one only if you want to sign in with it."
        />
        <Section title="Set a password">
          <div className="px-5 pb-5">
            <SetPassword email={user?.email ?? ''} />
          </div>
        </Section>
      </>
    )
  return (
    <>
      <PageHeader
        title="Password"
        note="Change your password if somebody else may know it. You do not need to change it regularly."
      />
      <Section title="New password">
        <PasswordForm email={user?.email ?? ''} name={user?.name ?? ''} asksCode={await needsCode()} />
      </Section>
    </>
  )
}
