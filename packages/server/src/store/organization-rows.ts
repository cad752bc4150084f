/** A customer of the product, with members who have roles in it. */
export type OrganizationRow = {
  id: string
  /** The name in addresses, unique. */
  slug: string
  name: string
  /** Increases when the organization is deleted or demands more of sessions. Tokens with a lower version are refused. */
  version: number
  /** 1 if a member's session must have two factors. */
  demandsSecondFactor: number
  /** The longest time since the member's last authentication, in seconds. Null if there is no limit. */
  demandsAgeSeconds: number | null
  createdAt: number
  updatedAt: number
  /** When the organization will be deleted. Null if nobody has requested this. */
  deleteAt: number | null
}

/** A former address of an organization. It leads to the organization, and no other organization can have it. */
export type FormerSlugRow = { slug: string; organizationId: string; createdAt: number }

/** A user is a member of an organization, with these roles (JSON). */
export type MembershipRow = {
  organizationId: string
  userId: string
  roles: string
  /** 1 if the roles contain that of the owner. */
  isOwner: number
  createdAt: number
  updatedAt: number
}

/** An invitation that nobody has accepted. The row is deleted when it is accepted or revoked. */
export type InvitationRow = {
  id: string
  organizationId: string
  /** The address to which it was sent. Only a user with this verified address can accept it. */
  email: string
  roles: string
  /** SHA-256 of the secret in the link, base64url. */
  hash: string
  /** The member who invites. If they may no longer grant the roles, the invitation is of no use. */
  invitedBy: string
  createdAt: number
  sentAt: number
  expiresAt: number
}
