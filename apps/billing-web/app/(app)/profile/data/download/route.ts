import { redirect } from 'next/navigation'
import { account } from '../../../../../auth.ts'

/**
 * Sends the user's data as a file. If the last confirmation of the password is too old, redirects to the page that asks for the password.
 */
export async function GET(): Promise<Response> {
  const answer = await account.data()
  if (!answer.ok) redirect('/profile/data')
  return Response.json(answer.data, {
    headers: {
      'content-disposition': 'attachment; filename="ledgerline-my-data.json"',
      'cache-control': 'private, no-store',
    },
  })
}
