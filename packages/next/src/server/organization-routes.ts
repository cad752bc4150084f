import { problemResponse } from '@sallyport/protocol'
import { type Endpoint, organizationEndpoints } from '@sallyport/protocol/endpoints'
import type { Sent } from '../session/auth-server-client.ts'
import { callAboutOrganization, type OrganizationEndpointName } from '../session/own-organizations.ts'
import { answerOf, refusal } from './answers.ts'
import type { BrowserRoute, Methods } from './browser-routes.ts'
import { answerAsUser, type Incoming, withBody } from './incoming.ts'

type Name = keyof typeof organizationEndpoints

/** Each endpoint for organizations, with an expression that matches its path. The groups are the parameters. */
const rows = (Object.entries(organizationEndpoints) as [Name, Endpoint][]).map(([name, row]) => ({
  name,
  row,
  expression: new RegExp(`^${row.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`),
}))

/** Finds the methods of a path for organizations. They are the same paths as at the auth server. */
export function organizationRouteAt(pathname: string): Methods | undefined {
  const methods: Methods = {}
  for (const { name, row, expression } of rows) {
    const found = expression.exec(pathname)
    if (found !== null) methods[row.method] = routeOf(name, row, { ...found.groups })
  }
  return Object.keys(methods).length === 0 ? undefined : methods
}

function routeOf(name: Name, row: Endpoint, parameters: Record<string, string>): BrowserRoute {
  return (incoming) => {
    const query = queryOf(incoming, row)
    if (query === null)
      return Promise.resolve(
        problemResponse('invalid_request', {
          detail: 'The query has an unknown parameter, or the same one twice.',
        }),
      )
    const send = (json?: string) =>
      answer(incoming, name, row, { parameters, query, ...(json !== undefined && { json }) })
    return row.request ? withBody(incoming, send) : send()
  }
}

async function answer(
  incoming: Incoming,
  name: Name,
  row: Endpoint,
  sent: Pick<Sent, 'json' | 'parameters' | 'query'>,
): Promise<Response> {
  if (row.access === 'user')
    return answerAsUser(
      incoming,
      (own) => callAboutOrganization(own, name as OrganizationEndpointName, sent),
      (body) => answerOf(row, body as { ok: true }),
    )
  const { runtime, browser } = incoming
  const body = await runtime.authServer.call(name, sent, browser)
  return body.ok ? answerOf(row, body) : refusal(body)
}

/** Returns the query, or null if a parameter is unknown or repeated. Otherwise it would be lost without notice. */
function queryOf({ request }: Incoming, row: Endpoint): Record<string, string> | null {
  const sent = [...new URL(request.url).searchParams]
  const query = Object.fromEntries(sent)
  const isKnown = sent.every(([name]) => Object.hasOwn(row.query ?? {}, name))
  return isKnown && Object.keys(query).length === sent.length ? query : null
}
