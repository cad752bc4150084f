// The same tests with more cases.
import './refresh.test.ts'
