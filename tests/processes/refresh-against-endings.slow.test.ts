// The same tests with more cases.
import './refresh-against-endings.test.ts'
