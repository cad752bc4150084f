import { handlers } from '../../../auth'

export const { GET, HEAD, POST, PUT, PATCH, DELETE } = handlers
