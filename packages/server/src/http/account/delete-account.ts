import type { endpoints } from '@sallyport/protocol/endpoints'
import { askForDeletion } from '../../flows/account/delete-account.ts'
import { privateJson, withClearedCookies } from '../answers.ts'
import type { Handler } from '../handler.ts'

export const deleteAccountHandler: Handler<typeof endpoints.deleteAccount> = async (input, context) => {
  const { authenticated, body, source } = input
  const deleteAt = await askForDeletion(context, authenticated, body.password, source)
  return withClearedCookies(privateJson({ deleteAt }, 202), input)
}
