import { endpoints } from '@sallyport/protocol/endpoints'
import { downloadData } from '../../flows/account/own-data.ts'
import { describeActivity } from '../../services/audit-log.ts'
import type { Handler } from '../handler.ts'

export const listActivityHandler: Handler<typeof endpoints.listActivity> = async (
  { authenticated, source },
  context,
) => ({ activity: await describeActivity(context, authenticated.user.id, source) })

export const downloadDataHandler: Handler<typeof endpoints.downloadData> = async (
  { authenticated, source },
  context,
) =>
  // The flow writes the JSON itself, in pieces.
  new Response(await downloadData(context, authenticated, source), {
    headers: {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${endpoints.downloadData.answers[200].fileName}"`,
      'cache-control': 'private, no-store',
    },
  })
