import type { endpoints } from '@sallyport/protocol/endpoints'
import { listOrganizationActivity } from '../../flows/organization/activity.ts'
import {
  askToDeleteOrganization,
  createOrganization,
  keepOrganization,
  listOwnOrganizations,
  readOrganization,
  updateOrganization,
} from '../../flows/organization/organizations.ts'
import { tradeToken } from '../../flows/organization/trade-token.ts'
import type { Handler } from '../handler.ts'

export const listOrganizationsHandler: Handler<typeof endpoints.listOrganizations> = (
  { authenticated, query, source },
  context,
) => listOwnOrganizations(context, authenticated, query.after, source)

export const createOrganizationHandler: Handler<typeof endpoints.createOrganization> = async (
  { authenticated, body, source },
  context,
) => ({ organization: await createOrganization(context, authenticated, body, source) })

export const readOrganizationHandler: Handler<typeof endpoints.readOrganization> = async (
  { authenticated, parameters },
  context,
) => ({ organization: await readOrganization(context, authenticated, parameters.organization ?? '') })

export const updateOrganizationHandler: Handler<typeof endpoints.updateOrganization> = async (
  { authenticated, body, parameters, source },
  context,
) => ({
  organization: await updateOrganization(context, authenticated, parameters.organization ?? '', body, source),
})

export const deleteOrganizationHandler: Handler<typeof endpoints.deleteOrganization> = async (
  { authenticated, parameters, source },
  context,
) => ({
  deleteAt: await askToDeleteOrganization(context, authenticated, parameters.organization ?? '', source),
})

export const keepOrganizationHandler: Handler<typeof endpoints.keepOrganization> = async (
  { authenticated, parameters, source },
  context,
) => ({ organization: await keepOrganization(context, authenticated, parameters.organization ?? '', source) })

export const listOrganizationActivityHandler: Handler<typeof endpoints.listOrganizationActivity> = (
  { authenticated, parameters, query, source },
  context,
) => listOrganizationActivity(context, authenticated, parameters.organization ?? '', query.after, source)

export const tradeTokenHandler: Handler<typeof endpoints.tradeToken> = ({ body }, context) =>
  tradeToken(context, body)
