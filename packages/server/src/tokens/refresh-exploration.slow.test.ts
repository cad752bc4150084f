// The same exploration, wider.
import './refresh-exploration.test.ts'
