import { print, say } from '../../terminal/print.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import type { Operator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'

export type Organization = NonNullable<Awaited<ReturnType<Operator['organizations']['find']>>>

/** Returns an organization. @throws Refusal if there is none with this id, slug or former slug. */
export async function requireOrganization(
  { organizations }: Pick<Operator, 'organizations'>,
  idOrSlug: string,
): Promise<Organization> {
  const organization = await organizations.find(idOrSlug)
  if (organization === null)
    throw new Refusal(`There is no organization ${idOrSlug}. See: sallyport organizations list`)
  return organization
}

/** Prints an organization as JSON or, without `json`, the given sentence. */
export function printOrganization(
  organization: Organization,
  { json, sentence }: { json?: boolean | undefined; sentence: string },
): Promise<void> {
  return json ? print(toJson(withIsoTimes(organization))) : say(sentence)
}
