import { handlers } from '../../../auth.ts'

export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers
