import { CalendarX2 } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { isDay } from '../../../billing/calendar.ts'
import { type Query, queryValue } from '../../../billing/query.ts'
import { EntryHeading } from '../../../components/entry/entry-heading.tsx'
import { buttonStyle } from '../../../components/surface/button-style.ts'
import { Day } from '../../../components/surface/day.tsx'

export const metadata: Metadata = { title: 'Your account will be deleted' }

export default async function DeletedPage({ searchParams }: { searchParams: Promise<Query> }) {
  const on = queryValue(await searchParams, 'on')
  return (
    <>
      <EntryHeading
        title="Your account will be deleted"
        note={
          <>
            You are signed out everywhere. Your account and its data will be deleted{' '}
            {isDay(on) ? (
              <>
                on <Day timeMs={Date.parse(on)} />
              </>
            ) : (
              'in 14 days'
            )}
            . To keep your account, sign in before then.
          </>
        }
        icon={<CalendarX2 />}
        takesFocus
      />
      <Link href="/login" className={`${buttonStyle('secondary', 'large')} w-full`}>
        Sign in and keep the account
      </Link>
    </>
  )
}
