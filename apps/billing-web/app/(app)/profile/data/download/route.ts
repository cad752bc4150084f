import { redirect } from 'next/navigation'
import { account } from '../../../../../auth.ts'

/** The person's data as a file. Where their last proof is too old, the page that asks for the password. */
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
