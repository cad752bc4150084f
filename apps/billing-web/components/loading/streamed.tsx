import { headers } from 'next/headers'
import { type ReactNode, Suspense } from 'react'

/**
 * Shows `fallback` until `children` are loaded, but only for a navigation from one page to another. A full page load, and an
 * update after a filter has changed, are sent in one part. So the page is complete without JavaScript, its status is right
 * when the API fails, nothing moves, and a changed filter keeps the old rows until the new ones are loaded.
 *
 * Use it below the page's own guard: when a fallback was sent, the status is 200.
 */
export async function Streamed(props: { path: string; fallback: ReactNode; children: ReactNode }) {
  const requestHeaders = await headers()
  const isSoftNavigation = requestHeaders.get('sec-fetch-dest') === 'empty'
  if (!isSoftNavigation || pathOf(requestHeaders.get('referer')) === props.path) return props.children
  return <Suspense fallback={props.fallback}>{props.children}</Suspense>
}

function pathOf(address: string | null): string | null {
  return address !== null && URL.canParse(address) ? new URL(address).pathname : null
}
