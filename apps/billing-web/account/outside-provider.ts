/** A provider with which users can sign in. `name` is its name in the settings of the auth server, and `label` is what users see. */
export type OutsideProvider = { name: string; label: string }
