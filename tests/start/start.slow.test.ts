// The same tests, and `npm run start:postgres`.
import './start.test.ts'
