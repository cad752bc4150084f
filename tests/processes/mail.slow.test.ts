// The same tests with more cases.
import './mail.test.ts'
