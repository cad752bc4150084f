import { headers } from 'next/headers'
import { type ReactNode, Suspense } from 'react'

/**
 * Shows `fallback` until `children` are loaded, but only after a client-side navigation from another page. In two other cases the page is
 * sent in one part: after a full page load, and after a filter has changed. So the page is complete without JavaScript, its status is
 * correct if the API fails, and nothing moves. After a filter has changed, the old rows stay until the new ones are loaded.
 *
 * Call the page's own guard before you render this component. When the fallback is shown, the status 200 has already been sent.
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
