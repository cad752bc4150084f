import { headers } from 'next/headers'
import { type ReactNode, Suspense } from 'react'

/**
 * Shows `fallback` until `children` are there, where that helps: on the way from one page to another. A page that is loaded as
 * a document, or that renews itself after a filter has changed, comes whole. So it is complete without JavaScript, its status
 * tells the truth when the API fails, nothing shifts, and a changed filter keeps the old rows until it has the new ones.
 *
 * Stands below the page's own guard: once a fallback is out, the status is 200.
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
