import type { Metadata } from 'next'
import Link from 'next/link'
import { auth } from '../../../auth.ts'
import { ProfileForm } from '../../../components/profile/profile-form.tsx'
import { SessionFacts } from '../../../components/profile/session-facts.tsx'
import { SignOutButton } from '../../../components/session/sign-out-button.tsx'
import { PageHeader } from '../../../components/shell/page-header.tsx'
import { buttonStyle } from '../../../components/surface/button-style.ts'
import { Section } from '../../../components/surface/section.tsx'
import { ThemeChoice } from '../../../components/theme/theme-choice.tsx'

export const metadata: Metadata = { title: 'Profile' }

export default async function ProfilePage() {
  const principal = await auth.require({ returnTo: '/profile' })
  const user = await auth.user()
  return (
    <>
      <PageHeader title="Profile" note="Your account and this session." />
      <div className="space-y-6">
        <Section title="You">
          <ProfileForm name={user?.name ?? ''} email={user?.email ?? ''} />
        </Section>
        <Section title="Appearance" className="noscript:hidden">
          <div className="px-5 pb-5">
            <ThemeChoice />
          </div>
        </Section>
        <Section
          title="Role and session"
          action={
            <Link href="/profile/sessions" className={`${buttonStyle('quiet', 'small')} -mr-2.5`}>
              All your sessions
            </Link>
          }
        >
          <SessionFacts principal={principal} joinedAtMs={user?.createdAt ?? null} />
          <div className="flex flex-wrap items-center justify-between gap-4 border-line border-t px-5 py-4">
            <p className="min-w-0 flex-1 basis-64 text-pretty text-[0.8125rem] text-soft">
              When you sign out, this session ends. Tokens that were copied from this browser stop working.
            </p>
            <SignOutButton className={buttonStyle('secondary')} />
          </div>
        </Section>
      </div>
    </>
  )
}
